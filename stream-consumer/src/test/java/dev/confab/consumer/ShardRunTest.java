package dev.confab.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.DeadLetter;
import dev.confab.events.Position;
import dev.confab.metrics.Measurements;
import dev.confab.metrics.Metric;
import dev.confab.metrics.RecordedMetrics;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each rule of hosting a stage, in time that only pauses move. */
@Timeout(60) // what should end a wait and doesn't would wait for ever
class ShardRunTest {
  private static final String SHARD = "shardId-000000000000";
  private static final Outcome POISON = new Outcome.Unprocessable("Malformed", "no text");
  private static final Outcome RETRY = new Outcome.Retry("the table is down");
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final VirtualTime time = new VirtualTime();
  private final List<Duration> pauses = new ArrayList<>();
  private final FakeLease lease = new FakeLease();
  private final InMemoryDeadLetters queue = new InMemoryDeadLetters();
  private final FakeCheckpoints checkpoints = new FakeCheckpoints();
  private final ScriptedStage stage = new ScriptedStage();
  private final RecordedMetrics metrics = new RecordedMetrics();
  private final AtomicInteger halts = new AtomicInteger();
  private final ShardRun run = run(HashRange.all());

  private ShardRun run(HashRange range) {
    Pause recording =
        duration -> {
          pauses.add(duration);
          time.pause(duration);
        };
    return new ShardRun(
        new ShardStart(SHARD, range, lease, new OneShard(), new Measurements(time)),
        stage,
        ports(recording));
  }

  private RunPorts ports(Pause pause) {
    return new RunPorts(
        queue,
        new Retries(Duration.ofMillis(100), Duration.ofSeconds(10), new Random(7)),
        pause,
        time,
        Duration.ofSeconds(1),
        metrics,
        halts::incrementAndGet);
  }

  // What a stage is offered

  @Test
  void records_areOfferedInOrder() {
    run.process(List.of(whole(1, "a"), whole(2, "b"), whole(3, "c")), checkpoints);

    assertThat(stage.offered).containsExactly(List.of("a", "b", "c"));
  }

  @Test
  void manyRecords_areOfferedInPartsThatAreDoneOneAfterTheOther() {
    List<WholeRecord> records = new ArrayList<>();
    for (int i = 1; i <= ShardRun.MAX_OFFERED + 1; i++) {
      records.add(whole(i, "r" + i));
    }
    answerTimes(1, "r1", RETRY);

    run.process(records, checkpoints);

    assertThat(stage.offered).extracting(List::size).containsExactly(ShardRun.MAX_OFFERED, 1, 1);
    assertThat(stage.offered.get(1)).containsExactly("r1");
  }

  @Test
  void aggregatedRecord_isOfferedAsItsParts() {
    Bytes data = new Aggregates().add("lobby", bytes("a")).add("kitchen", bytes("b")).build();

    run.process(List.of(new WholeRecord("1", "x", data, time.instant())), checkpoints);

    assertThat(stage.offered).containsExactly(List.of("a", "b"));
  }

  // Retry

  @Test
  void retry_offersThoseAloneAgain_beforeAnyLaterRecord() {
    answerTimes(2, "b", RETRY);

    run.process(List.of(whole(1, "a"), whole(2, "b"), whole(3, "c")), checkpoints);
    run.process(List.of(whole(4, "d")), checkpoints);

    assertThat(stage.offered)
        .containsExactly(List.of("a", "b", "c"), List.of("b"), List.of("b"), List.of("d"));
  }

  @Test
  void retry_goesOnForAsLongAsTheServiceIsDown_andLessAndLessOften() {
    stage.answer(_ -> RETRY);
    time.after(
        Duration.ofHours(1),
        () -> {
          assertThat(checkpoints.calls()).isZero();
          stage.answer(_ -> Outcome.done());
        });

    run.process(List.of(whole(1, "a")), checkpoints);

    assertThat(queue.taken()).isEmpty();
    assertThat(checkpoints.kept()).containsExactly("1");
    assertThat(stage.offered.size()).isBetween(360, 1_500);
    assertThat(run.isOver()).isFalse();
  }

