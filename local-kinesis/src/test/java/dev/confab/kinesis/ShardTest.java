package dev.confab.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ShardTest {
  private static final ShardInfo INFO = Resharding.initial(1, 1_795_485_600_000L).getFirst();
  private final ManualClock clock = new ManualClock();
  private final List<Long> journaled = new ArrayList<>();
  private boolean diskIsFull;
  private long horizonMillis;
  private long journalBegins = 1;
  private final Shard shard =
      new Shard(
          INFO, "stream s", clock, false, () -> horizonMillis, new Journal(), new RecordLog(1));

  /** Remembers what it was given, before the shard shows it. */
  private final class Journal implements ShardJournal {
    @Override
    public void append(List<StoredRecord> records) throws IOException {
      if (diskIsFull) {
        throw new IOException("the disk is full");
      }
      for (StoredRecord each : records) {
        assertThat(shard.latest()).isLessThanOrEqualTo(each.index());
        journaled.add(each.index());
      }
    }

    @Override
    public void trimTo(long firstIndex) {
      journalBegins = firstIndex;
    }

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
  void aPutThatCannotBeKept_isRefused_andNeverShown() {
    shard.append(List.of(record()));
    diskIsFull = true;

    assertThat(shard.append(List.of(record(), record())))
        .hasSize(2)
        .allMatch(
            result ->
                result instanceof PutResult.Refused(String code, String message)
                    && code.equals(PutResult.INTERNAL_FAILURE)
                    && message.contains("the disk is full"));

    assertThat(shard.read(1, 10, 1_000).records()).hasSize(1);
    diskIsFull = false;
    shard.append(List.of(record()));
    assertThat(journaled).containsExactly(1L, 2L);
    assertThat(shard.read(1, 10, 1_000).records()).hasSize(2);
  }

  @Test
  void whatIsNoLongerRetained_isNotRead_andLeavesTheJournal() {
    shard.append(List.of(record(), record()));
    clock.advance(Duration.ofSeconds(1));
    shard.append(List.of(record()));
    horizonMillis = clock.millis();

    Shard.Batch batch = shard.read(1, 10, 1_000);

    assertThat(batch.records()).extracting(StoredRecord::index).containsExactly(3L);
    assertThat(batch.nextIndex()).isEqualTo(4);
    assertThat(journalBegins).isEqualTo(3);
  }

  @Test
  void numbersThatItGaveOut_areItsOwn_andNoOthers() {
    shard.append(List.of(record()));
    SequenceNumber first = shard.sequenceNumberOf(shard.read(1, 1, 1_000).records().getFirst());
    SequenceNumber end = INFO.closedAt(clock.millis()).endingSequenceNumber();
    SequenceNumber next =
        new SequenceNumber(first.shardCreatedSeconds(), 0, 2, first.takenSeconds());
    SequenceNumber ofAnotherStream =
        new SequenceNumber(first.shardCreatedSeconds() + 1, 0, 1, first.takenSeconds());

    assertThat(shard.issued(INFO.startingSequenceNumber())).isTrue();
    assertThat(shard.issued(first)).isTrue();
    assertThat(shard.issued(next)).isFalse();
    assertThat(shard.issued(ofAnotherStream)).isFalse();
    assertThat(shard.issued(Objects.requireNonNull(end))).isFalse();
    shard.update(INFO.closedAt(clock.millis()));
    assertThat(shard.issued(end)).isTrue();
  }

  /** A record that comes in the same second must not slip through between the two. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aContinuation_liesBetweenWhatWasGivenAndWhatComesNext(int given) {
    for (int i = 0; i < given; i++) {
      shard.append(List.of(record()));
    }
    SequenceNumber continuation = shard.continuation(given + 1);
    assertThat(shard.issued(continuation)).isTrue();
    shard.append(List.of(record()));

    assertThat(shard.indexOf(continuation, true)).isEqualTo(given + 1);
    assertThat(shard.indexOf(continuation, false)).isEqualTo(given + 1);
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

  @Test
  void aClosedShard_endsWithItsLastRecord_notBefore() {
    shard.append(List.of(record(), record()));
    shard.update(INFO.closedAt(clock.millis()));

    assertThat(shard.read(1, 1, 1_000).ended()).isFalse();
    assertThat(shard.read(2, 1, 1_000).ended()).isTrue();
  }
}
