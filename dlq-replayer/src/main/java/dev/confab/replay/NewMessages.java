package dev.confab.replay;

import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.DeadLetter;
import dev.confab.events.Decoded;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.Timestamps;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Messages that get a position of their own: they were never sent as they now read. All are marked
 * {@code resend}, which lets persist drop the second where a command was killed and run again.
 */
final class NewMessages {
  /** So that people see where a clientMessageId comes from; 64 characters are allowed. */
  private static final String ID_PREFIX = "edited-";

  private static final int ID_HASH_DIGITS = 40;

  private NewMessages() {}

  /** The message of a record that lay in the wrong place. Nobody was shown it: it keeps its id. */
  static ChatEvent.MessageSent again(ChatEvent.MessageSent message) {
    return new ChatEvent.MessageSent(
        message.chatId(),
        message.senderId(),
        message.clientMessageId(),
        message.text(),
        true,
        message.sentAt(),
        message.traceId());
  }

  /**
   * The message that an operator made of a letter's record. {@code v}, {@code type} and {@code
   * sentAt} may be absent. A {@code clientMessageId} that is absent, or still that of the record,
   * becomes a new one: clients show the record's place under the old one and drop a second. The new
   * one depends on nothing but the letter and the edit, so that importing twice posts once.
   *
   * @param edited the fields of the record as they now read
   * @param original the fields as they were; empty where it was no JSON object
   * @throws InvalidJsonException if no message comes of it; the message is for the operator
   */
  static ChatEvent.MessageSent edited(
      DeadLetter.RecordLetter letter,
      Map<String, @Nullable Object> original,
      Map<String, @Nullable Object> edited,
      Instant now)
      throws InvalidJsonException {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("v", BigDecimal.ONE);
    fields.put("type", "message");
    fields.put("sentAt", Timestamps.format(now));
    fields.putAll(edited);
    fields.put("resend", true);
    Object id = fields.get("clientMessageId");
    if (id == null || Objects.equals(id, original.get("clientMessageId"))) {
      fields.put("clientMessageId", idOf(letter, edited));
    }
    if (!(fields.get("chatId") instanceof String chat)) {
      throw new InvalidJsonException("chatId is missing or no string");
    }
    byte[] data = Json.text(fields).getBytes(StandardCharsets.UTF_8);
    return switch (ChatEvents.decode(chat, data)) {
      case Decoded.Event(ChatEvent.MessageSent message) -> message;
      case Decoded.Event(ChatEvent _) -> throw new InvalidJsonException("type must be message");
      case Decoded.UnknownType(String _) -> throw new InvalidJsonException("type must be message");
      case Decoded.Malformed(String reason, var _) -> throw new InvalidJsonException(reason);
    };
  }

  private static String idOf(DeadLetter.RecordLetter letter, Map<String, @Nullable Object> edited) {
    String whole =
        letter.position().value() + "\n" + letter.partitionKey() + "\n" + Json.text(edited);
    String hash = Payloads.sha256(Bytes.of(whole.getBytes(StandardCharsets.UTF_8)));
    return ID_PREFIX + hash.substring(0, ID_HASH_DIGITS);
  }
}
