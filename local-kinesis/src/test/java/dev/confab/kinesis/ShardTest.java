package dev.confab.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class ShardTest {
  private static final ShardInfo INFO = Resharding.initial(1, 1_795_485_600_000L).getFirst();
  private final ManualClock clock = new ManualClock();
  private final List<Long> journaled = new ArrayList<>();
  private final Shard shard =
      new Shard(INFO, "stream s", clock, false, () -> 0, new Journal(), new RecordLog(1));

  /** Remembers what it was given, before the shard shows it. */
  private final class Journal implements ShardJournal {
    @Override
    public void append(List<StoredRecord> records) {
      for (StoredRecord each : records) {
        assertThat(shard.latest()).isLessThanOrEqualTo(each.index());
        journaled.add(each.index());
      }
    }

    @Override
    public void trimTo(long firstIndex) {}

    @Override
    public void close() {}
  }

  private static NewRecord record() {
    return new NewRecord("k", BigInteger.ZERO, new byte[1]);
  }

  /** Waits for a record until someone wakes it; the limit of an hour is never reached. */
  private Thread waiting(long index, AtomicBoolean stopped) {
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    shard.await(index, Duration.ofHours(1).toMillis(), stopped::get);
                  } catch (InterruptedException unexpected) {
                    throw new IllegalStateException(unexpected);
                  }
                });
    while (thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    return thread;
  }

  @Test
  @Timeout(20)
  void aPut_wakesWhoWaitsForIt() throws Exception {
    Thread waiting = waiting(1, new AtomicBoolean());
    shard.append(List.of(record()));
    waiting.join();
  }

  @Test
  @Timeout(20)
  void closing_wakesWhoWaits() throws Exception {
    Thread waiting = waiting(1, new AtomicBoolean());
    shard.update(INFO.closedAt(clock.millis()));
    waiting.join();
  }

  @Test
  @Timeout(20)
  void stopping_wakesWhoWaits() throws Exception {
    AtomicBoolean stopped = new AtomicBoolean();
    Thread waiting = waiting(1, stopped);
    stopped.set(true);
    shard.wake();
    waiting.join();
  }

  @Test
  void recordsAreJournaled_beforeTheyAreShown() {
    shard.append(List.of(record(), record()));
    shard.append(List.of(record()));

    assertThat(journaled).containsExactly(1L, 2L, 3L);
  }

  @Test
  void arrivalTimes_neverGoBack_evenIfTheClockDoes() {
    shard.append(List.of(record()));
    clock.advance(Duration.ofSeconds(-30));
    shard.append(List.of(record()));

    List<StoredRecord> records = shard.read(1, 10, 1_000).records();
    assertThat(records.get(1).arrivalMillis()).isEqualTo(records.get(0).arrivalMillis());
    assertThat(shard.sequenceNumberOf(records.get(1)))
        .isGreaterThan(shard.sequenceNumberOf(records.get(0)));
  }

  @Test
  void aClosedShard_takesNothing_andEnds() {
    shard.append(List.of(record()));
    shard.update(INFO.closedAt(clock.millis()));

    assertThat(shard.append(List.of(record()))).containsExactly(new PutResult.ShardClosed());
    assertThat(shard.read(1, 10, 1_000).ended()).isTrue();
    assertThat(shard.read(1, 10, 1_000).records()).hasSize(1);
  }
}
