package dev.confab.consumer;

import static dev.confab.consumer.ListedShards.shard;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Position;
import dev.confab.metrics.Metric;
import dev.confab.metrics.RecordedMetrics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.kinesis.exceptions.ShutdownException;
import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.lifecycle.events.ShutdownRequestedInput;
import software.amazon.kinesis.retrieval.KinesisClientRecord;
import software.amazon.kinesis.retrieval.kpl.ExtendedSequenceNumber;

/**
 * What KCL may rely on. Records of which a call doesn't say how they ended must not be passed over:
 * nothing escapes, and the lease goes where nothing more is done for it.
 */
class ShardProcessorTest {
  private static final String SHARD = "shardId-000000000000";
  private static final Outcome RETRY = new Outcome.Retry("the table is down");

  private final VirtualTime time = new VirtualTime();
  private final FakeLeaseCoordinator kcl = new FakeLeaseCoordinator();
  private final FakeCheckpointer checkpointer = new FakeCheckpointer();
  private final ListedShards kinesis = new ListedShards();
  private final ScriptedStage stage = new ScriptedStage();
  private final RecordedMetrics metrics = new RecordedMetrics();
  private final AtomicInteger halts = new AtomicInteger();
  private Stage opening = _ -> stage;
  private final HostedRuns runs =
      new HostedRuns(
          start -> opening.open(start),
          new RunPorts(
              new InMemoryDeadLetters(),
              new Retries(Duration.ofMillis(100), Duration.ofSeconds(10), new Random(7)),
              time,
              time,
              Duration.ofSeconds(1),
              metrics,
              halts::incrementAndGet),
          new StreamShards(kinesis, "chat"));
  private final ShardProcessor processor =
      new ShardProcessor(runs, shardId -> new KclLease(kcl.coordinator, shardId), time);

  @BeforeEach
  void win() {
    kinesis.inStream.add(shard(SHARD, "0", HashRange.all().last().toString(), "0", null));
    kcl.win(SHARD);
  }

  @Test
  void records_reachTheStageAsKinesisHasThem_andAreCheckpointedAsWholes() {
    Instant arrived = Instant.parse("2026-11-24T01:00:00Z");
    ByteBuffer slice = ByteBuffer.wrap("[a]".getBytes(UTF_8)).position(1).limit(2);
    stage.answer(
        record -> {
          assertThat(record.position()).isEqualTo(Position.of("1", 0));
          assertThat(record.partitionKey()).isEqualTo("lobby");
          assertThat(record.arrivedAt()).isEqualTo(arrived);
          assertThat(record.shardId()).isEqualTo(SHARD);
          return Outcome.done();
        });
    begin();

    process(record(1).data(slice).approximateArrivalTimestamp(arrived).build());
    requestShutdown();

    assertThat(stage.offered).containsExactly(List.of("a"));
    assertThat(slice.remaining()).isEqualTo(1); // KCL's still
    assertThat(checkpointer.calls).containsExactly("checkpoint[1]");
    assertThat(kcl.isHeld(SHARD)).isTrue();
  }

  @Test
  void recordWithoutAnArrivalTime_arrivesNow() {
    stage.answer(
        record -> {
          assertThat(record.arrivedAt()).isEqualTo(time.instant());
          return Outcome.done();
        });
    begin();

    process(record(1).build());

    assertThat(runs.owned()).isEqualTo(1);
    requestShutdown();
    assertThat(checkpointer.calls).containsExactly("checkpoint[1]");
  }

  @Test
  void stageThatFailsToOpen_costsTheLease_notTheRecords() {
    for (Throwable fault : List.of(new IllegalStateException(), new NoClassDefFoundError())) {
      failToOpen(fault);
      begin();
      assertThat(kcl.isHeld(SHARD)).isTrue(); // KCL has begun to read: it must be told

      process(record(1).build());

      assertThat(kcl.isHeld(SHARD)).isFalse();
      assertThat(checkpointer.calls).isEmpty();
      kcl.win(SHARD);
    }
  }

  /** A shard that has ended and holds nothing more gets no call of processRecords. */
  @Test
  void stageThatFailsToOpen_atAShardsEnd_costsTheLease() {
    failToOpen(new IllegalStateException());
    begin();

    endShard();

    assertThat(kcl.isHeld(SHARD)).isFalse();
    assertThat(checkpointer.calls).isEmpty();
  }

  @Test
  void memoryThatRunsOutAtTheBeginning_haltsTheProcess() {
    failToOpen(new OutOfMemoryError());

    begin();

    assertThat(halts).hasValue(1);
  }

  @Test
  void memoryThatRunsOutWhileABatchIsCopied_haltsTheProcess() {
    begin();

    processor.processRecords(input(batchThatThrows(new OutOfMemoryError())));

    assertThat(halts).hasValue(1);
    assertThat(kcl.isHeld(SHARD)).isFalse();
  }

  @Test
  void memoryThatRunsOutWhileABatchIsLookedAt_haltsTheProcess() {
    begin();

    processor.processRecords(input(batchWithoutASize(new OutOfMemoryError())));

    assertThat(halts).hasValue(1);
    assertThat(kcl.isHeld(SHARD)).isFalse();
  }

  @Test
  void faultWhileABatchIsCopied_costsTheLease_notTheRecords() {
    begin();

    processor.processRecords(input(batchThatThrows(new IllegalStateException())));
    requestShutdown();

    assertThat(kcl.isHeld(SHARD)).isFalse();
    assertThat(checkpointer.calls).isEmpty();
  }

  @Test
  void runThatIsOver_costsTheLease() {
    checkpointer.fail(new ShutdownException("another worker has it"));
    begin();
    time.pass(Duration.ofSeconds(2));

    process(record(1).build());

    assertThat(kcl.isHeld(SHARD)).isFalse();
  }