  @Test
  void stageThatThrows_isTriedAgain() {
    List<RuntimeException> faults =
        new ArrayList<>(List.of(new IllegalStateException("fault"), new RuntimeException()));
    stage.answer(
        _ -> {
          if (!faults.isEmpty()) {
            throw faults.removeFirst();
          }
          return Outcome.done();
        });

    run.process(List.of(whole(1, "a"), whole(2, "b")), checkpoints);

    assertThat(stage.offered)
        .containsExactly(List.of("a", "b"), List.of("a", "b"), List.of("a", "b"));
    assertThat(passedAtShutdown()).containsExactly("2");
  }

  @Test
  void stageWithAnErrorThatIsNoException_isTriedAgain() {
    AtomicInteger calls = new AtomicInteger();
    stage.answer(
        _ -> {
          if (calls.getAndIncrement() == 0) {
            throw new NoClassDefFoundError("half deployed");
          }
          return Outcome.done();
        });

    run.process(List.of(whole(1, "a")), checkpoints);

    assertThat(passedAtShutdown()).containsExactly("1");
  }

  @Test
  void stageThatForgetsARecord_isTriedAgain() {
    AtomicInteger calls = new AtomicInteger();

    runOf(_ -> calls.getAndIncrement() == 0 ? List.of() : List.of(Outcome.done()))
        .process(List.of(whole(1, "a")), checkpoints);

    assertThat(calls).hasValue(2);
  }

  // A lease that is lost while a call waits

  @Test
  void lostLease_endsARetry_andNothingIsEverCheckpointedAgain() {
    answerAlways("b", RETRY);
    time.after(MINUTE, lease::lose);

    run.process(List.of(whole(1, "a"), whole(2, "b"), whole(3, "c")), checkpoints);

    assertThat(run.isOver()).isTrue();
    assertThat(stage.closes).isEqualTo(1);
    int before = checkpoints.calls();
    stage.answer(_ -> Outcome.done());
    run.process(List.of(whole(4, "d")), checkpoints);
    run.shutdownRequested(checkpoints);
    run.shardEnded(checkpoints);
    run.leaseLost();
    assertThat(checkpoints.calls()).isEqualTo(before);
    assertThat(stage.offered.getLast()).containsExactly("b");
    assertThat(stage.closes).isEqualTo(1);
  }

  @Test
  void lostLease_isNeverCheckpointed_thoughSomethingWasDoneUnderIt() {
    answerAlways("b", RETRY);
    time.after(Duration.ofMillis(500), lease::lose); // sooner than a checkpoint is due

    run.process(List.of(whole(1, "a"), whole(2, "b")), checkpoints);
    run.shutdownRequested(checkpoints);

    assertThat(run.isOver()).isTrue();
    assertThat(checkpoints.calls()).isZero();
  }

  @Test
  void everyWait_asksForTheLeaseAtLeastOnceASecond() {
    Instant start = time.instant();
    answerAlways("a", RETRY);
    time.after(Duration.ofHours(1), lease::lose);

    run.process(List.of(whole(1, "a")), checkpoints);

    assertThat(run.isOver()).isTrue();
    assertThat(Duration.between(start, time.instant()))
        .isLessThanOrEqualTo(Duration.ofHours(1).plus(ShardRun.LONGEST_SLICE));
    assertThat(pauses).allMatch(pause -> pause.compareTo(ShardRun.LONGEST_SLICE) <= 0);
    assertThat(pauses).hasSizeGreaterThan(3_600);
  }

  @Test
  void lostLease_endsAWaitForTheQueue() {
    stage.answer(_ -> POISON);
    queue.goDown();
    time.after(MINUTE, lease::lose);

    run.process(List.of(whole(1, "a")), checkpoints);

    assertThat(run.isOver()).isTrue();
    assertThat(passedAtShutdown()).isEmpty();
  }

