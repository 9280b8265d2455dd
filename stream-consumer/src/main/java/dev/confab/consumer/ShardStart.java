package dev.confab.consumer;

import dev.confab.metrics.Measurements;

/**
 * What a stage knows of the shard that it begins on.
 *
 * @param hashRange of the shard: it holds the chats whose ids hash into it
 * @param lease of the shard; asked during a long wait inside {@link ShardStage#process}
 * @param counts of shards, for a share of what all workers together may use
 * @param measured takes what the stage measures; the host writes it after each batch, and before it
 *     waits to offer records again
 */
public record ShardStart(
    String shardId, HashRange hashRange, Lease lease, ShardCounts counts, Measurements measured) {}
