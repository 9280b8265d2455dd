package dev.confab.replay;

import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.Decoded;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** A stream of one shard in memory. */
final class InMemoryRecords implements Records {
  static final String SHARD = "shardId-000000000000";

  private static final BigInteger LAST_HASH =
      BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE);

  private final List<NewRecord> records = new ArrayList<>();
  private final List<Integer> batches = new ArrayList<>();
  private final Map<String, Lookup> found = new HashMap<>();
  private BiFunction<Integer, NewRecord, String> refusal = (_, _) -> "";
  private Shards shards = new Shards(Map.of(SHARD, new Shards.Range(BigInteger.ZERO, LAST_HASH)));
  private int puts;

  /** Says of a record of the n-th call, from 1, why it is refused; empty if it isn't. */
  synchronized void refuse(BiFunction<Integer, NewRecord, String> newRefusal) {
    refusal = newRefusal;
  }

  synchronized void shards(Shards newShards) {
    shards = newShards;
  }

  /** What lies at a place. */
  synchronized void at(String sequenceNumber, Lookup lookup) {
    found.put(sequenceNumber, lookup);
  }

  /** All that was put, in order. */
  synchronized List<NewRecord> records() {
    return List.copyOf(records);
  }

  /** The size of each call. */
  synchronized List<Integer> batches() {
    return List.copyOf(batches);
  }

  /** All that was put, decoded. */
  List<ChatEvent> events() {
    return records().stream()
        .map(
            record ->
                ((Decoded.Event) ChatEvents.decode(record.partitionKey(), record.data().toArray()))
                    .event())
        .toList();
  }

  @Override
  public String name() {
    return "confab";
  }

  @Override
  public synchronized Shards shards() {
    return shards;
  }

  @Override
  public synchronized List<Put> put(List<NewRecord> batch) {
    int call = ++puts;
    batches.add(batch.size());
    List<Put> results = new ArrayList<>();
    for (NewRecord record : batch) {
      String reason = refusal.apply(call, record);
      if (reason.isEmpty()) {
        records.add(record);
        results.add(new Taken(SHARD, Integer.toString(records.size())));
      } else {
        results.add(new Refused(reason));
      }
    }
    return results;
  }

  @Override
  public synchronized Lookup find(String shardId, String sequenceNumber) {
    return found.getOrDefault(sequenceNumber, new Gone("its retention has ended"));
  }
}