  @Test
  void lostLease_isSeenBeforeTheFirstOffer() {
    lease.lose();

    run.process(List.of(whole(1, "a")), checkpoints);

    assertThat(stage.offered).isEmpty();
  }

  // Parking

  @Test
  void poison_isParkedByteForByte_letterFirst_andOthersGoOn() {
    answerAlways("b", POISON);
    stage.onParked(_ -> assertThat(queue.taken()).hasSize(1));

    run.process(List.of(whole(1, "a"), whole(2, "b"), whole(3, "c")), checkpoints);

    assertThat(stage.offered).containsExactly(List.of("a", "b", "c"));
    assertThat(stage.parked).containsExactly(Position.of("2", 0));
    assertThat(letter())
        .isEqualTo(
            new DeadLetter.RecordLetter(
                new DeadLetter.Failure("Malformed", "no text", 1, time.instant(), time.instant()),
                SHARD,
                Position.of("2", 0),
                "lobby",
                null,
                null,
                0,
                new DeadLetter.Inline(bytes("b"))));
    assertThat(pauses).isEmpty();
    assertThat(passedAtShutdown()).containsExactly("3");
  }

  @Test
  void queueOutage_holdsBackTheCheckpoint() {
    answerAlways("b", POISON);
    queue.goDown();
    time.after(
        MINUTE,
        () -> {
          assertThat(stage.parked).isEmpty();
          assertThat(checkpoints.kept()).containsExactly("1");
          queue.comeUp();
        });

    run.process(List.of(whole(1, "a"), whole(2, "b"), whole(3, "c")), checkpoints);

    assertThat(stage.parked).containsExactly(Position.of("2", 0));
    assertThat(queue.taken()).hasSize(1);
    assertThat(run.isOver()).isFalse();
    assertThat(passedAtShutdown()).containsExactly("1", "3");
  }

  @Test
  void queueThatTakesSome_isSentTheOthersAlone() {
    stage.answer(_ -> POISON);
    queue.refuse(letter -> ((DeadLetter.RecordLetter) letter).position().subSequenceNumber() == 1);
    time.after(MINUTE, queue::comeUp);
    Bytes data = new Aggregates().add("a", bytes("a")).add("b", bytes("b")).build();

    run.process(List.of(new WholeRecord("1", "x", data, time.instant())), checkpoints);

    assertThat(queue.taken()).hasSize(2);
    assertThat(queue.taken()).doesNotHaveDuplicates();
  }

  @Test
  void queueThatThrows_isTriedAgain() {
    stage.answer(_ -> POISON);
    AtomicInteger calls = new AtomicInteger();
    queue.refuse(
        _ -> {
          if (calls.getAndIncrement() == 0) {
            throw new IllegalStateException("fault");
          }
          return false;
        });

    run.process(List.of(whole(1, "a")), checkpoints);

    assertThat(queue.taken()).hasSize(1);
    assertThat(passedAtShutdown()).containsExactly("1");
  }

  @Test
  void placeholderThatFails_isTriedAgainWithoutASecondLetter_beforeTheCheckpoint() {
    stage.answer(_ -> POISON);
    AtomicInteger calls = new AtomicInteger();
    stage.onParked(
        _ -> {
          if (calls.getAndIncrement() < 20) {
            assertThat(checkpoints.calls()).isZero();
            throw new IllegalStateException("the table is down");
          }
        });

    run.process(List.of(whole(1, "a")), checkpoints);

    assertThat(stage.parked).hasSize(1);
    assertThat(queue.taken()).hasSize(1);
    assertThat(passedAtShutdown()).containsExactly("1");
  }

  @Test
  void letter_tellsAttemptsAndTimes_andWhatTheRecordSaysOfItself() {
    String json =
        " {\"type\":\"message\",\"chatId\":\"lobby\",\"traceId\":\"1-6789\",\"x\":\"é\"}\n";
    Instant first = time.instant();
    answerTimes(3, json, RETRY, POISON);

    run.process(List.of(whole(1, json)), checkpoints);

    assertThat(letter().payload()).isEqualTo(new DeadLetter.Inline(bytes(json)));
    assertThat(letter().chatId()).isEqualTo(new ChatId("lobby"));
    assertThat(letter().traceId()).isEqualTo("1-6789");
    assertThat(letter().failure().attempts()).isEqualTo(4);
    assertThat(letter().failure().firstFailedAt()).isEqualTo(first);
    assertThat(letter().failure().lastFailedAt())
        .isEqualTo(time.instant().truncatedTo(ChronoUnit.MILLIS))
        .isAfter(first);
  }

