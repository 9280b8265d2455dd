package dev.confab.kinesis;

/** What became of one record that a producer put. */
sealed interface PutResult {
  String THROUGHPUT_EXCEEDED = "ProvisionedThroughputExceededException";
  String INTERNAL_FAILURE = "InternalFailure";

  /** It is in the shard, and on disk if the server keeps a journal. */
  record Stored(String shardId, SequenceNumber sequenceNumber) implements PutResult {}

  /** It is not in the shard; the producer may put it again. */
  record Refused(String errorCode, String message) implements PutResult {}

  /** The shard closed before the record reached it: route it anew. */
  record ShardClosed() implements PutResult {}
}
