package dev.confab.kinesis;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A journal file's bytes: 8 that name the format, then each record as the length of its body (4),
 * its CRC-32C (4), and the body: index (8), arrival in milliseconds (8), bytes of the key (4), key,
 * data.
 */
final class JournalFormat {
  /** "LKJOURN1". */
  private static final long MAGIC = 0x4C4B4A4F55524E31L;

  private static final int HEADER_BYTES = 2 * Integer.BYTES;
  private static final int FIXED_BODY_BYTES = 2 * Long.BYTES + Integer.BYTES;

  /** The largest record that a stream can take, and room for its key. */
  private static final int MAX_BODY_BYTES = 11 * 1024 * 1024;

  private JournalFormat() {}

  /** Records as one run of bytes, with the format's name before them if the file is empty. */
  static byte[] encode(List<StoredRecord> records, boolean first) {
    List<byte[]> keys = new ArrayList<>(records.size());
    int size = first ? Long.BYTES : 0;
    for (StoredRecord each : records) {
      byte[] key = each.partitionKey().getBytes(StandardCharsets.UTF_8);
      keys.add(key);
      size += HEADER_BYTES + FIXED_BODY_BYTES + key.length + each.data().length;
    }
    byte[] encoded = new byte[size];
    ByteBuffer bytes = ByteBuffer.wrap(encoded);
    if (first) {
      bytes.putLong(MAGIC);
    }
    for (int i = 0; i < records.size(); i++) {
      put(bytes, records.get(i), keys.get(i));
    }
    return encoded;
  }

  private static void put(ByteBuffer bytes, StoredRecord next, byte[] key) {
    int start = bytes.position() + HEADER_BYTES;
    int bodyBytes = FIXED_BODY_BYTES + key.length + next.data().length;
    bytes
        .putInt(start - HEADER_BYTES, bodyBytes)
        .position(start)
        .putLong(next.index())
        .putLong(next.arrivalMillis())
        .putInt(key.length)
        .put(key)
        .put(next.data());
    bytes.putInt(start - Integer.BYTES, checksum(bytes.slice(start, bodyBytes)));
  }

  private static int checksum(ByteBuffer body) {
    CRC32C crc = new CRC32C();
    crc.update(body);
    return (int) crc.getValue();
  }

  /** How a file ends. */
  enum Tail {
    /** With a whole record, or empty. */
    WHOLE,
    /** With the beginning of a write that never ended, which was not acked. */
    TORN,
    /** Something that cannot be read, and more after it. */
    DAMAGED
  }

  /**
   * What was read of a file.
   *
   * @param goodBytes how far it can be read
   */
  record Content(int goodBytes, Tail tail) {}

  /** Reads a file's records into a log, up to its end or to the first that can't be read. */
  static Content read(ByteBuffer bytes, RecordLog log) {
    if (bytes.remaining() < Long.BYTES) {
      return new Content(0, bytes.hasRemaining() ? Tail.TORN : Tail.WHOLE);
    }
    if (bytes.getLong() != MAGIC) {
      return new Content(0, isZero(bytes.rewind()) ? Tail.TORN : Tail.DAMAGED);
    }
    while (bytes.hasRemaining()) {
      bytes.mark();
      Tail tail = readRecord(bytes, log);
      if (tail != Tail.WHOLE) {
        return new Content(bytes.reset().position(), tail);
      }
    }
    return new Content(bytes.position(), Tail.WHOLE);
  }

  private static Tail readRecord(ByteBuffer bytes, RecordLog log) {
    if (bytes.remaining() < HEADER_BYTES) {
      return Tail.TORN;
    }
    ByteBuffer rest = bytes.slice();
    int bodyBytes = bytes.getInt();
    int crc = bytes.getInt();
    if (bodyBytes < FIXED_BODY_BYTES || bodyBytes > MAX_BODY_BYTES) {
      // A machine that failed may have made the file longer without filling it.
      return isZero(rest) ? Tail.TORN : Tail.DAMAGED;
    }
    if (bodyBytes > bytes.remaining()) {
      return Tail.TORN;
    }
    if (checksum(bytes.slice(bytes.position(), bodyBytes)) != crc) {
      return bodyBytes == bytes.remaining() ? Tail.TORN : Tail.DAMAGED;
    }
    long index = bytes.getLong();
    long arrivalMillis = bytes.getLong();
    byte[] key = new byte[bytes.getInt()];
    bytes.get(key);
    byte[] data = new byte[bodyBytes - FIXED_BODY_BYTES - key.length];
    bytes.get(data);
    if (index != log.nextIndex()) {
      return Tail.DAMAGED;
    }
    log.append(
        new StoredRecord(index, arrivalMillis, new String(key, StandardCharsets.UTF_8), data));
    return Tail.WHOLE;
  }

  private static boolean isZero(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      if (bytes.get() != 0) {
        return false;
      }
    }
    return true;
  }
}
