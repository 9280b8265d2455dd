package dev.confab.kinesis;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a shard beside its records. Immutable; closing a shard makes a new one.
 *
 * @param index the number in the shard's id, counted up within the stream and never used again
 * @param parent the shard that was split, or the first of two that were merged; null for one of the
 *     first
 * @param adjacentParent the second of two that were merged, otherwise null
 * @param createdSeconds the creation time in the shard's sequence numbers: at least a second after
 *     its parents', even if the clock says less
 * @param createdMillis when it was created, in milliseconds since 1970
 * @param closedMillis when it was closed, in milliseconds since 1970; null while it is open
 */
record ShardInfo(
    int index,
    HashKeyRange range,
    @Nullable Integer parent,
    @Nullable Integer adjacentParent,
    long createdSeconds,
    long createdMillis,
    @Nullable Long closedMillis) {

  private static final Pattern ID = Pattern.compile("(?:.*-)?(\\d{1,12})");

  static String idOf(int index) {
    return "shardId-%012d".formatted(index);
  }

  /** Reads a shard id as AWS does: what counts is the number after the last dash. */
  static OptionalInt indexOf(String id) {
    Matcher matcher = ID.matcher(id);
    if (!matcher.matches()) {
      return OptionalInt.empty();
    }
    long index = Long.parseLong(matcher.group(1));
    return index > Integer.MAX_VALUE ? OptionalInt.empty() : OptionalInt.of((int) index);
  }

  String id() {
    return idOf(index);
  }

  boolean isOpen() {
    return closedMillis == null;
  }

  boolean isChildOf(int other) {
    return (parent != null && parent == other)
        || (adjacentParent != null && adjacentParent == other);
  }

  ShardInfo closedAt(long millis) {
    return new ShardInfo(
        index, range, parent, adjacentParent, createdSeconds, createdMillis, millis);
  }

  /** Closed so long ago that the stream retains none of its records. */
  boolean isExpired(long horizonMillis) {
    return closedMillis != null && closedMillis < horizonMillis;
  }

  SequenceNumber startingSequenceNumber() {
    return new SequenceNumber(createdSeconds, index, 0, createdSeconds);
  }

  /** Above every record's number; only a closed shard has it. */
  @Nullable SequenceNumber endingSequenceNumber() {
    return closedMillis == null
        ? null
        : new SequenceNumber(
            createdSeconds, index, SequenceNumber.END_INDEX, Math.max(0, closedMillis / 1000));
  }
}
