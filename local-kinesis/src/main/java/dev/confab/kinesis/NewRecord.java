package dev.confab.kinesis;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** A record that a producer wants on the stream: valid, and not yet in a shard. */
final class NewRecord {
  private final String partitionKey;
  private final BigInteger hashKey;
  private final byte[] data;
  private final int sizeBytes;

  /**
   * @param hashKey what decides the shard: the explicit one or that of the partition key
   */
  NewRecord(String partitionKey, BigInteger hashKey, byte[] data) {
    this.partitionKey = partitionKey;
    this.hashKey = hashKey;
    this.data = data;
    this.sizeBytes = data.length + partitionKey.getBytes(StandardCharsets.UTF_8).length;
  }

  String partitionKey() {
    return partitionKey;
  }

  BigInteger hashKey() {
    return hashKey;
  }

  byte[] data() {
    return data;
  }

  /** Data and partition key, the size that limits count, in bytes. */
  int sizeBytes() {
    return sizeBytes;
  }
}
