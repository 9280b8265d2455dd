package dev.confab.kinesis;

/**
 * One record of a shard. Immutable, provided that nobody writes to {@link #data}.
 *
 * <p>A class, not a Java record: those compare arrays by identity.
 */
final class StoredRecord {
  private final long index;
  private final long arrivalMillis;
  private final String partitionKey;
  private final byte[] data;

  StoredRecord(long index, long arrivalMillis, String partitionKey, byte[] data) {
    this.index = index;
    this.arrivalMillis = arrivalMillis;
    this.partitionKey = partitionKey;
    this.data = data;
  }

  /** The place in the shard: 1 for its first record, then one more for each. */
  long index() {
    return index;
  }

  /** When the stream took it, in milliseconds since 1970; never decreasing within a shard. */
  long arrivalMillis() {
    return arrivalMillis;
  }

  String partitionKey() {
    return partitionKey;
  }

  byte[] data() {
    return data;
  }
}
