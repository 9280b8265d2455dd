package dev.confab.events;

import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a consumer could not do, with everything an operator needs to understand it and to have it
 * done after all. Lies in an SQS dead-letter queue, encoded by {@link DeadLetterCodec}.
 */
public sealed interface DeadLetter {

  /** What went wrong. */
  Failure failure();

  /** How often it has been replayed; 0 for one that never was. */
  int replayCount();

  /**
   * Why a stage gave up.
   *
   * @param errorClass a short word to group letters by, such as {@code Malformed} or {@code
   *     ValidationException}
   * @param errorText for people; holds no text of a message
   * @param attempts how often it was tried, 1 or more
   * @param firstFailedAt by the consumer's clock, in whole milliseconds
   * @param lastFailedAt by the consumer's clock, in whole milliseconds
   */
  record Failure(
      String errorClass,
      String errorText,
      int attempts,
      Instant firstFailedAt,
      Instant lastFailedAt) {

    /**
     * The class of a record that lies in a shard its partition key doesn't hash into: its position
     * is no place in its chat, so that no replay may put it there.
     */
    public static final String MISROUTED = "Misrouted";

    public Failure {
      if (attempts < 1) {
        throw new IllegalArgumentException("attempts must be 1 or more");
      }
      firstFailedAt = Timestamps.inMilliseconds(firstFailedAt);
      lastFailedAt = Timestamps.inMilliseconds(lastFailedAt);
    }
  }

  /**
   * A record that persist could not store.
   *
   * @param shardId where it was read
   * @param position of the original record, also where {@code payload} came in a replay
   * @param partitionKey of the record
   * @param chatId where the record says one that is valid
   * @param traceId where the record has one
   * @param payload the record, byte for byte, or where to find it
   */
  record RecordLetter(
      Failure failure,
      String shardId,
      Position position,
      String partitionKey,
      @Nullable ChatId chatId,
      @Nullable String traceId,
      int replayCount,
      Payload payload)
      implements DeadLetter {
    public RecordLetter {
      Checks.notNegative("replayCount", replayCount);
    }
  }

  /** What a record held. */
  sealed interface Payload {}

  /** The record's data, byte for byte. */
  record Inline(Bytes data) implements Payload {}

  /**
   * Where a record too large for the queue is, for as long as the stream retains it: the letter's
   * shard and sequence number say which.
   *
   * @param sha256 of the record's data, 64 hex digits, in small letters
   * @param bytes the length of the record's data
   */
  record Pointer(String sha256, long bytes) implements Payload {
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

    public Pointer {
      if (!SHA_256.matcher(sha256).matches()) {
        throw new IllegalArgumentException("sha256 must be 64 hex digits");
      }
      Checks.notNegative("bytes", bytes);
    }
  }

  /**
   * Messages that the fan-out could not push to some connections. They are stored: no payload.
   *
   * @param positions oldest first
   */
  record PushLetter(
      Failure failure,
      String shardId,
      ChatId chatId,
      List<Position> positions,
      List<ConnectionId> connectionIds,
      int replayCount)
      implements DeadLetter {
    public PushLetter {
      positions = List.copyOf(positions);
      connectionIds = List.copyOf(connectionIds);
      Checks.notNegative("replayCount", replayCount);
      Checks.size("positions", positions.size(), ChatEvent.PushReplay.MAX_POSITIONS);
      Checks.size("connectionIds", connectionIds.size(), ChatEvent.PushReplay.MAX_CONNECTIONS);
    }
  }
}
