package dev.confab.replay;

import dev.confab.events.Bytes;
import java.util.List;

/**
 * The stream. Safe for use by several threads. Every method throws {@link CannotGoOnException} when
 * the stream isn't there or isn't ours to use.
 */
interface Records {

  /** What Kinesis takes in one call. */
  int MAX_BATCH = 500;

  /** What Kinesis took in one call before it was 10 MiB, keys included. */
  int MAX_BATCH_BYTES = 5 * 1024 * 1024;

  /** For people. */
  String name();

  /** The shards that the stream has or still retains. */
  Shards shards();

  /**
   * Puts records, which Kinesis may take in part, and not in order.
   *
   * @param records at most {@link #MAX_BATCH} and {@link #MAX_BATCH_BYTES}
   * @return what became of each, in the order given. A record that was refused may be on the stream
   *     all the same, where an answer was lost
   */
  List<Put> put(List<NewRecord> records);

  /**
   * Finds a record.
   *
   * @param sequenceNumber as Kinesis gives it
   */
  Lookup find(String shardId, String sequenceNumber);

  /**
   * A record to put.
   *
   * @param partitionKey its chat's id
   */
  record NewRecord(String partitionKey, Bytes data) {
    int bytes() {
      return partitionKey.length() + data.size();
    }
  }

  /** What became of a record. */
  sealed interface Put {}

  /** It is on the stream. */
  record Taken(String shardId, String sequenceNumber) implements Put {}

  /** It isn't, as far as is known; the same record can be taken later. */
  record Refused(String reason) implements Put {}

  /** What the stream has at a place. */
  sealed interface Lookup {}

  /**
   * The whole record, which may be an aggregate.
   *
   * @param data at most 10 MiB, Kinesis' limit
   */
  record Found(Bytes data) implements Lookup {}

  /**
   * Nothing any more.
   *
   * @param reason for people
   */
  record Gone(String reason) implements Lookup {}
}
