package dev.confab.load.simulation;

import dev.confab.consumer.HashRange;
import dev.confab.consumer.StreamRecord;
import dev.confab.consumer.WholeRecord;
import dev.confab.events.Bytes;
import dev.confab.events.Position;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Kinesis stream: shards that hold ranges of keys, split and merge. It keeps everything. Sequence
 * numbers rise over the whole stream and, by seed, get a digit more in the middle of a run.
 */
final class SimulatedStream {
  private static final BigInteger LAST_HASH =
      BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE);

  /** A shard, open until its children begin. */
  static final class Shard {
    final String id;
    final HashRange range;
    final List<Shard> parents;
    final List<WholeRecord> records = new ArrayList<>();
    boolean isClosed;

    private Shard(String id, HashRange range, List<Shard> parents) {
      this.id = id;
      this.range = range;
      this.parents = parents;
    }

    /** How many records lie at or before a sequence number; 0 for null. */
    int countUpTo(@Nullable String sequenceNumber) {
      if (sequenceNumber == null) {
        return 0;
      }
      BigInteger upTo = new BigInteger(sequenceNumber);
      int count = 0;
      while (count < records.size()
          && new BigInteger(records.get(count).sequenceNumber()).compareTo(upTo) <= 0) {
        count++;
      }
      return count;
    }
  }

  /** A record in an aggregate. */
  record Part(String partitionKey, Bytes data) {}

  private final Fibers fibers;
  private final Chance chance;
  private final Trace trace;
  private final Map<String, Shard> shards = new LinkedHashMap<>();
  private final List<StreamRecord> parts = new ArrayList<>();
  private final List<Runnable> listeners = new ArrayList<>();
  private long sequence;

  SimulatedStream(Fibers fibers, Chance chance, Trace trace) {
    this.fibers = fibers;
    this.chance = chance;
    this.trace = trace;
    this.sequence = chance.of(0.5) ? 100_000 - chance.between(20, 400) : 100_000;
    BigInteger middle = BigInteger.ONE.shiftLeft(127);
    if (chance.of(0.5)) {
      begin(HashRange.all(), List.of());
    } else {
      begin(new HashRange(BigInteger.ZERO, middle.subtract(BigInteger.ONE)), List.of());
      begin(new HashRange(middle, LAST_HASH), List.of());
    }
  }

  private Shard begin(HashRange range, List<Shard> parents) {
    Shard shard = new Shard("shardId-" + shards.size(), range, parents);
    shards.put(shard.id, shard);
    sequence += chance.between(1, 9);
    return shard;
  }

  Collection<Shard> shards() {
    return shards.values();
  }

  Shard shard(String id) {
    Shard shard = shards.get(id);
    if (shard == null) {
      throw new IllegalStateException("no " + id);
    }
    return shard;
  }

  List<Shard> open() {
    return shards.values().stream().filter(shard -> !shard.isClosed).toList();
  }

  /** Every record, taken out of aggregates, in the order it came. */
  List<StreamRecord> parts() {
    return parts;
  }

  /** Runs whenever there is something new to read. */
  void listen(Runnable listener) {
    listeners.add(listener);
  }

  private void tell() {
    listeners.forEach(Runnable::run);
  }

  /** Puts a plain record. */
  Position put(String partitionKey, Bytes data) {
    return put(shardOf(partitionKey), partitionKey, data, List.of(new Part(partitionKey, data)));
  }

  Shard shardOf(String partitionKey) {
    return open().stream()
        .filter(shard -> shard.range.contains(partitionKey))
        .findFirst()
        .orElseThrow();
  }

  /**
   * Puts a record into a shard, as an explicit hash key can.
   *
   * @param held what strict de-aggregation finds in it
   */
  Position put(Shard shard, String partitionKey, Bytes data, List<Part> held) {
    sequence += chance.between(1, 3);
    String number = Long.toString(sequence);
    shard.records.add(new WholeRecord(number, partitionKey, data, fibers.instant()));
    for (int i = 0; i < held.size(); i++) {
      Part part = held.get(i);
      parts.add(
          new StreamRecord(
              shard.id,
              Position.of(number, i),
              part.partitionKey(),
              part.data(),
              fibers.instant()));
    }
    trace.add(
        "put %s %s %s %d parts, hash %d"
            .formatted(shard.id, number, partitionKey, held.size(), data.hashCode()));
    tell();
    return Position.of(number, 0);
  }

  /** Whether the shard was split: one of few keys isn't. */
  boolean split(Shard shard) {
    BigInteger first = shard.range.first();
    BigInteger last = shard.range.last();
    if (last.subtract(first).bitLength() < 120) {
      return false;
    }
    BigInteger middle = first.add(last).shiftRight(1);
    shard.isClosed = true;
    begin(new HashRange(first, middle), List.of(shard));
    begin(new HashRange(middle.add(BigInteger.ONE), last), List.of(shard));
    trace.add("split " + shard.id);
    tell();
    return true;
  }

  /** Merges two neighbours; false if there are none. */
  boolean merge() {
    List<Shard> open = open();
    for (Shard low : open) {
      for (Shard high : open) {
        if (low.range.last().add(BigInteger.ONE).equals(high.range.first())) {
          low.isClosed = true;
          high.isClosed = true;
          begin(new HashRange(low.range.first(), high.range.last()), List.of(low, high));
          trace.add("merge " + low.id + " " + high.id);
          tell();
          return true;
        }
      }
    }
    return false;
  }

  Map<String, HashRange> ranges() {
    Map<String, HashRange> ranges = new LinkedHashMap<>();
    shards.values().forEach(shard -> ranges.put(shard.id, shard.range));
    return ranges;
  }
}
