package dev.confab.kinesis;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.Optional;

/**
 * A position in a shard, laid out as AWS lays out its own: 56 decimal digits, the shard's creation
 * time in the high bits, so that every number of a child shard is above every number of its parent.
 *
 * <p>From the high bits down: a leading 2 (4 bits), the second the shard was created (36), the low
 * nibble of the shard's index (4), the index in the shard (64, the top one clear), zero (8), the
 * second the record was taken (36), the shard's index (32), the version 2 (4). The layout was
 * decoded by kinesalite, whose tests ran against AWS.
 *
 * @param shardCreatedSeconds when the shard was created, in seconds since 1970; never used twice in
 *     one line of descent
 * @param shardIndex the number in the shard's id
 * @param index 0 for the shard's start, from 1 on its records, one more for each; {@link
 *     #END_INDEX} for its end
 * @param takenSeconds when the record was taken, in seconds since 1970
 */
record SequenceNumber(long shardCreatedSeconds, int shardIndex, long index, long takenSeconds)
    implements Comparable<SequenceNumber> {
  /** The index in the number at which a closed shard ends: above that of any record. */
  static final long END_INDEX = Long.MAX_VALUE;

  private static final long MAX_SECONDS = (1L << 36) - 1;
  private static final int VERSION = 2;
  private static final int BITS = 186;
  private static final BigInteger INT_MASK = BigInteger.valueOf(0xFFFF_FFFFL);
  private static final BigInteger SECONDS_MASK = BigInteger.valueOf(MAX_SECONDS);
  private static final Comparator<SequenceNumber> ORDER =
      Comparator.comparingLong(SequenceNumber::shardCreatedSeconds)
          .thenComparingInt(number -> number.shardIndex & 0xF)
          .thenComparingLong(SequenceNumber::index)
          .thenComparingLong(SequenceNumber::takenSeconds)
          .thenComparingInt(SequenceNumber::shardIndex);

  SequenceNumber {
    check("shardCreatedSeconds", shardCreatedSeconds, MAX_SECONDS);
    check("shardIndex", shardIndex, Integer.MAX_VALUE);
    check("index", index, Long.MAX_VALUE);
    check("takenSeconds", takenSeconds, MAX_SECONDS);
  }

  private static void check(String field, long value, long max) {
    if (value < 0 || value > max) {
      throw new IllegalArgumentException(field + " must be 0 to " + max + ", not " + value);
    }
  }

  /** Reads a number in decimal digits; empty if it is none of ours. */
  static Optional<SequenceNumber> parse(String digits) {
    BigInteger number = new BigInteger(digits);
    if (number.bitLength() != BITS || (number.intValue() & 0xF) != VERSION) {
      return Optional.empty();
    }
    long index = number.shiftRight(80).longValue();
    int shardIndex = number.shiftRight(4).and(INT_MASK).intValue();
    if (index < 0 || shardIndex < 0) {
      return Optional.empty();
    }
    return Optional.of(
        new SequenceNumber(
            number.shiftRight(148).and(SECONDS_MASK).longValue(),
            shardIndex,
            index,
            number.shiftRight(36).and(SECONDS_MASK).longValue()));
  }

  @Override
  public int compareTo(SequenceNumber other) {
    return ORDER.compare(this, other);
  }

  /** The number in decimal digits, as it is on the wire. */
  @Override
  public String toString() {
    long low = VERSION | ((long) shardIndex << 4) | (takenSeconds << 36);
    long middle = (takenSeconds >>> 28) | (index << 16);
    long high =
        (index >>> 48) | ((shardIndex & 0xFL) << 16) | (shardCreatedSeconds << 20) | (2L << 56);
    byte[] bytes = new byte[3 * Long.BYTES];
    java.nio.ByteBuffer.wrap(bytes).putLong(high).putLong(middle).putLong(low);
    return new BigInteger(1, bytes).toString();
  }
}
