package dev.confab.consumer;

import static dev.confab.consumer.ListedShards.shard;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Bytes;
import dev.confab.metrics.Measurements;
import dev.confab.metrics.Metric;
import dev.confab.metrics.RecordedMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60) // what should end a wait and doesn't would wait for ever
class HostedRunsTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private final VirtualTime time = new VirtualTime();
  private final FakeLease lease = new FakeLease();
  private final ListedShards kinesis = new ListedShards();
  private final StreamShards shards = new StreamShards(kinesis, "chat");
  private final RecordedMetrics metrics = new RecordedMetrics();
  private final Measurements measured = new Measurements(time);
  private final List<ShardStart> starts = new ArrayList<>();
  private final ScriptedStage stage = new ScriptedStage();
  private Runnable onOpen = () -> {};
  private final HostedRuns runs =
      new HostedRuns(
          start -> {
            starts.add(start);
            onOpen.run();
            return stage;
          },
          new RunPorts(
              new InMemoryDeadLetters(),
              new Retries(Duration.ofMillis(100), Duration.ofSeconds(10), new Random(7)),
              time,
              time,
              Duration.ofSeconds(1),
              metrics,
              () -> {}),
          shards);

  @BeforeEach
  void split() {
    kinesis.inStream.add(shard("parent", "0", "99", "100", "150"));
    kinesis.inStream.add(shard("a", "0", "49", "200", null));
    kinesis.inStream.add(shard("b", "50", "99", "200", null));
  }

  @Test
  void stage_isToldItsShardsRange() throws InterruptedException {
    var _ = runs.begin("b", lease, measured);

    assertThat(starts)
        .containsExactly(new ShardStart("b", HashRange.parse("50", "99"), lease, runs, measured));
  }

  @Test
  void counts_areOfRunsThatBeganAndHaveNotEnded() throws InterruptedException {
    assertThat(runs.owned()).isZero();
    ShardRun first = Objects.requireNonNull(runs.begin("a", lease, measured));
    var _ = runs.begin("b", lease, measured);

    assertThat(runs.owned()).isEqualTo(2);
    assertThat(runs.open()).isEqualTo(2);
    runs.end(first);
    assertThat(runs.owned()).isEqualTo(1);
  }

  /** While a parent's last records are worked on beside a child's, it is one of those owned. */
  @Test
  void openShards_areNeverFewerThanThoseOwned() throws InterruptedException {
    for (String shardId : List.of("parent", "a", "b")) {
      var _ = runs.begin(shardId, lease, measured);
    }

    assertThat(runs.open()).isEqualTo(3);
  }

  @Test
  void streamThatCannotBeListed_isWaitedFor() throws InterruptedException {
    var listed = List.copyOf(kinesis.inStream);
    kinesis.inStream.clear();
    time.after(MINUTE, () -> kinesis.inStream.addAll(listed));

    assertThat(runs.begin("a", lease, measured)).isNotNull();
    assertThat(kinesis.requests).hasSizeGreaterThan(60);
  }

  @Test
  void lostLease_endsThatWait() throws InterruptedException {
    kinesis.inStream.clear();
    time.after(MINUTE, lease::lose);

    assertThat(runs.begin("a", lease, measured)).isNull();
    assertThat(runs.owned()).isZero();
  }

  @Test
  void stop_endsThatWait() throws InterruptedException {
    kinesis.inStream.clear();
    time.after(MINUTE, runs::stop);

    assertThat(runs.begin("a", lease, measured)).isNull();
  }

  @Test
  void stop_endsTheWaitsOfAllRuns() throws InterruptedException {
    ShardRun run = Objects.requireNonNull(runs.begin("a", lease, measured));

    assertTakesNothingAfter(runs::stop, run);
  }

  @Test
  void stop_reachesARunThatBeginsMeanwhile() throws InterruptedException {
    onOpen = runs::stop;
    ShardRun run = Objects.requireNonNull(runs.begin("a", lease, measured));

    assertTakesNothingAfter(() -> {}, run);
  }

  @Test
  void shardThatBeginsBelowItsParentsEnd_isSaidAtOnce() throws InterruptedException {
    kinesis.inStream.add(
        shard("child", "0", "99", "149", null).toBuilder().parentShardId("parent").build());
    for (String shardId : List.of("a", "child")) {
      var _ = runs.begin(shardId, lease, measured);
    }

    assertThat(metrics.values(Metric.SHARDS_OUT_OF_ORDER)).containsExactly(1L);
  }

  /** Each worker says so at least once a minute, though no record comes. */
  @Test
  void idleShards_areSaidToBeUpToDate_allInOneLine_atLeastOnceAMinute() {
    List<Lag> lags = List.of(runs.watch(), runs.watch());
    int minutes = 10;
    for (int second = 0; second < minutes * 60; second++) {
      lags.forEach(lag -> lag.hear(0L));
      time.pass(Duration.ofSeconds(1));
      if (second % Lag.INTERVAL.toSeconds() == 0) {
        runs.sayHowFarBehind();
      }
      assertThat(metrics.writes().size()).isGreaterThanOrEqualTo((second + 1) / 60);
    }

    assertThat(metrics.writes()).hasSizeBetween(minutes, minutes * 4 + 1);
    assertThat(metrics.values(Metric.MILLIS_BEHIND_LATEST))
        .hasSize(2 * metrics.writes().size())
        .containsOnly(0L);
  }

  @Test
  void shardOfWhichNothingIsHeard_liesFurtherBehindAsTimePasses() {
    Lag lag = runs.watch();
    lag.hear(2_000L);
    time.pass(Duration.ofSeconds(90)); // a batch that can't be finished, or reads that fail
    runs.sayHowFarBehind();
    lag.hear(0L);
    time.pass(Lag.INTERVAL);
    runs.sayHowFarBehind();

    assertThat(metrics.values(Metric.MILLIS_BEHIND_LATEST)).containsExactly(92_000L, 0L);
  }

  @Test
  void shardThatNeverBegins_liesBehindToo() {
    var _ = runs.watch();
    time.pass(MINUTE);
    runs.sayHowFarBehind();

    assertThat(metrics.values(Metric.MILLIS_BEHIND_LATEST)).containsExactly(60_000L);
  }

  @Test
  void shardThatSaidSoWithABatch_isNotSaidAgainSoSoon() {
    Lag lag = runs.watch();
    lag.hear(5L);
    assertThat(lag.say()).isEqualTo(5);
    time.pass(Lag.INTERVAL.minusMillis(1));
    runs.sayHowFarBehind();
    assertThat(metrics.writes()).isEmpty();

    time.pass(Duration.ofMillis(1));
    runs.sayHowFarBehind();
    assertThat(metrics.values(Metric.MILLIS_BEHIND_LATEST)).containsExactly(5L);
  }

  @Test
  void shardThatIsGone_andNoShard_areSilence() {
    runs.forget(runs.watch());
    time.pass(MINUTE);
    runs.sayHowFarBehind();

    assertThat(metrics.writes()).isEmpty();
  }

  private void assertTakesNothingAfter(Runnable stop, ShardRun run) {
    stop.run();
    Bytes data = Bytes.of(new byte[0]);
    run.process(
        List.of(new WholeRecord("1", "lobby", data, time.instant())), new FakeCheckpoints());
    assertThat(stage.offered).isEmpty();
    assertThat(run.isOver()).isTrue();
  }
}
