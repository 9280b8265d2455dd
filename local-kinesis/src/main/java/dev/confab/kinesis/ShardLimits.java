package dev.confab.kinesis;

import java.time.Clock;

/**
 * What one shard can take and give, the figures of the Kinesis developer guide, "Quotas and
 * limits". Not thread-safe; the shard's lock guards it.
 */
final class ShardLimits {
  static final long WRITE_BYTES_PER_SECOND = 1024 * 1024;
  static final long WRITE_RECORDS_PER_SECOND = 1_000;
  static final long READ_BYTES_PER_SECOND = 2 * 1024 * 1024;
  static final long READS_PER_SECOND = 5;

  private final RateLimit writtenBytes;
  private final RateLimit writtenRecords;
  private final RateLimit readBytes;
  private final RateLimit reads;
  private final boolean enforced;

  ShardLimits(Clock clock, boolean enforced) {
    this.writtenBytes = new RateLimit(clock, WRITE_BYTES_PER_SECOND);
    this.writtenRecords = new RateLimit(clock, WRITE_RECORDS_PER_SECOND);
    this.readBytes = new RateLimit(clock, READ_BYTES_PER_SECOND);
    this.reads = new RateLimit(clock, READS_PER_SECOND);
    this.enforced = enforced;
  }

  boolean admitWrite(int bytes) {
    if (!enforced) {
      return true;
    }
    if (!writtenBytes.allows(bytes) || !writtenRecords.allows(1)) {
      return false;
    }
    writtenBytes.take(bytes);
    writtenRecords.take(1);
    return true;
  }

  boolean admitRead() {
    if (!enforced) {
      return true;
    }
    if (!reads.allows(1) || !readBytes.hasAny()) {
      return false;
    }
    reads.take(1);
    return true;
  }

  /** Counts what an admitted read gave. */
  void gave(long bytes) {
    if (enforced) {
      readBytes.take(bytes);
    }
  }
}