  @Test
  void letterOfARecordWithOddIds_leavesThemOut() {
    answerAlways("{\"chatId\":\"a#b\",\"traceId\":7}", POISON);

    run.process(List.of(whole(1, "{\"chatId\":\"a#b\",\"traceId\":7}")), checkpoints);

    assertThat(letter().chatId()).isNull();
    assertThat(letter().traceId()).isNull();
  }

  @Test
  void replayThatFails_parksTheOriginal_neverItself() {
    Position original = Position.of("1", 3);
    byte[] replay =
        ChatEvents.encode(
            new ChatEvent.Replay(
                new ChatId("lobby"), original, 2, bytes("{\"chatId\":\"lobby\"}")));
    stage.answer(_ -> POISON);

    run.process(
        List.of(new WholeRecord("9", "lobby", Bytes.of(replay), time.instant())), checkpoints);

    assertThat(letter().position()).isEqualTo(original);
    assertThat(letter().replayCount()).isEqualTo(2);
    assertThat(letter().payload())
        .isEqualTo(new DeadLetter.Inline(bytes("{\"chatId\":\"lobby\"}")));
    assertThat(stage.parked).containsExactly(Position.of("9", 0));
  }

  @Test
  void longErrorText_isCut() {
    stage.answer(_ -> new Outcome.Unprocessable("Malformed", "x".repeat(5_000)));

    run.process(List.of(whole(1, "a")), checkpoints);

    assertThat(letter().failure().errorText()).hasSize(1_000);
  }

  // Records that no stage can work on

  @Test
  void misroutedRecord_isParkedWithoutTheStage() {
    BigInteger hash = new BigInteger("d8671d1cb097a3bd26b2344ee25a0562", 16); // of "lobby"
    ShardRun lobbyOnly = run(new HashRange(hash, hash));
    Bytes data = new Aggregates().add("lobby", bytes("a")).add("kitchen", bytes("b")).build();

    lobbyOnly.process(List.of(new WholeRecord("1", "x", data, time.instant())), checkpoints);

    assertThat(stage.offered).containsExactly(List.of("a"));
    assertThat(stage.parked).isEmpty();
    assertThat(letter().failure().errorClass()).isEqualTo("Misrouted");
    assertThat(letter().partitionKey()).isEqualTo("kitchen");
    assertThat(letter().position()).isEqualTo(Position.of("1", 1));
    assertThat(letter().payload()).isEqualTo(new DeadLetter.Inline(bytes("b")));
  }

  @Test
  void malformedAggregate_isParkedWhole() {
    byte[] data = new Aggregates().add("lobby", bytes("a")).build().toArray();
    data[data.length - 1] ^= 1;

    run.process(
        List.of(new WholeRecord("1", "x", Bytes.of(data), time.instant()), whole(2, "b")),
        checkpoints);

    assertThat(letter().payload()).isEqualTo(new DeadLetter.Inline(Bytes.of(data)));
    assertThat(stage.offered).containsExactly(List.of("b"));
    assertThat(passedAtShutdown()).containsExactly("2");
  }

  @Test
  void misroutedRecord_whileTheQueueIsDown_holdsBackTheCheckpoint() {
    ShardRun nobodys = run(new HashRange(BigInteger.ZERO, BigInteger.ZERO));
    queue.goDown();
    time.after(MINUTE, lease::lose);

    nobodys.process(List.of(whole(1, "a")), checkpoints);
    nobodys.shutdownRequested(checkpoints);

    assertThat(checkpoints.calls()).isZero();
  }

