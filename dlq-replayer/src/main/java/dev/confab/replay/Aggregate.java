package dev.confab.replay;

import dev.confab.events.Bytes;
import java.util.Arrays;
import java.util.Optional;

/**
 * Finds one record within an aggregated one, as the Kinesis Producer Library writes it: four magic
 * bytes, a protobuf message whose field 3 repeats, each a message whose field 3 is a record's data,
 * and an MD5 of 16 bytes. Whoever asks knows the SHA-256 of what must come out, so nothing else is
 * checked here.
 */
final class Aggregate {
  private static final byte[] MAGIC = {(byte) 0xf3, (byte) 0x89, (byte) 0x9a, (byte) 0xc2};
  private static final int CHECKSUM_BYTES = 16;
  private static final int RECORDS = 3;
  private static final int DATA = 3;

  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED_32 = 5;

  private final byte[] bytes;
  private final int end;
  private int at;

  private Aggregate(byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  /**
   * The data of a record within an aggregated one.
   *
   * @param index from 0
   * @return nothing if there is none, or it is no aggregate
   */
  static Optional<Bytes> part(Bytes whole, long index) {
    byte[] bytes = whole.toArray();
    int end = bytes.length - CHECKSUM_BYTES;
    if (end < MAGIC.length || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      return Optional.empty();
    }
    try {
      return new Aggregate(bytes, MAGIC.length, end)
          .field(RECORDS, index)
          .flatMap(r -> r.field(DATA, 0))
          .map(Aggregate::rest);
    } catch (IndexOutOfBoundsException cutShort) {
      return Optional.empty();
    }
  }

  private Bytes rest() {
    return Bytes.of(Arrays.copyOfRange(bytes, at, end));
  }

  /** The value of a field of bytes, the n-th of that number. */
  private Optional<Aggregate> field(int number, long index) {
    long left = index;
    while (at < end) {
      long tag = varint();
      int type = (int) (tag & 7);
      if (type != BYTES) {
        skip(type);
        continue;
      }
      int length = Math.toIntExact(Math.clamp(varint(), -1, Integer.MAX_VALUE));
      if (length < 0 || length > end - at) {
        throw new IndexOutOfBoundsException("a field ends after the message");
      }
      if (tag >>> 3 == number && left-- == 0) {
        return Optional.of(new Aggregate(bytes, at, at + length));
      }
      at += length;
    }
    return Optional.empty();
  }

  private void skip(int type) {
    switch (type) {
      case VARINT -> varint();
      case FIXED_64 -> at += Long.BYTES;
      case FIXED_32 -> at += Integer.BYTES;
      default -> throw new IndexOutOfBoundsException("no wire type of protobuf");
    }
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (at >= end) {
        throw new IndexOutOfBoundsException("a number ends after the message");
      }
      byte next = bytes[at++];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IndexOutOfBoundsException("a number of more than 64 bits");
  }
}
