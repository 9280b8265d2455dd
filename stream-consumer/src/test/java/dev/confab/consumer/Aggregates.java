package dev.confab.consumer;

import com.google.protobuf.ByteString;
import dev.confab.events.Bytes;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import software.amazon.kinesis.retrieval.kpl.Messages.AggregatedRecord;
import software.amazon.kinesis.retrieval.kpl.Messages.Record;

/** Makes aggregated records with the protobuf classes that the Kinesis Producer Library's are. */
public final class Aggregates {
  private final AggregatedRecord.Builder message = AggregatedRecord.newBuilder();

  /** Adds a record. */
  public Aggregates add(String partitionKey, Bytes data) {
    message.addRecords(
        Record.newBuilder()
            .setPartitionKeyIndex(message.getPartitionKeyTableCount())
            .setData(ByteString.copyFrom(data.toArray())));
    message.addPartitionKeyTable(partitionKey);
    return this;
  }

  /** The whole record's data. */
  public Bytes build() {
    return framed(message.build().toByteArray());
  }

  /** A message in its frame: whatever it is, the MD5 is right. */
  static Bytes framed(byte[] message) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0xF3, (byte) 0x89, (byte) 0x9A, (byte) 0xC2});
    out.writeBytes(message);
    try {
      out.writeBytes(MessageDigest.getInstance("MD5").digest(message));
    } catch (NoSuchAlgorithmException everyPlatformHasIt) {
      throw new AssertionError(everyPlatformHasIt);
    }
    return Bytes.of(out.toByteArray());
  }
}