  @Test
  void recordTooDeepToRead_isParkedAlone() {
    stage.answer(
        record -> {
          if (ScriptedStage.text(record).equals("b")) {
            throw new StackOverflowError();
          }
          return Outcome.done();
        });

    run.process(List.of(whole(1, "a"), whole(2, "b"), whole(3, "c")), checkpoints);

    assertThat(letter().failure().errorClass()).isEqualTo("StackOverflowError");
    assertThat(letter().position()).isEqualTo(Position.of("2", 0));
    assertThat(stage.parked).containsExactly(Position.of("2", 0));
    assertThat(stage.offered.getLast()).containsExactly("c");
    assertThat(passedAtShutdown()).containsExactly("3");
  }

  @Test
  void recordTooDeepToRead_doesNotLetLaterOnesOvertakeOneThatWaits() {
    AtomicInteger callsOfA = new AtomicInteger();
    stage.answer(
        record ->
            switch (ScriptedStage.text(record)) {
              case "a" -> callsOfA.incrementAndGet() < 4 ? RETRY : Outcome.done();
              case "b" -> throw new StackOverflowError();
              default -> Outcome.done();
            });

    run.process(List.of(whole(1, "a"), whole(2, "b"), whole(3, "c")), checkpoints);

    assertThat(callsOfA).hasValue(4);
    assertThat(stage.offered)
        .containsExactly(
            List.of("a", "b", "c"),
            List.of("a"),
            List.of("a", "b", "c"),
            List.of("a"),
            List.of("b"),
            List.of("c"));
    assertThat(stage.parked).containsExactly(Position.of("2", 0));
  }

  @Test
  void outOfMemory_haltsTheProcess_andNothingIsCheckpointed() {
    run.process(List.of(whole(1, "a")), checkpoints);
    stage.answer(
        _ -> {
          throw new OutOfMemoryError();
        });

    run.process(List.of(whole(2, "b")), checkpoints);

    assertThat(halts).hasValue(1);
    assertThat(passedAtShutdown()).isEmpty();
  }

  // Checkpoints

  @Test
  void checkpoint_isMadeOnAnInterval_notForEveryBatch() {
    for (int i = 1; i <= 25; i++) {
      run.process(List.of(whole(i, "r" + i)), checkpoints);
      time.pass(Duration.ofMillis(100));
    }

    assertThat(checkpoints.kept()).containsExactly("11", "21");
  }

  @Test
  void emptyBatch_isAChanceToCheckpoint() {
    run.process(List.of(whole(1, "a")), checkpoints);
    time.pass(Duration.ofSeconds(2));

    run.process(List.of(), checkpoints);
    time.pass(Duration.ofSeconds(2));
    run.process(List.of(), checkpoints);

    assertThat(checkpoints.kept()).containsExactly("1");
    assertThat(checkpoints.calls()).isEqualTo(1);
  }

  @Test
  void clockThatGoesBack_doesNotEndCheckpoints() {
    time.pass(Duration.ofHours(-2));

    run.process(List.of(whole(1, "a")), checkpoints);

    assertThat(checkpoints.kept()).containsExactly("1");
  }

  @Test
  void checkpoint_neverPassesARecordThatWaits() {
    answerAlways("b", RETRY);
    time.after(MINUTE, () -> stage.answer(_ -> Outcome.done()));

    run.process(List.of(whole(1, "a"), whole(2, "b"), whole(3, "c")), checkpoints);

    assertThat(checkpoints.kept()).startsWith("1").doesNotContain("2");
    assertThat(passedAtShutdown()).endsWith("3");
  }

  @Test
  void checkpoint_neverPassesAnAggregateOfWhichAPartWaits() {
    answerAlways("b", RETRY);
    time.after(MINUTE, lease::lose);
    Bytes data = new Aggregates().add("lobby", bytes("a")).add("kitchen", bytes("b")).build();

    run.process(
        List.of(whole(1, "x"), new WholeRecord("2", "x", data, time.instant())), checkpoints);

    assertThat(checkpoints.kept()).containsExactly("1");
  }

