package dev.confab.consumer;

import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.DeadLetter;
import dev.confab.events.Decoded;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.JsonObject;
import org.jspecify.annotations.Nullable;

/** Writes the dead letters of records. */
final class Letters {
  private Letters() {}

  /**
   * The letter of a record. That of a replay that failed is the original's, at its own position,
   * with the replay counted: a letter never holds another letter's envelope.
   */
  static DeadLetter.RecordLetter of(StreamRecord record, DeadLetter.Failure failure) {
    byte[] data = record.data().toArray();
    if (ChatEvents.decode(record.partitionKey(), data)
        instanceof Decoded.Event(ChatEvent.Replay replay)) {
      return letter(
          new StreamRecord(
              record.shardId(),
              replay.position(),
              record.partitionKey(),
              replay.data(),
              record.arrivedAt()),
          failure,
          replay.replayCount());
    }
    return letter(record, failure, 0);
  }

  private static DeadLetter.RecordLetter letter(
      StreamRecord record, DeadLetter.Failure failure, int replayCount) {
    JsonObject json = json(record.data().toArray());
    return new DeadLetter.RecordLetter(
        failure,
        record.shardId(),
        record.position(),
        record.partitionKey(),
        json == null ? null : chatId(json),
        json == null ? null : traceId(json),
        replayCount,
        new DeadLetter.Inline(record.data()));
  }

  private static @Nullable JsonObject json(byte[] data) {
    try {
      return JsonObject.parse(data, ChatEvent.MAX_EVENT_BYTES);
    } catch (InvalidJsonException notJson) {
      return null;
    }
  }

  private static @Nullable ChatId chatId(JsonObject json) {
    try {
      return json.optionalParsed("chatId", ChatId::new);
    } catch (InvalidJsonException notOne) {
      return null;
    }
  }

  private static @Nullable String traceId(JsonObject json) {
    try {
      return json.optionalString("traceId");
    } catch (InvalidJsonException notOne) {
      return null;
    }
  }
}
