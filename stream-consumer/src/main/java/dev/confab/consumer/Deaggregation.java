package dev.confab.consumer;

import dev.confab.events.Bytes;
import dev.confab.events.DeadLetter;
import dev.confab.events.Position;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the records of a shard hold, strictly: every byte comes out again, as a record, as one that
 * lies in the wrong shard, or as one that holds all of an aggregate that can't be read. KCL's own,
 * which this replaces, drops a whole aggregated record for one part that another shard should have,
 * and the rest of one whose indexes are wrong, with no more than a line in the log.
 *
 * @param range of the shard
 */
record Deaggregation(String shardId, HashRange range) {

  /**
   * A record to be worked on.
   *
   * @param defect why no stage can work on it, where that is so
   */
  record Arrival(StreamRecord record, Outcome.@Nullable Unprocessable defect) {}

  /** The records that a whole one holds, at least one, in order. */
  List<Arrival> arrivals(WholeRecord whole) {
    byte[] bytes = whole.data().toArray();
    if (!Aggregate.isOne(bytes)) {
      return List.of(arrival(whole, 0, whole.partitionKey(), whole.data()));
    }
    try {
      List<Aggregate.Part> parts = Aggregate.read(bytes);
      List<Arrival> arrivals = new ArrayList<>(parts.size());
      for (int i = 0; i < parts.size(); i++) {
        Aggregate.Part part = parts.get(i);
        arrivals.add(arrival(whole, i, part.partitionKey(), part.data()));
      }
      return arrivals;
    } catch (IOException malformed) {
      Outcome.Unprocessable defect =
          new Outcome.Unprocessable("MalformedAggregate", String.valueOf(malformed.getMessage()));
      return List.of(new Arrival(record(whole, 0, whole.partitionKey(), whole.data()), defect));
    }
  }

  /**
   * A chat has one order because all its records lie in the shard that its id hashes into. A
   * producer that names explicit hash keys, or aggregates by an outdated map of the shards, can put
   * one elsewhere. The explicit hash key itself isn't looked at: Kinesis doesn't tell the one of a
   * plain record, and where a record lies says more.
   */
  private Arrival arrival(WholeRecord whole, int index, String partitionKey, Bytes data) {
    StreamRecord record = record(whole, index, partitionKey, data);
    if (range.contains(partitionKey)) {
      return new Arrival(record, null);
    }
    return new Arrival(
        record,
        new Outcome.Unprocessable(
            DeadLetter.Failure.MISROUTED,
            "its partition key hashes into another shard than " + shardId));
  }

  private StreamRecord record(WholeRecord whole, int index, String partitionKey, Bytes data) {
    Position position = Position.of(whole.sequenceNumber(), index);
    return new StreamRecord(shardId, position, partitionKey, data, whole.arrivedAt());
  }
}