  @Test
  void refusedCheckpoint_meansTheLeaseMoved_stop() {
    time.pass(MINUTE);
    checkpoints.answer(new Checkpoints.LeaseMoved());

    run.process(List.of(whole(1, "a")), checkpoints);

    assertThat(run.isOver()).isTrue();
    checkpoints.answer(new Checkpoints.Kept());
    run.process(List.of(whole(2, "b")), checkpoints);
    run.shutdownRequested(checkpoints);
    run.shardEnded(checkpoints);
    assertThat(stage.offered).containsExactly(List.of("a"));
    assertThat(checkpoints.calls()).isEqualTo(1);
  }

  @Test
  void refusedCheckpoint_betweenTwoParts_stopsBeforeTheSecond() {
    List<WholeRecord> records = new ArrayList<>();
    for (int i = 1; i <= ShardRun.MAX_OFFERED + 1; i++) {
      records.add(whole(i, "r" + i));
    }
    time.pass(MINUTE);
    checkpoints.answer(new Checkpoints.LeaseMoved());

    run.process(records, checkpoints);

    assertThat(stage.offered).hasSize(1);
  }

  @Test
  void throttledCheckpoint_isTriedAgainLater() {
    time.pass(MINUTE);
    checkpoints.answer(new Checkpoints.Unavailable("throttled"));
    run.process(List.of(whole(1, "a")), checkpoints);
    checkpoints.answer(new Checkpoints.Kept());

    run.process(List.of(), checkpoints);
    assertThat(checkpoints.kept()).isEmpty();
    time.pass(Duration.ofSeconds(1));
    run.process(List.of(), checkpoints);

    assertThat(checkpoints.kept()).containsExactly("1");
  }

  // The end

  @Test
  void shutdown_checkpointsWhatIsDone_andTakesNoMore() {
    run.process(List.of(whole(1, "a"), whole(2, "b")), checkpoints);

    run.shutdownRequested(checkpoints);
    run.process(List.of(whole(3, "c")), checkpoints);

    assertThat(checkpoints.kept()).containsExactly("2");
    assertThat(stage.offered).containsExactly(List.of("a", "b"));
    assertThat(stage.closes).isEqualTo(1);
  }

  @Test
  void shutdown_triesAThrottledCheckpointAFewTimes_thenLetsGo() {
    run.process(List.of(whole(1, "a")), checkpoints);
    checkpoints.answer(new Checkpoints.Unavailable("throttled"));

    run.shutdownRequested(checkpoints);

    assertThat(checkpoints.calls()).isEqualTo(3);
  }

  @Test
  void shutdown_whileAServiceIsDown_endsTheWait_andPassesNothingUnfinished() {
    answerAlways("b", RETRY);
    time.after(MINUTE, run::requestStop);

    run.process(List.of(whole(1, "a"), whole(2, "b"), whole(3, "c")), checkpoints);
    run.shutdownRequested(checkpoints);
    run.process(List.of(whole(4, "d")), checkpoints);
    run.shardEnded(checkpoints);

    assertThat(run.isOver()).isTrue();
    assertThat(checkpoints.kept()).containsExactly("1");
    assertThat(stage.offered.getLast()).containsExactly("b");
  }

  @Test
  void interruption_endsTheRun_andStaysVisible() {
    answerAlways("a", RETRY);
    time.after(MINUTE, () -> Thread.currentThread().interrupt());

    run.process(List.of(whole(1, "a")), checkpoints);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(run.isOver()).isTrue();
    assertThat(passedAtShutdown()).isEmpty();
  }

  @Test
  void interruptionOfTheStage_isNoFaultToTryAgain() {
    ShardRun interrupted =
        runOf(
            _ -> {
              throw new InterruptedException();
            });

    interrupted.process(List.of(whole(1, "a")), checkpoints);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(interrupted.isOver()).isTrue();
    interrupted.shutdownRequested(checkpoints);
    assertThat(checkpoints.calls()).isZero();
  }

