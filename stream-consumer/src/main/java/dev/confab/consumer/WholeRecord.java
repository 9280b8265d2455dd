package dev.confab.consumer;

import dev.confab.events.Bytes;
import java.time.Instant;

/**
 * A record as Kinesis holds it, before de-aggregation: what has a sequence number, and so what a
 * checkpoint can name.
 *
 * @param arrivedAt by Kinesis' clock
 */
public record WholeRecord(
    String sequenceNumber, String partitionKey, Bytes data, Instant arrivedAt) {}
