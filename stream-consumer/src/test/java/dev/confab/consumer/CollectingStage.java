package dev.confab.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.confab.events.Position;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * A stage of a real worker, which keeps the texts that it has been given: by partition key, in the
 * order they came. Workers may share one. Thread-safe.
 */
final class CollectingStage implements Stage {
  private final Map<String, List<String>> texts = new ConcurrentHashMap<>();
  private final Set<String> shards = ConcurrentHashMap.newKeySet();
  final List<StreamRecord> parked = new CopyOnWriteArrayList<>();

  /** Of what came, in the order it came. */
  final List<Position> positions = new CopyOnWriteArrayList<>();

  private final AtomicBoolean failsToOpen = new AtomicBoolean();
  private volatile Function<StreamRecord, Outcome> script = _ -> Outcome.done();

  /** What it answers from now on. */
  void answer(Function<StreamRecord, Outcome> answers) {
    script = answers;
  }

  /** Fails on the next shard that it is opened for. */
  void failNextOpen() {
    failsToOpen.set(true);
  }

  @Override
  public ShardStage open(ShardStart start) {
    if (failsToOpen.getAndSet(false)) {
      throw new IllegalStateException("fault");
    }
    shards.add(start.shardId());
    return new ShardStage() {
      @Override
      public List<Outcome> process(List<StreamRecord> records) {
        return records.stream().map(CollectingStage.this::collect).toList();
      }

      @Override
      public void parked(StreamRecord record) {
        parked.add(record);
      }

      @Override
      public void close() {}
    };
  }

  private Outcome collect(StreamRecord record) {
    Outcome outcome = script.apply(record);
    if (outcome instanceof Outcome.Done) {
      positions.add(record.position());
      texts
          .computeIfAbsent(record.partitionKey(), _ -> new CopyOnWriteArrayList<>())
          .add(new String(record.data().toArray(), UTF_8));
    }
    return outcome;
  }

  /** What came under a key, in order, repetitions included. */
  List<String> textsOf(String partitionKey) {
    return List.copyOf(texts.getOrDefault(partitionKey, List.of()));
  }

  /** What came under a key, in the order it came first. */
  List<String> firstsOf(String partitionKey) {
    Set<String> seen = new HashSet<>();
    List<String> firsts = new ArrayList<>();
    for (String text : textsOf(partitionKey)) {
      if (seen.add(text)) {
        firsts.add(text);
      }
    }
    return firsts;
  }

  /** The shards that it was opened for. */
  Set<String> shards() {
    return Set.copyOf(shards);
  }
}
