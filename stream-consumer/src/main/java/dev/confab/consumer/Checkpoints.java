package dev.confab.consumer;

/**
 * Where a shard's progress is kept. What lies at or before the checkpoint is never read again, by
 * any worker: it must be done or parked.
 */
public interface Checkpoints {

  /**
   * Keeps that everything up to a whole Kinesis record is done or parked.
   *
   * @param sequenceNumber of that record
   */
  Result upTo(String sequenceNumber);

  /** Keeps that everything in a shard that has ended is done or parked. */
  Result shardEnd();

  /** What became of a checkpoint. */
  sealed interface Result {}

  /** It is kept. */
  record Kept() implements Result {}

  /** The shard is another worker's now. Stop, and never checkpoint again. */
  record LeaseMoved() implements Result {}

  /**
   * The table that keeps it is throttled or down: later.
   *
   * @param reason for the log
   */
  record Unavailable(String reason) implements Result {}
}
