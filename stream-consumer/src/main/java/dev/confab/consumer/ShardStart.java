package dev.confab.consumer;

/**
 * What a stage knows of the shard that it begins on.
 *
 * @param hashRange of the shard: it holds the chats whose ids hash into it
 * @param lease of the shard; asked during a long wait inside {@link ShardStage#process}
 * @param counts of shards, for a share of what all workers together may use
 */
public record ShardStart(String shardId, HashRange hashRange, Lease lease, ShardCounts counts) {}
