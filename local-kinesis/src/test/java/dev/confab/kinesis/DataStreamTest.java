package dev.confab.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class DataStreamTest {
  private static final Settings SETTINGS =
      new Settings("000000000000", "us-east-1", Clock.systemUTC(), false);

  private static DataStream stream(int shards, StreamStore store) throws IOException {
    StreamState state = StreamState.initial("stream", shards, 1024, SETTINGS.nowMillis());
    return new DataStream(SETTINGS, state, store, Map.of());
  }

  /** Puts 1, 2, 3 … under one key until stopped; each must be stored, above the one before. */
  private static int putInOrder(DataStream stream, String key, AtomicBoolean stopped) {
    BigInteger hashKey = HashKeyRange.hashKeyOf(key);
    SequenceNumber last = new SequenceNumber(0, 0, 0, 0);
    int number = 0;
    do {
      byte[] data = ByteBuffer.allocate(Integer.BYTES).putInt(++number).array();
      PutResult result = stream.put(List.of(new NewRecord(key, hashKey, data))).getFirst();
      assertThat(result).isInstanceOf(PutResult.Stored.class);
      SequenceNumber next = ((PutResult.Stored) result).sequenceNumber();
      assertThat(next).isGreaterThan(last);
      last = next;
    } while (!stopped.get());
    return number;
  }

  @Test
  void putsDuringReshards_areStoredOnceAndInOrder() throws Exception {
    DataStream stream = stream(2, StreamStore.NONE);
    Random random = new Random(5);
    AtomicBoolean stopped = new AtomicBoolean();
    Map<String, Integer> expected = new TreeMap<>();
    try (ExecutorService producers = Executors.newVirtualThreadPerTaskExecutor()) {
      Map<String, Future<Integer>> puts = new TreeMap<>();
      for (int i = 0; i < 6; i++) {
        String key = "key-" + i;
        puts.put(key, producers.submit(() -> putInOrder(stream, key, stopped)));
      }
      for (int i = 0; i < 60; i++) {
        int open = stream.topology().openCount();
        int target = Math.max(1, open / 2 + random.nextInt(open + 1));
        stream.reshard((_, resharding) -> resharding.scaleTo(Math.min(8, target)));
      }
      stopped.set(true);
      for (Map.Entry<String, Future<Integer>> put : puts.entrySet()) {
        expected.put(put.getKey(), put.getValue().get());
      }
    }

    // Shards in order of index: a child comes after its parents.
    Map<String, List<Integer>> read = new TreeMap<>();
    for (Shard shard : stream.topology().shards()) {
      for (StoredRecord each : shard.read(0, Integer.MAX_VALUE, Long.MAX_VALUE).records()) {
        read.computeIfAbsent(each.partitionKey(), _ -> new ArrayList<>())
            .add(ByteBuffer.wrap(each.data()).getInt());
      }
    }
    assertThat(read.keySet()).isEqualTo(expected.keySet());
    read.forEach(
        (key, numbers) ->
            assertThat(numbers)
                .hasSize(expected.getOrDefault(key, 0))
                .isSorted()
                .doesNotHaveDuplicates());
  }

  /** A store whose disk can fail. */
  private static final class FailingStore implements StreamStore {
    private boolean fails;

    @Override
    public void save(StreamState state) throws IOException {
      if (fails) {
        throw new IOException("the disk is full");
      }
    }

    @Override
    public ShardJournal createJournal(int shardIndex) {
      return ShardJournal.NONE;
    }

    @Override
    public void deleteShard(int shardIndex) {}

    @Override
    public void deleteStream() {}
  }

  @Test
  void aReshardThatCannotBeSaved_leavesTheStreamAsItWas() throws Exception {
    FailingStore store = new FailingStore();
    DataStream stream = stream(2, store);
    List<ShardInfo> before = stream.topology().infos();
    store.fails = true;

    assertThatThrownBy(() -> stream.reshard((_, resharding) -> resharding.scaleTo(4)))
        .isInstanceOf(ServiceException.class)
        .hasMessageContaining("could not be written to disk");

    assertThat(stream.topology().infos()).isEqualTo(before);
    NewRecord next = new NewRecord("k", BigInteger.ZERO, new byte[0]);
    assertThat(stream.put(List.of(next)).getFirst()).isInstanceOf(PutResult.Stored.class);
    store.fails = false;
    stream.reshard((_, resharding) -> resharding.scaleTo(4));
    assertThat(stream.topology().openCount()).isEqualTo(4);
  }

  @Test
  @Timeout(20)
  void deleting_wakesWhoWaits() throws Exception {
    DataStream stream = stream(1, StreamStore.NONE);
    FutureTask<Boolean> waiting =
        new FutureTask<>(
            () -> {
              stream.shard(0).await(1, Duration.ofHours(1).toMillis(), stream::isDeleted);
              return stream.isDeleted();
            });
    Thread thread = Thread.ofVirtual().start(waiting);
    while (thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    stream.delete();
    assertThat(waiting.get()).isTrue();
  }

  @Test
  void aDeletedStream_takesNothingAndChangesNoMore() throws Exception {
    DataStream stream = stream(1, StreamStore.NONE);
    stream.delete();

    NewRecord next = new NewRecord("k", BigInteger.ZERO, new byte[0]);
    assertThatThrownBy(() -> stream.put(List.of(next))).hasMessageContaining("has been deleted");
    assertThatThrownBy(() -> stream.reshard((_, resharding) -> resharding.scaleTo(2)))
        .hasMessageContaining("has been deleted");
    assertThatThrownBy(() -> stream.change(state -> state.withRetentionHours(48)))
        .hasMessageContaining("has been deleted");
  }
}
