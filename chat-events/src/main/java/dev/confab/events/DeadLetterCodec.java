package dev.confab.events;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * The codec of dead letters: a JSON object, in base64, so that SQS takes any bytes that it quotes.
 * {@code docs/dead-letter.schema.json} is the JSON in JSON Schema.
 */
public final class DeadLetterCodec {
  private static final int VERSION = 1;

  /** SQS takes no larger message. */
  private static final int MAX_BYTES = 1024 * 1024;

  private DeadLetterCodec() {}

  /** The body of an SQS message. */
  public static String encode(DeadLetter letter) {
    return Base64.getEncoder().encodeToString(toJson(letter).getBytes(StandardCharsets.UTF_8));
  }

  /** The JSON inside. */
  public static String toJson(DeadLetter letter) {
    return JsonText.object(
        json -> {
          json.writeNumberField("v", VERSION);
          switch (letter) {
            case DeadLetter.RecordLetter record -> {
              json.writeStringField("stage", "persist");
              writeFailure(json, record.failure());
              writeRecord(json, record);
            }
            case DeadLetter.PushLetter push -> {
              json.writeStringField("stage", "fanout");
              writeFailure(json, push.failure());
              json.writeStringField("shardId", push.shardId());
              json.writeStringField("chatId", push.chatId().value());
              ChatEvents.writeStrings(json, "positions", push.positions(), Position::value);
              ChatEvents.writeStrings(
                  json, "connectionIds", push.connectionIds(), ConnectionId::value);
            }
          }
          json.writeNumberField("replayCount", letter.replayCount());
        });
  }

  private static void writeFailure(JsonGenerator json, DeadLetter.Failure failure)
      throws IOException {
    json.writeStringField("errorClass", failure.errorClass());
    json.writeStringField("errorText", failure.errorText());
    json.writeNumberField("attempts", failure.attempts());
    json.writeStringField("firstFailedAt", Timestamps.format(failure.firstFailedAt()));
    json.writeStringField("lastFailedAt", Timestamps.format(failure.lastFailedAt()));
  }

  private static void writeRecord(JsonGenerator json, DeadLetter.RecordLetter record)
      throws IOException {
    json.writeStringField("shardId", record.shardId());
    json.writeStringField("sequenceNumber", record.position().sequenceNumber());
    json.writeNumberField("subSequenceNumber", record.position().subSequenceNumber());
    json.writeStringField("position", record.position().value());
    json.writeStringField("partitionKey", record.partitionKey());
    ChatId chatId = record.chatId();
    JsonText.optional(json, "chatId", chatId == null ? null : chatId.value());
    JsonText.optional(json, "traceId", record.traceId());
    switch (record.payload()) {
      case DeadLetter.Inline inline -> json.writeStringField("data", inline.data().base64());
      case DeadLetter.Pointer pointer -> {
        json.writeStringField("sha256", pointer.sha256());
        json.writeNumberField("bytes", pointer.bytes());
      }
    }
  }

  /**
   * Reads the body of an SQS message.
   *
   * @throws InvalidJsonException if it is no dead letter of ours
   */
  public static DeadLetter decode(String body) throws InvalidJsonException {
    try {
      return read(JsonObject.parse(Base64.getDecoder().decode(body.strip()), MAX_BYTES));
    } catch (IllegalArgumentException notBase64) {
      throw new InvalidJsonException("not base64", notBase64);
    }
  }

  /**
   * Reads the JSON inside.
   *
   * @throws InvalidJsonException if it is no dead letter of ours
   */
  public static DeadLetter fromJson(String text) throws InvalidJsonException {
    return read(JsonObject.parse(text, MAX_BYTES));
  }

  private static DeadLetter read(JsonObject json) throws InvalidJsonException {
    if (json.integer("v") != VERSION) {
      throw new InvalidJsonException("v must be " + VERSION);
    }
    try {
      DeadLetter.Failure failure =
          new DeadLetter.Failure(
              json.string("errorClass"),
              json.string("errorText"),
              json.count("attempts"),
              json.parsed("firstFailedAt", Timestamps::parse),
              json.parsed("lastFailedAt", Timestamps::parse));
      return switch (json.string("stage")) {
        case "persist" -> readRecord(json, failure);
        case "fanout" ->
            new DeadLetter.PushLetter(
                failure,
                json.string("shardId"),
                json.parsed("chatId", ChatId::new),
                json.parsedList("positions", Position::parse),
                json.parsedList("connectionIds", ConnectionId::new),
                json.count("replayCount"));
        default -> throw new InvalidJsonException("stage must be persist or fanout");
      };
    } catch (IllegalArgumentException outOfRange) {
      throw new InvalidJsonException(String.valueOf(outOfRange.getMessage()), outOfRange);
    }
  }

  private static DeadLetter readRecord(JsonObject json, DeadLetter.Failure failure)
      throws InvalidJsonException {
    DeadLetter.Payload payload =
        json.has("data")
            ? new DeadLetter.Inline(json.parsed("data", Bytes::ofBase64))
            : new DeadLetter.Pointer(json.string("sha256"), json.integer("bytes"));
    return new DeadLetter.RecordLetter(
        failure,
        json.string("shardId"),
        json.parsed("position", Position::parse),
        json.string("partitionKey"),
        json.optionalParsed("chatId", ChatId::new),
        json.optionalString("traceId"),
        json.count("replayCount"),
        payload);
  }
}
