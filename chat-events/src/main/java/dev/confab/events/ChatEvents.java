package dev.confab.events;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The codec of what lies on the stream: UTF-8 JSON, one object a record. {@code
 * docs/stream-record.schema.json} is the same in JSON Schema, and golden files pin it.
 */
public final class ChatEvents {
  private static final int VERSION = 1;

  /** A replay carries a whole event in base64, a third larger, and a little beside it. */
  private static final int MAX_REPLAY_BYTES = ChatEvent.MAX_EVENT_BYTES / 3 * 4 + 4096;

  private ChatEvents() {}

  /** The record's data for an event; its partition key is the chat's id. */
  public static byte[] encode(ChatEvent event) {
    return JsonText.object(
            json -> {
              json.writeNumberField("v", VERSION);
              json.writeStringField("type", typeOf(event));
              json.writeStringField("chatId", event.chatId().value());
              writeFields(json, event);
            })
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String typeOf(ChatEvent event) {
    return switch (event) {
      case ChatEvent.MessageSent _ -> "message";
      case ChatEvent.Subscribed _ -> "subscribed";
      case ChatEvent.Unsubscribed _ -> "unsubscribed";
      case ChatEvent.MemberRemoved _ -> "member-removed";
      case ChatEvent.Repaired _ -> "repaired";
      case ChatEvent.Replay _ -> "replay";
      case ChatEvent.PushReplay _ -> "push-replay";
      case ChatEvent.Reserved reserved -> reserved.type();
    };
  }

  private static void writeFields(JsonGenerator json, ChatEvent event) throws IOException {
    switch (event) {
      case ChatEvent.MessageSent sent -> {
        json.writeStringField("senderId", sent.senderId().value());
        json.writeStringField("clientMessageId", sent.clientMessageId().value());
        json.writeStringField("text", sent.text());
        json.writeBooleanField("resend", sent.resend());
        json.writeStringField("sentAt", Timestamps.format(sent.sentAt()));
        JsonText.optional(json, "traceId", sent.traceId());
      }
      case ChatEvent.Subscribed subscribed -> {
        json.writeStringField("userId", subscribed.userId().value());
        json.writeStringField("connectionId", subscribed.connectionId().value());
        json.writeNumberField("generation", subscribed.generation());
        json.writeStringField("expiresAt", Timestamps.format(subscribed.expiresAt()));
        JsonText.optional(json, "requestId", subscribed.requestId());
        json.writeStringField("sentAt", Timestamps.format(subscribed.sentAt()));
        JsonText.optional(json, "traceId", subscribed.traceId());
      }
      case ChatEvent.Unsubscribed unsubscribed -> {
        json.writeStringField("userId", unsubscribed.userId().value());
        json.writeStringField("connectionId", unsubscribed.connectionId().value());
        json.writeStringField("sentAt", Timestamps.format(unsubscribed.sentAt()));
        JsonText.optional(json, "traceId", unsubscribed.traceId());
      }
      case ChatEvent.MemberRemoved removed -> {
        json.writeStringField("userId", removed.userId().value());
        json.writeNumberField("generation", removed.generation());
        json.writeStringField("reason", removed.reason().wire());
        json.writeStringField("sentAt", Timestamps.format(removed.sentAt()));
        JsonText.optional(json, "traceId", removed.traceId());
      }
      case ChatEvent.Repaired repaired ->
          json.writeStringField("position", repaired.position().value());
      case ChatEvent.Replay replay -> {
        json.writeStringField("position", replay.position().value());
        json.writeNumberField("replayCount", replay.replayCount());
        json.writeStringField("data", replay.data().base64());
      }
      case ChatEvent.PushReplay replay -> {
        writeStrings(json, "positions", replay.positions(), Position::value);
        writeStrings(json, "connectionIds", replay.connectionIds(), ConnectionId::value);
        json.writeNumberField("replayCount", replay.replayCount());
      }
      case ChatEvent.Reserved _ -> {} // says nothing but its type yet
    }
  }

  static <T> void writeStrings(
      JsonGenerator json, String name, List<T> values, Function<T, String> form)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (T value : values) {
      json.writeString(form.apply(value));
    }
    json.writeEndArray();
  }

  /**
   * Reads a record. Any bytes give an answer; nothing is thrown for what they hold.
   *
   * @param partitionKey the record's; one that isn't the event's chat is refused, since another
   *     shard would order it
   */
  public static Decoded decode(String partitionKey, byte[] data) {
    JsonObject json;
    try {
      json = JsonObject.parse(data, MAX_REPLAY_BYTES);
    } catch (InvalidJsonException notJson) {
      return new Decoded.Malformed(reasonOf(notJson), null);
    }
    try {
      return read(partitionKey, json, data.length);
    } catch (InvalidJsonException notAnEvent) {
      return new Decoded.Malformed(reasonOf(notAnEvent), claimOf(partitionKey, json));
    } catch (IllegalArgumentException outOfRange) {
      return new Decoded.Malformed(reasonOf(outOfRange), claimOf(partitionKey, json));
    }
  }

