package dev.confab.consumer;

import dev.confab.events.Bytes;
import dev.confab.events.Position;
import java.time.Instant;

/**
 * One record as a stage sees it: a plain record of the stream, or one of those that an aggregated
 * record carried. Its partition key hashes into the shard that it was read from; a record that came
 * into another shard never reaches a stage.
 *
 * @param shardId where it was read
 * @param position its place in the stream's order within its shard
 * @param data at most 10 MiB, Kinesis' limit; not yet decoded
 * @param arrivedAt when Kinesis took it, by Kinesis' clock, in milliseconds; approximate, and equal
 *     for all that one aggregated record carried
 */
public record StreamRecord(
    String shardId, Position position, String partitionKey, Bytes data, Instant arrivedAt) {}
