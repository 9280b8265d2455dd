package dev.confab.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.consumer.Outcome;
import dev.confab.consumer.StreamRecord;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.fanout.InMemoryPushes.Fault;
import dev.confab.metrics.Metric;
import dev.confab.metrics.RecordedMetrics;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the fan-out says about itself. */
class MeasuringTest {
  private static final ConnectionId BAD = new ConnectionId("bad");

  private final FanoutWorld world = new FanoutWorld();

  @BeforeEach
  void twoListen() throws InterruptedException {
    world.subscriber("bob", "good");
    world.subscriber("eve", "bad");
    var _ = world.measured.drain(); // their joined frames
  }

  private RecordedMetrics measured() {
    return RecordedMetrics.of(world.measured);
  }

  @Test
  void frames_areCounted_andMessagesAged() throws InterruptedException {
    StreamRecord one = world.say("c-1");
    StreamRecord two = world.say("c-2");
    world.time.pass(Duration.ofMillis(300));
    world.process(one, two);

    RecordedMetrics metrics = measured();
    assertThat(metrics.values(Metric.PUSHED)).as("one frame each").containsExactly(2L);
    assertThat(metrics.values(Metric.END_TO_END_AGE)).containsExactly(300L, 300L);
    assertThat(metrics.writes().getFirst()).as("and nothing else").hasSize(2);
  }

  @Test
  void gone_isCountedOnce() throws InterruptedException {
    world.pushes.disconnect(BAD);
    world.process(world.say("c-1"));
    world.process(world.say("c-2"));

    RecordedMetrics metrics = measured();
    assertThat(metrics.sum(Metric.GONE)).isEqualTo(1);
    assertThat(metrics.sum(Metric.PUSHED)).isEqualTo(2);
    assertThat(metrics.sum(Metric.PUSH_FAILED)).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "SLOW, THROTTLED",
    "ERROR, PUSH_FAILED",
    "NEVER, PUSH_FAILED",
    "RESET, PUSH_FAILED",
    "TOO_LARGE, PUSH_FAILED"
  })
  void eachTryThatFails_isCounted(Fault fault, Metric metric) throws InterruptedException {
    AtomicInteger tries = new AtomicInteger();
    world.pushes.fail(
        connection -> {
          if (!connection.equals(BAD)) {
            return Fault.NONE;
          }
          tries.incrementAndGet();
          return fault;
        });
    world.process(world.say("c-1"));

    RecordedMetrics metrics = measured();
    assertThat(tries).hasValueGreaterThan(0);
    assertThat(metrics.sum(metric)).isEqualTo(tries.get());
    assertThat(metrics.sum(Metric.THROTTLED) + metrics.sum(Metric.PUSH_FAILED))
        .isEqualTo(tries.get());
    assertThat(metrics.sum(Metric.PUSHED)).isEqualTo(1);
  }

  @Test
  void messageWhosePushIsTriedAgain_isAgedOnce_whenTheLastPushHasEnded()
      throws InterruptedException {
    world.pushes.fail(_ -> Fault.NEVER); // an endpoint that is down: the batch waits
    StreamRecord message = world.say("c-1");
    assertThat(world.offer(List.of(message)).getFirst()).isInstanceOf(Outcome.Retry.class);
    assertThat(measured().values(Metric.END_TO_END_AGE)).isEmpty();

    world.pushes.fail(_ -> Fault.NONE);
    world.time.pass(Duration.ofSeconds(10));
    world.process(message);

    assertThat(measured().values(Metric.END_TO_END_AGE))
        .singleElement()
        .satisfies(age -> assertThat(age).isBetween(10_000L, 20_000L));
  }

  @Test
  void messageThatNobodyReceives_hasNoPushThatCouldEnd() throws InterruptedException {
    world.process(world.say(new ChatId("empty"), "c-1"));
    StreamRecord old = world.say("c-2");
    world.time.pass(FanoutShard.LIVE.plusSeconds(1));
    world.process(old);

    assertThat(world.measured.drain()).isEmpty();
  }

  /** A question is no push. */
  @Test
  void probes_areNotCounted() throws InterruptedException {
    world.takeOver(new FanoutStage.Settings(10_000, 2, 100_000));
    world.member(FanoutWorld.LOBBY, "kim");
    world.pushes.connect(new ConnectionId("k"));
    world.process(world.record(world.subscribe(FanoutWorld.LOBBY, "kim", "k")));

    assertThat(world.pushes.probes()).isNotEmpty();
    RecordedMetrics metrics = measured();
    assertThat(metrics.sum(Metric.PUSHED)).as("the refusal").isEqualTo(1);
    assertThat(metrics.writes().getFirst()).hasSize(1);
  }
}
