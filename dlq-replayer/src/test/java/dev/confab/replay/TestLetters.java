package dev.confab.replay;

import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.ConnectionId;
import dev.confab.events.DeadLetter;
import dev.confab.events.Position;
import dev.confab.events.UserId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Letters for tests. */
final class TestLetters {
  static final Instant FAILED_AT = Instant.parse("2026-11-24T01:00:00.000Z");
  private static final String FIRST_SEQUENCE =
      "49590338271490256608559692538361571095921575989136588898";

  private TestLetters() {}

  static Position position(int n) {
    return Position.of(FIRST_SEQUENCE.substring(0, 50) + "%06d".formatted(n), 0);
  }

  static ChatEvent.MessageSent message(String chat, int n) {
    return new ChatEvent.MessageSent(
        new ChatId(chat),
        new UserId("ana"),
        new ClientMessageId("c-" + n),
        "text " + n,
        false,
        Instant.parse("2026-11-24T00:00:00.000Z").plusSeconds(n),
        null);
  }

  static Bytes data(ChatEvent event) {
    return Bytes.of(ChatEvents.encode(event));
  }

  static Bytes utf8(String text) {
    return Bytes.of(text.getBytes(StandardCharsets.UTF_8));
  }

  static DeadLetter.Failure failure(String errorClass) {
    return new DeadLetter.Failure(
        errorClass, errorClass + " happened", 3, FAILED_AT.minusSeconds(60), FAILED_AT);
  }

  /** A good message that failed all the same. */
  static DeadLetter.RecordLetter letter(String chat, int n) {
    return letter(chat, n, "ValidationException", 0);
  }

  static DeadLetter.RecordLetter letter(String chat, int n, String errorClass, int replayCount) {
    return record(chat, n, errorClass, replayCount, new DeadLetter.Inline(data(message(chat, n))));
  }

  /** Any bytes under any key. */
  static DeadLetter.RecordLetter letter(String partitionKey, int n, String errorClass, Bytes data) {
    return record(partitionKey, n, errorClass, 0, new DeadLetter.Inline(data));
  }

  static DeadLetter.RecordLetter pointer(String partitionKey, int n, Bytes data) {
    return record(
        partitionKey,
        n,
        "Malformed",
        0,
        new DeadLetter.Pointer(Payloads.sha256(data), data.size()));
  }

  /** A good message, read in the shard that its chat hashes into. */
  static DeadLetter.RecordLetter inItsShard(String chat, int n, Shards shards) {
    DeadLetter.RecordLetter letter = letter(chat, n);
    String shardId =
        shards.ranges().keySet().stream()
            .filter(shard -> !shards.excludes(shard, chat))
            .findFirst()
            .orElseThrow();
    return new DeadLetter.RecordLetter(
        letter.failure(),
        shardId,
        letter.position(),
        letter.partitionKey(),
        letter.chatId(),
        letter.traceId(),
        letter.replayCount(),
        letter.payload());
  }

  static DeadLetter.RecordLetter failedAt(DeadLetter.RecordLetter letter, Instant time) {
    DeadLetter.Failure failure =
        new DeadLetter.Failure(letter.failure().errorClass(), "late", 1, time, time);
    return new DeadLetter.RecordLetter(
        failure,
        letter.shardId(),
        letter.position(),
        letter.partitionKey(),
        letter.chatId(),
        letter.traceId(),
        letter.replayCount(),
        letter.payload());
  }

  private static DeadLetter.RecordLetter record(
      String partitionKey, int n, String errorClass, int replayCount, DeadLetter.Payload payload) {
    return new DeadLetter.RecordLetter(
        failure(errorClass),
        InMemoryRecords.SHARD,
        position(n),
        partitionKey,
        chatOrNull(partitionKey),
        null,
        replayCount,
        payload);
  }

  private static @Nullable ChatId chatOrNull(String text) {
    try {
      return new ChatId(text);
    } catch (IllegalArgumentException noChat) {
      return null;
    }
  }

  static DeadLetter.PushLetter push(String chat, int n) {
    return new DeadLetter.PushLetter(
        failure("Slow"),
        InMemoryRecords.SHARD,
        new ChatId(chat),
        List.of(position(n), position(n + 1)),
        List.of(new ConnectionId("L0SM9cOFvHcCIhw=")),
        0);
  }

  static ChatEvent.Replay replayOf(DeadLetter.RecordLetter letter, Bytes data) {
    return new ChatEvent.Replay(
        new ChatId(letter.partitionKey()), letter.position(), letter.replayCount() + 1, data);
  }

  static ChatEvent.Replay replayOf(DeadLetter.RecordLetter letter) {
    return replayOf(letter, ((DeadLetter.Inline) letter.payload()).data());
  }
}
