package dev.confab.consumer;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import dev.confab.events.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The format in which the Kinesis Producer Library puts many records into one: four bytes that no
 * UTF-8 text begins with, a protobuf message, and the message's MD5.
 *
 * <p>Read from the wire rather than into KCL's generated classes: a hostile message of empty
 * records grows thirtyfold in them, before anyone can count.
 */
final class Aggregate {

  /**
   * Of one aggregated record. The shortest event has over 100 bytes, so that Kinesis' 10 MiB can't
   * hold as many; a hostile record of empty ones could fill the heap.
   */
  static final int MAX_RECORDS = 100_000;

  private static final byte[] MAGIC = {(byte) 0xF3, (byte) 0x89, (byte) 0x9A, (byte) 0xC2};
  private static final int MD5_BYTES = 16;

  /** Tags of {@code AggregatedRecord}: a field's number and its wire type. */
  private static final int PARTITION_KEY_TABLE = 1 << 3 | 2;

  private static final int EXPLICIT_HASH_KEY_TABLE = 2 << 3 | 2;
  private static final int RECORDS = 3 << 3 | 2;

  /** Tags of {@code Record}. */
  private static final int PARTITION_KEY_INDEX = 1 << 3;

  private static final int EXPLICIT_HASH_KEY_INDEX = 2 << 3;
  private static final int DATA = 3 << 3 | 2;

  private final List<String> partitionKeys = new ArrayList<>();
  private int explicitHashKeys;
  private final List<Indexed> records = new ArrayList<>();

  private Aggregate() {}

  /** A record in it. */
  record Part(String partitionKey, Bytes data) {}

  /** A record as it stands in the message; the tables that it points into may follow it. */
  private record Indexed(long partitionKey, @Nullable Long explicitHashKey, Bytes data) {}

  /** Whether the bytes claim to be in this format. */
  static boolean isOne(byte[] bytes) {
    return bytes.length >= MAGIC.length
        && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /**
   * The records of a message, at least one, in order.
   *
   * @throws IOException if anything in it is not as the format says; the message quotes nothing
   */
  static List<Part> read(byte[] bytes) throws IOException {
    int length = bytes.length - MAGIC.length - MD5_BYTES;
    if (!isOne(bytes) || length < 0) {
      throw new IOException("too short to be an aggregated record");
    }
    byte[] message = Arrays.copyOfRange(bytes, MAGIC.length, MAGIC.length + length);
    ByteBuffer digest = ByteBuffer.wrap(bytes, MAGIC.length + length, MD5_BYTES);
    if (!digest.equals(ByteBuffer.wrap(HashRange.md5().digest(message)))) {
      throw new IOException("its MD5 is not that of its content");
    }
    Aggregate aggregate = new Aggregate();
    aggregate.readMessage(CodedInputStream.newInstance(message));
    return aggregate.parts();
  }

  private void readMessage(CodedInputStream in) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case PARTITION_KEY_TABLE -> partitionKeys.add(utf8(in.readBytes()));
        case EXPLICIT_HASH_KEY_TABLE -> {
          in.readBytes();
          explicitHashKeys++;
        }
        case RECORDS -> {
          int outer = in.pushLimit(in.readRawVarint32());
          records.add(readRecord(in));
          in.popLimit(outer);
        }
        default -> skip(in, tag);
      }
      if (partitionKeys.size() > MAX_RECORDS || records.size() > MAX_RECORDS) {
        throw new IOException("it holds more than " + MAX_RECORDS + " records");
      }
    }
  }

  private static Indexed readRecord(CodedInputStream in) throws IOException {
    Long partitionKey = null;
    Long explicitHashKey = null;
    Bytes data = null;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case PARTITION_KEY_INDEX -> partitionKey = in.readUInt64();
        case EXPLICIT_HASH_KEY_INDEX -> explicitHashKey = in.readUInt64();
        case DATA -> {
          if (data != null) { // protobuf says that the last counts: the first would be lost
            throw new IOException("a record in it has its data twice");
          }
          data = Bytes.of(in.readByteArray());
        }
        default -> skip(in, tag);
      }
    }
    if (partitionKey == null || data == null) {
      throw new IOException("a record in it lacks its partition key or its data");
    }
    return new Indexed(partitionKey, explicitHashKey, data);
  }

  private static void skip(CodedInputStream in, int tag) throws IOException {
    if (!in.skipField(tag)) {
      throw new IOException("its protobuf ends a group that it never began");
    }
  }

  private static String utf8(ByteString bytes) throws IOException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.asReadOnlyByteBuffer()).toString();
    } catch (CharacterCodingException notUtf8) {
      throw new IOException("a partition key in it is not well-formed UTF-8", notUtf8);
    }
  }

  private List<Part> parts() throws IOException {
    if (records.isEmpty()) {
      throw new IOException("it holds no records");
    }
    List<Part> parts = new ArrayList<>(records.size());
    for (Indexed record : records) {
      if (isOutside(record.partitionKey(), partitionKeys.size())
          || (record.explicitHashKey() != null
              && isOutside(record.explicitHashKey(), explicitHashKeys))) {
        throw new IOException("a record in it names a key that it doesn't hold");
      }
      parts.add(new Part(partitionKeys.get((int) record.partitionKey()), record.data()));
    }
    return parts;
  }

  private static boolean isOutside(long index, int size) {
    return index < 0 || index >= size;
  }
}