  /** The last checkpoint is yet to come, and needs it. */
  @Test
  void workerThatStops_keepsTheLease() {
    begin();
    process(record(1).build());
    stage.answer(_ -> RETRY);
    time.after(Duration.ofMillis(900), runs::stop); // sooner than a checkpoint is due

    process(record(2).build());

    assertThat(kcl.isHeld(SHARD)).isTrue();
    requestShutdown();
    assertThat(checkpointer.calls).containsExactly("checkpoint[1]");
  }

  @Test
  void shardEnd_isCheckpointed_andTheRunCountsNoMore() {
    begin();
    process(record(1).build());

    endShard();

    assertThat(checkpointer.calls).containsExactly("checkpoint[]");
    assertThat(stage.closes).isEqualTo(1);
    assertThat(runs.owned()).isZero();
    assertThat(kcl.isHeld(SHARD)).isTrue(); // KCL puts it away itself
  }

  @Test
  void shardEndThatIsNotKept_costsTheLease() {
    begin();
    checkpointer.fail(new ShutdownException("another worker has it"));

    endShard();

    assertThat(kcl.isHeld(SHARD)).isFalse();
    assertThat(runs.owned()).isZero();
  }

  @Test
  void lostLease_endsTheRunWithoutACheckpoint() {
    begin();
    process(record(1).build());

    processor.leaseLost(LeaseLostInput.builder().build());
    requestShutdown();

    assertThat(stage.closes).isEqualTo(1);
    assertThat(runs.owned()).isZero();
    assertThat(checkpointer.calls).isEmpty();
  }

  @Test
  void batch_saysHowFarBehindItIs_inItsLine_andAnEmptyOneDoesNot() {
    begin();

    processor.processRecords(
        ProcessRecordsInput.builder()
            .records(List.of(record(1).build()))
            .millisBehindLatest(1_234L)
            .checkpointer(checkpointer.checkpointer)
            .build());
    process();

    assertThat(metrics.values(Metric.MILLIS_BEHIND_LATEST)).containsExactly(1_234L);
    assertThat(metrics.values(Metric.BATCH_SIZE)).containsExactly(1L);
    assertThat(metrics.writes()).hasSize(1);
  }

  @Test
  void shardIsWatched_fromItsBeginning_withEachRead_untilItIsLostOrEnds() {
    for (Runnable end : List.<Runnable>of(this::endShard, this::loseLease)) {
      begin();
      time.pass(Lag.PATIENCE.multipliedBy(2));
      process(); // an empty read: all is well
      runs.sayHowFarBehind();
      assertThat(metrics.values(Metric.MILLIS_BEHIND_LATEST)).last().isEqualTo(0L);

      int said = metrics.writes().size();
      end.run();
      time.pass(Duration.ofMinutes(1));
      runs.sayHowFarBehind();
      assertThat(metrics.writes()).hasSize(said);
    }
  }

  /** A stage that can't open is a shard that nobody works on. */
  @Test
  void shardThatCannotBegin_isWatchedToo() {
    failToOpen(new IllegalStateException());
    begin();
    time.pass(Duration.ofMinutes(2));
    runs.sayHowFarBehind();

    assertThat(metrics.values(Metric.MILLIS_BEHIND_LATEST)).containsExactly(120_000L);
    loseLease();
    time.pass(Duration.ofMinutes(2));
    runs.sayHowFarBehind();
    assertThat(metrics.writes()).hasSize(1);
  }

  private void loseLease() {
    processor.leaseLost(LeaseLostInput.builder().build());
  }

  private void begin() {
    processor.initialize(
        InitializationInput.builder()
            .shardId(SHARD)
            .extendedSequenceNumber(ExtendedSequenceNumber.TRIM_HORIZON)
            .build());
  }

  private void process(KinesisClientRecord... records) {
    processor.processRecords(input(List.of(records)));
  }

  private ProcessRecordsInput input(List<KinesisClientRecord> records) {
    return ProcessRecordsInput.builder()
        .records(records)
        .checkpointer(checkpointer.checkpointer)
        .build();
  }

  private void endShard() {
    processor.shardEnded(ShardEndedInput.builder().checkpointer(checkpointer.checkpointer).build());
  }

  private void requestShutdown() {
    processor.shutdownRequested(
        ShutdownRequestedInput.builder().checkpointer(checkpointer.checkpointer).build());
  }

  private void failToOpen(Throwable fault) {
    opening =
        _ -> {
          throw unchecked(fault);
        };
  }

  private static List<KinesisClientRecord> batchThatThrows(Throwable fault) {
    return new AbstractList<>() {
      @Override
      public KinesisClientRecord get(int index) {
        throw unchecked(fault);
      }

      @Override
      public int size() {
        return 1;
      }
    };
  }

  private static List<KinesisClientRecord> batchWithoutASize(Error fault) {
    return new AbstractList<>() {
      @Override
      public KinesisClientRecord get(int index) {
        throw fault;
      }

      @Override
      public int size() {
        throw fault;
      }
    };
  }

  private static RuntimeException unchecked(Throwable fault) {
    if (fault instanceof Error error) {
      throw error;
    }
    return (RuntimeException) fault;
  }

  private static KinesisClientRecord.KinesisClientRecordBuilder record(int sequenceNumber) {
    return KinesisClientRecord.builder()
        .sequenceNumber(String.valueOf(sequenceNumber))
        .partitionKey("lobby")
        .data(ByteBuffer.wrap(String.valueOf(sequenceNumber).getBytes(UTF_8)));
  }
}