  @Test
  void interruptionOfTheLastCheckpoint_staysVisible() {
    run.process(List.of(whole(1, "a")), checkpoints);
    checkpoints.answer(new Checkpoints.Unavailable("throttled"));
    Thread.currentThread().interrupt();

    run.shutdownRequested(checkpoints);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(checkpoints.calls()).isEqualTo(1);
  }

  @Test
  void shardEnd_whileTheWorkerStops_isCheckpointedToo() {
    run.process(List.of(whole(1, "a")), checkpoints);
    run.requestStop();

    assertThat(run.shardEnded(checkpoints)).isTrue();

    assertThat(checkpoints.kept()).containsExactly(FakeCheckpoints.SHARD_END);
  }

  @Test
  void shardEnd_isAlwaysCheckpointed() {
    run.process(List.of(whole(1, "a")), checkpoints);

    run.shardEnded(checkpoints);

    assertThat(checkpoints.kept()).containsExactly(FakeCheckpoints.SHARD_END);
    assertThat(run.isOver()).isTrue();
    assertThat(stage.closes).isEqualTo(1);
  }

  @Test
  void shardEnd_isTriedUntilItIsKept() {
    checkpoints.answer(new Checkpoints.Unavailable("throttled"));
    time.after(MINUTE, () -> checkpoints.answer(new Checkpoints.Kept()));

    run.shardEnded(checkpoints);

    assertThat(checkpoints.kept()).containsExactly(FakeCheckpoints.SHARD_END);
  }

  @Test
  void shardEnd_isGivenUpWhenTheLeaseMoved() {
    checkpoints.answer(new Checkpoints.LeaseMoved());

    assertThat(run.shardEnded(checkpoints)).isFalse();

    assertThat(checkpoints.calls()).isEqualTo(1);
    assertThat(run.isOver()).isTrue();
  }

  @Test
  void shardEnd_afterAnAbandonedBatch_isNotCheckpointed() {
    stage.answer(_ -> RETRY);
    time.after(MINUTE, run::requestStop);
    run.process(List.of(whole(1, "a")), checkpoints);

    run.shardEnded(checkpoints);

    assertThat(checkpoints.calls()).isZero();
  }

  /** Nothing is unfinished here: what the run didn't take, it doesn't know of. */
  @Test
  void shardEnd_afterABatchThatWasNotTaken_isNotCheckpointed() {
    run.shutdownRequested(checkpoints);
    run.process(List.of(whole(1, "a")), checkpoints);

    assertThat(run.shardEnded(checkpoints)).isFalse();

    assertThat(checkpoints.calls()).isZero();
  }

  @Test
  void stageThatFailsToClose_doesNotEscape() {
    ShardRun stubborn =
        runOf(
            new OnlyProcesses() {
              @Override
              public List<Outcome> process(List<StreamRecord> records) {
                return List.of();
              }

              @Override
              public void close() {
                throw new IllegalStateException("stuck");
              }
            });

    stubborn.leaseLost();

    assertThat(stubborn.isOver()).isTrue();
  }

  @Test
  void checkpointThatThrows_givesTheShardUp_andDoesNotEscape() {
    Checkpoints broken =
        new Checkpoints() {
          @Override
          public Result upTo(String sequenceNumber) {
            throw new IllegalStateException("fault");
          }

          @Override
          public Result shardEnd() {
            throw new IllegalStateException("fault");
          }
        };
    run.process(List.of(whole(1, "a")), broken);
    time.pass(MINUTE);

    run.process(List.of(), broken);

    assertThat(run.isOver()).isTrue();
    run.shutdownRequested(broken);
    assertThat(checkpoints.calls()).isZero();
  }

  // What it says about itself

  @Test
  void batch_isMeasuredByItsParts_onceHoweverOftenItIsOffered() {
    Bytes two = new Aggregates().add("lobby", bytes("a")).add("kitchen", bytes("b")).build();
    answerTimes(2, "b", RETRY);

    run.process(
        List.of(new WholeRecord("1", "x", two, time.instant()), whole(2, "c")), checkpoints);
    run.process(List.of(), checkpoints);
    run.process(List.of(whole(3, "d")), checkpoints);

    assertThat(metrics.values(Metric.BATCH_SIZE)).containsExactly(3L, 1L);
    assertThat(metrics.sum(Metric.RETRIED)).isEqualTo(2);
  }

