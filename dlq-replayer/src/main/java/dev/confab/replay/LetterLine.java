package dev.confab.replay;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.DeadLetter;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.JsonText;
import dev.confab.events.Timestamps;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A letter as one line of JSON in a file: what export and discard write and import reads. {@code
 * body} is the queue's message, byte for byte; {@code record} is the record that the letter is
 * about in the plainest form it has, for an editor or jq. All else is for people.
 */
final class LetterLine {
  private static final int VERSION = 1;

  private LetterLine() {}

  /** What a line asks for. */
  sealed interface Wanted {}

  /** The letter is as it was: it can go back into its queue. */
  record Unedited(Stage stage, String body) implements Wanted {}

  /** Its record was edited: a new message. */
  record Edited(Stage stage, DeadLetter.RecordLetter letter, ChatEvent.MessageSent message)
      implements Wanted {}

  /**
   * The line of a letter.
   *
   * @param payload the record, where the letter is about one
   */
  static String write(Received received, Payloads.@Nullable Payload payload) {
    return JsonText.object(
        json -> {
          json.writeNumberField("v", VERSION);
          json.writeStringField("stage", received.queue().stage().word());
          json.writeStringField("queue", received.queue().name());
          json.writeStringField("messageId", received.message().id());
          json.writeStringField("sentAt", Timestamps.format(received.message().sentAt()));
          switch (received.content()) {
            case Received.NotOurs(String reason) -> json.writeStringField("notOurs", reason);
            case Received.Ours(DeadLetter letter) -> {
              LetterFields.write(json, letter);
              writeRecord(json, letter, payload);
            }
          }
          json.writeStringField("body", received.message().body());
        });
  }

  private static void writeRecord(
      JsonGenerator json, DeadLetter letter, Payloads.@Nullable Payload payload)
      throws IOException {
    switch (payload) {
      case null -> {} // a push letter has none
      case Payloads.Lost(String reason) -> json.writeStringField("unrecoverable", reason);
      case Payloads.Whole(Bytes data) -> {
        Object record = plain(data);
        if (record != null) {
          json.writeFieldName("record");
          Json.write(json, record);
        }
        boolean isInBody =
            letter instanceof DeadLetter.RecordLetter r && r.payload() instanceof DeadLetter.Inline;
        if (!isInBody) {
          json.writeStringField("data", data.base64());
        }
      }
    }
  }

  /**
   * A record in its plainest form: the fields of a JSON object, else text, else null for bytes that
   * are no text.
   */
  static @Nullable Object plain(Bytes data) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data.toArray())).toString();
    } catch (CharacterCodingException notText) {
      return null;
    }
    try {
      return Json.parse(text) instanceof Map<?, ?> fields ? fields : text;
    } catch (InvalidJsonException plainText) {
      return text;
    }
  }

  /**
   * Reads a line.
   *
   * @param now the time of messages that name none
   * @throws InvalidJsonException if nothing can be done with it; the message is for the operator
   */
  static Wanted read(String line, Instant now) throws InvalidJsonException {
    Map<String, @Nullable Object> fields = fields(Json.parse(line), "the line");
    if (!(fields.get("v") instanceof BigDecimal v
        && v.compareTo(BigDecimal.valueOf(VERSION)) == 0)) {
      throw new InvalidJsonException("v must be " + VERSION + ": is this a line of an export?");
    }
    Stage stage = stage(fields.get("stage"));
    if (!(fields.get("body") instanceof String body)) {
      throw new InvalidJsonException("body is missing: keep it as it was exported");
    }
    if (!(Received.content(body) instanceof Received.Ours(DeadLetter letter))) {
      throw new InvalidJsonException("body is no letter of ours: keep it as it was exported");
    }
    Object record = fields.get("record");
    if (record == null || !(letter instanceof DeadLetter.RecordLetter about)) {
      return new Unedited(stage, body);
    }
    Bytes data = original(about, fields.get("data"));
    Object original = data == null ? null : plain(data);
    if (Objects.equals(record, original)) {
      return new Unedited(stage, body);
    }
    Map<String, @Nullable Object> before =
        fields(original instanceof Map<?, ?> ? original : Map.of(), "record");
    Object after = record instanceof String text ? Json.parse(text) : record;
    return new Edited(
        stage, about, NewMessages.edited(about, before, fields(after, "record"), now));
  }

  private static Stage stage(@Nullable Object word) throws InvalidJsonException {
    return Arrays.stream(Stage.values())
        .filter(stage -> stage.word().equals(word))
        .findFirst()
        .orElseThrow(() -> new InvalidJsonException("stage must be persist or fanout"));
  }

  /** The record as it was; null where the stream no longer had it when it was exported. */
  private static @Nullable Bytes original(DeadLetter.RecordLetter letter, @Nullable Object data)
      throws InvalidJsonException {
    if (letter.payload() instanceof DeadLetter.Inline(Bytes inline)) {
      return inline;
    }
    try {
      return data instanceof String base64 ? Bytes.ofBase64(base64) : null;
    } catch (IllegalArgumentException notBase64) {
      throw new InvalidJsonException("data is no base64: keep it as it was exported", notBase64);
    }
  }

  private static Map<String, @Nullable Object> fields(@Nullable Object value, String what)
      throws InvalidJsonException {
    if (!(value instanceof Map<?, ?> map)) {
      throw new InvalidJsonException(what + " must be a JSON object");
    }
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    map.forEach((name, field) -> fields.put(String.valueOf(name), field));
    return fields;
  }
}
