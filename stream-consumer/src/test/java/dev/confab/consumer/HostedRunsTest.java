package dev.confab.consumer;

import static dev.confab.consumer.ListedShards.shard;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Bytes;
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
    var _ = runs.begin("b", lease);

    assertThat(starts)
        .containsExactly(new ShardStart("b", HashRange.parse("50", "99"), lease, runs));
  }

  @Test
  void counts_areOfRunsThatBeganAndHaveNotEnded() throws InterruptedException {
    assertThat(runs.owned()).isZero();
    ShardRun first = Objects.requireNonNull(runs.begin("a", lease));
    var _ = runs.begin("b", lease);

    assertThat(runs.owned()).isEqualTo(2);
    assertThat(runs.open()).isEqualTo(2);
    runs.end(first);
    assertThat(runs.owned()).isEqualTo(1);
  }

  /** While a parent's last records are worked on beside a child's, it is one of those owned. */
  @Test
  void openShards_areNeverFewerThanThoseOwned() throws InterruptedException {
    for (String shardId : List.of("parent", "a", "b")) {
      var _ = runs.begin(shardId, lease);
    }

    assertThat(runs.open()).isEqualTo(3);
  }

  @Test
  void streamThatCannotBeListed_isWaitedFor() throws InterruptedException {
    var listed = List.copyOf(kinesis.inStream);
    kinesis.inStream.clear();
    time.after(MINUTE, () -> kinesis.inStream.addAll(listed));

    assertThat(runs.begin("a", lease)).isNotNull();
    assertThat(kinesis.requests).hasSizeGreaterThan(60);
  }

  @Test
  void lostLease_endsThatWait() throws InterruptedException {
    kinesis.inStream.clear();
    time.after(MINUTE, lease::lose);

    assertThat(runs.begin("a", lease)).isNull();
    assertThat(runs.owned()).isZero();
  }

  @Test
  void stop_endsThatWait() throws InterruptedException {
    kinesis.inStream.clear();
    time.after(MINUTE, runs::stop);

    assertThat(runs.begin("a", lease)).isNull();
  }

  @Test
  void stop_endsTheWaitsOfAllRuns() throws InterruptedException {
    ShardRun run = Objects.requireNonNull(runs.begin("a", lease));

    assertTakesNothingAfter(runs::stop, run);
  }

  @Test
  void stop_reachesARunThatBeginsMeanwhile() throws InterruptedException {
    onOpen = runs::stop;
    ShardRun run = Objects.requireNonNull(runs.begin("a", lease));

    assertTakesNothingAfter(() -> {}, run);
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