  @Test
  void batchThatIsOfferedInParts_isStillOneBatch() {
    List<WholeRecord> records = new ArrayList<>();
    for (int i = 1; i <= 2 * ShardRun.MAX_OFFERED + 1; i++) {
      records.add(whole(i, "r" + i));
    }

    run.process(records, checkpoints);

    assertThat(metrics.values(Metric.BATCH_SIZE)).containsExactly(2L * ShardRun.MAX_OFFERED + 1);
    assertThat(metrics.writes()).hasSize(1);
  }

  @Test
  void whatIsTakenAgain_isToldWhileItLasts() {
    stage.answer(_ -> RETRY);
    time.after(
        MINUTE,
        () -> {
          assertThat(metrics.values(Metric.BATCH_SIZE)).containsExactly(2L);
          assertThat(metrics.sum(Metric.RETRIED)).isGreaterThan(10);
          stage.answer(_ -> Outcome.done());
        });

    run.process(List.of(whole(1, "a"), whole(2, "b")), checkpoints);

    assertThat(metrics.sum(Metric.RETRIED)).isEqualTo(2L * (stage.offered.size() - 1));
  }

  @Test
  void whatTheStageMeasures_goesWithItsBatch() {
    Measurements measured = new Measurements(time);
    ShardRun measuring =
        new ShardRun(
            new ShardStart(SHARD, HashRange.all(), lease, new OneShard(), measured),
            (OnlyProcesses)
                records -> {
                  measured.add(Metric.PERSISTED, records.size());
                  return records.stream().map(_ -> Outcome.done()).toList();
                },
            ports(time));

    measuring.process(List.of(whole(1, "a"), whole(2, "b")), checkpoints);

    assertThat(metrics.writes())
        .singleElement()
        .satisfies(
            line ->
                assertThat(line)
                    .extracting(Measurements.Series::metric)
                    .containsExactly(Metric.BATCH_SIZE, Metric.PERSISTED));
  }

  private interface OnlyProcesses extends ShardStage {
    @Override
    default void parked(StreamRecord record) {}

    @Override
    default void close() {}
  }

  private ShardRun runOf(OnlyProcesses other) {
    return new ShardRun(
        new ShardStart(SHARD, HashRange.all(), lease, new OneShard(), new Measurements(time)),
        other,
        ports(time));
  }

  /** What has been kept, once the run has had its last chance to keep something. */
  private List<String> passedAtShutdown() {
    run.shutdownRequested(checkpoints);
    return checkpoints.kept();
  }

  private void answerAlways(String text, Outcome outcome) {
    stage.answer(record -> ScriptedStage.text(record).equals(text) ? outcome : Outcome.done());
  }

  /** For one record the first outcome so many times, then the rest in turn, then done. */
  private void answerTimes(int times, String text, Outcome first, Outcome... then) {
    Map<String, Integer> calls = new HashMap<>();
    List<Outcome> rest = Arrays.asList(then);
    Function<StreamRecord, Outcome> script =
        record -> {
          if (!ScriptedStage.text(record).equals(text)) {
            return Outcome.done();
          }
          int call = calls.merge(text, 1, Integer::sum);
          if (call <= times) {
            return first;
          }
          return call - times <= rest.size() ? rest.get(call - times - 1) : Outcome.done();
        };
    stage.answer(script);
  }

  private DeadLetter.RecordLetter letter() {
    assertThat(queue.taken()).hasSize(1);
    return (DeadLetter.RecordLetter) queue.taken().getFirst();
  }

  private WholeRecord whole(int sequenceNumber, String text) {
    return new WholeRecord(String.valueOf(sequenceNumber), "lobby", bytes(text), time.instant());
  }

  private static Bytes bytes(String text) {
    return Bytes.of(text.getBytes(UTF_8));
  }
}
