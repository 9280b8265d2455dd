package dev.confab.replay;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.DeadLetter;
import dev.confab.events.Position;
import dev.confab.events.Timestamps;
import java.io.IOException;
import java.util.Comparator;

/** What a letter says of itself, without its record. Holds no text of a message. */
final class LetterFields {

  /** A chat's letters in the order of their positions; letters without a chat first. */
  static final Comparator<Received> BY_CHAT_AND_POSITION =
      Comparator.comparing((Received received) -> chat(received))
          .thenComparing(received -> position(received));

  private LetterFields() {}

  static void write(JsonGenerator json, DeadLetter letter) throws IOException {
    ChatId chat = Filter.chatOf(letter);
    if (chat != null) {
      json.writeStringField("chatId", chat.value());
    }
    DeadLetter.Failure failure = letter.failure();
    json.writeStringField("errorClass", failure.errorClass());
    json.writeStringField("errorText", failure.errorText());
    json.writeNumberField("attempts", failure.attempts());
    json.writeStringField("firstFailedAt", Timestamps.format(failure.firstFailedAt()));
    json.writeStringField("lastFailedAt", Timestamps.format(failure.lastFailedAt()));
    json.writeNumberField("replayCount", letter.replayCount());
    switch (letter) {
      case DeadLetter.RecordLetter record -> {
        json.writeStringField("shardId", record.shardId());
        json.writeStringField("position", record.position().value());
        json.writeStringField("partitionKey", record.partitionKey());
      }
      case DeadLetter.PushLetter push -> {
        json.writeStringField("shardId", push.shardId());
        json.writeArrayFieldStart("positions");
        for (Position position : push.positions()) {
          json.writeString(position.value());
        }
        json.writeEndArray();
        json.writeArrayFieldStart("connectionIds");
        for (ConnectionId connection : push.connectionIds()) {
          json.writeString(connection.value());
        }
        json.writeEndArray();
      }
    }
  }

  private static String chat(Received received) {
    if (received.content() instanceof Received.Ours(DeadLetter letter)) {
      ChatId chat = Filter.chatOf(letter);
      return chat == null ? "" : chat.value();
    }
    return "";
  }

  private static String position(Received received) {
    return received.content() instanceof Received.Ours(DeadLetter letter)
        ? firstOf(letter).value()
        : "";
  }

  /** Where the record is, or the first of several messages. */
  static Position firstOf(DeadLetter letter) {
    return switch (letter) {
      case DeadLetter.RecordLetter record -> record.position();
      case DeadLetter.PushLetter push -> push.positions().getFirst();
    };
  }
}
