package dev.confab.kinesis;

import java.util.List;

/**
 * All of a stream but its records.
 *
 * @param createdMillis when it was created, in milliseconds since 1970
 * @param nextShardIndex the index of the next shard: higher than that of any there ever was
 * @param shards those not yet expired, in order of index
 */
record StreamState(
    String name,
    long createdMillis,
    int retentionHours,
    int maxRecordKiB,
    int nextShardIndex,
    List<ShardInfo> shards,
    List<ConsumerInfo> consumers) {
  static final int DEFAULT_RETENTION_HOURS = 24;
  static final int DEFAULT_MAX_RECORD_KIB = 1024;

  StreamState {
    shards = List.copyOf(shards);
    consumers = List.copyOf(consumers);
  }

  static StreamState initial(String name, int shardCount, int maxRecordKiB, long nowMillis) {
    return new StreamState(
        name,
        nowMillis,
        DEFAULT_RETENTION_HOURS,
        maxRecordKiB,
        shardCount,
        Resharding.initial(shardCount, nowMillis),
        List.of());
  }

  StreamState withRetentionHours(int hours) {
    return new StreamState(
        name, createdMillis, hours, maxRecordKiB, nextShardIndex, shards, consumers);
  }

  StreamState withMaxRecordKiB(int kiB) {
    return new StreamState(
        name, createdMillis, retentionHours, kiB, nextShardIndex, shards, consumers);
  }

  StreamState withShards(int newNextShardIndex, List<ShardInfo> newShards) {
    return new StreamState(
        name, createdMillis, retentionHours, maxRecordKiB, newNextShardIndex, newShards, consumers);
  }

  StreamState withConsumers(List<ConsumerInfo> newConsumers) {
    return new StreamState(
        name, createdMillis, retentionHours, maxRecordKiB, nextShardIndex, shards, newConsumers);
  }
}
