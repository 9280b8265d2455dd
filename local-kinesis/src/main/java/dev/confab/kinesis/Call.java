package dev.confab.kinesis;

/**
 * A request as fault rules see it.
 *
 * @param streamName the stream it is about; empty if it names none
 * @param shardId the shard it names; empty if it names none, as puts do
 */
public record Call(Operation operation, String streamName, String shardId) {}