  private static Decoded read(String partitionKey, JsonObject json, int bytes)
      throws InvalidJsonException {
    long version = json.integer("v");
    if (version != VERSION) {
      throw new InvalidJsonException("v must be " + VERSION);
    }
    String type = json.string("type");
    if (bytes > ChatEvent.MAX_EVENT_BYTES && !type.equals("replay")) {
      throw new InvalidJsonException("larger than " + ChatEvent.MAX_EVENT_BYTES + " bytes");
    }
    ChatId chatId = json.parsed("chatId", ChatId::new);
    if (!chatId.value().equals(partitionKey)) {
      throw new InvalidJsonException("the partition key is not the chatId");
    }
    return switch (type) {
      case "message" -> new Decoded.Event(message(chatId, json));
      case "subscribed" -> new Decoded.Event(subscribed(chatId, json));
      case "unsubscribed" -> new Decoded.Event(unsubscribed(chatId, json));
      case "member-removed" -> new Decoded.Event(memberRemoved(chatId, json));
      case "repaired" ->
          new Decoded.Event(
              new ChatEvent.Repaired(chatId, json.parsed("position", Position::parse)));
      case "replay" -> new Decoded.Event(replay(chatId, json));
      case "push-replay" -> new Decoded.Event(pushReplay(chatId, json));
      case "message-deleted", "typing" -> new Decoded.Event(new ChatEvent.Reserved(chatId, type));
      default -> new Decoded.UnknownType(type);
    };
  }

  private static ChatEvent message(ChatId chatId, JsonObject json) throws InvalidJsonException {
    return new ChatEvent.MessageSent(
        chatId,
        json.parsed("senderId", UserId::new),
        json.parsed("clientMessageId", ClientMessageId::new),
        json.string("text"),
        json.flag("resend"),
        json.parsed("sentAt", Timestamps::parse),
        json.optionalString("traceId"));
  }

  private static ChatEvent subscribed(ChatId chatId, JsonObject json) throws InvalidJsonException {
    return new ChatEvent.Subscribed(
        chatId,
        json.parsed("userId", UserId::new),
        json.parsed("connectionId", ConnectionId::new),
        json.integer("generation"),
        json.parsed("expiresAt", Timestamps::parse),
        json.optionalString("requestId"),
        json.parsed("sentAt", Timestamps::parse),
        json.optionalString("traceId"));
  }

  private static ChatEvent unsubscribed(ChatId chatId, JsonObject json)
      throws InvalidJsonException {
    return new ChatEvent.Unsubscribed(
        chatId,
        json.parsed("userId", UserId::new),
        json.parsed("connectionId", ConnectionId::new),
        json.parsed("sentAt", Timestamps::parse),
        json.optionalString("traceId"));
  }

  private static ChatEvent memberRemoved(ChatId chatId, JsonObject json)
      throws InvalidJsonException {
    return new ChatEvent.MemberRemoved(
        chatId,
        json.parsed("userId", UserId::new),
        json.integer("generation"),
        json.parsed("reason", EndReason::parse),
        json.parsed("sentAt", Timestamps::parse),
        json.optionalString("traceId"));
  }

  private static ChatEvent replay(ChatId chatId, JsonObject json) throws InvalidJsonException {
    return new ChatEvent.Replay(
        chatId,
        json.parsed("position", Position::parse),
        json.count("replayCount"),
        json.parsed("data", Bytes::ofBase64));
  }

  private static ChatEvent pushReplay(ChatId chatId, JsonObject json) throws InvalidJsonException {
    return new ChatEvent.PushReplay(
        chatId,
        json.parsedList("positions", Position::parse),
        json.parsedList("connectionIds", ConnectionId::new),
        json.count("replayCount"));
  }

  private static Decoded.@Nullable MessageClaim claimOf(String partitionKey, JsonObject json) {
    try {
      ChatId chatId = json.parsed("chatId", ChatId::new);
      boolean isMessage = "message".equals(json.optionalString("type"));
      if (!isMessage || !chatId.value().equals(partitionKey)) {
        return null;
      }
      return new Decoded.MessageClaim(
          chatId,
          validOrNull(json, "senderId", UserId::new),
          validOrNull(json, "clientMessageId", ClientMessageId::new));
    } catch (InvalidJsonException noSuchClaim) {
      return null;
    }
  }

  private static <T> @Nullable T validOrNull(
      JsonObject json, String name, Function<String, T> form) {
    try {
      return json.optionalParsed(name, form);
    } catch (InvalidJsonException notValid) {
      return null;
    }
  }

  private static String reasonOf(Exception refused) {
    String reason = refused.getMessage();
    return reason == null ? refused.getClass().getSimpleName() : reason;
  }
}
