package dev.confab.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.consumer.FakeLease;
import dev.confab.consumer.HashRange;
import dev.confab.consumer.InMemoryDeadLetters;
import dev.confab.consumer.ShardCounts;
import dev.confab.consumer.ShardStart;
import dev.confab.consumer.VirtualTime;
import dev.confab.events.Bytes;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import dev.confab.events.ServerFrames;
import dev.confab.fanout.InMemoryPushes.Fault;
import dev.confab.metrics.Measurements;
import dev.confab.metrics.Metric;
import dev.confab.metrics.RecordedMetrics;
import dev.confab.table.InMemoryTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rounds with real threads; what follows from a round is in {@link DeliveryTest}. */
class PushRoundsTest {
  private static final ChatId LOBBY = new ChatId("lobby");
  private final VirtualTime time = new VirtualTime();
  private final Measurements measured = new Measurements(time);
  private final InMemoryPushes pushes = new InMemoryPushes();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void stop() {
    threads.close();
  }

  private record Counts(int owned, int open) implements ShardCounts {}

  private PushRounds rounds(Pushes through) {
    FanoutStage.Ports ports =
        new FanoutStage.Ports(
            new InMemoryTable(),
            through,
            new InMemoryDeadLetters(),
            time,
            time,
            new Random(7),
            threads);
    return new PushRounds(
        new ShardStart("shardId-0", HashRange.all(), new FakeLease(), new Counts(1, 1), measured),
        ports,
        new RateShare(1_000_000, time, time));
  }

  private List<Outbox> outboxes(int connections, int frames) {
    List<Outbox> all = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      ConnectionId connection = new ConnectionId("c" + i);
      pushes.connect(connection);
      Outbox outbox = new Outbox(connection);
      for (int j = 0; j < frames; j++) {
        outbox.add(frame(j));
      }
      all.add(outbox);
    }
    return all;
  }

  private Frame frame(int number) {
    Position position = Position.of(Integer.toString(1_000 + number), 0);
    String json = ServerFrames.encode(new ServerFrame.Repaired(LOBBY, position));
    return new Frame(
        LOBBY,
        "Repaired",
        Bytes.of(json.getBytes(StandardCharsets.UTF_8)),
        List.of(position),
        0,
        time.instant().plusSeconds(3_600));
  }

  @Test
  void aConnection_hasOnePostInFlightAndItsFramesInOrder() throws Exception {
    List<Outbox> outboxes = outboxes(200, 20);
    Map<ConnectionId, AtomicInteger> tries = new ConcurrentHashMap<>();
    pushes.fail( // each frame fails once in ten
        connection ->
            tries.computeIfAbsent(connection, _ -> new AtomicInteger()).incrementAndGet() % 10 == 0
                ? Fault.SLOW
                : Fault.NONE);
    assertThat(rounds(pushes).deliver(outboxes)).isEqualTo(new PushRounds.Ended());
    assertThat(outboxes).noneMatch(outbox -> !outbox.undelivered().isEmpty());
    List<ServerFrame> inOrder = pushes.received(new ConnectionId("c0"));
    assertThat(inOrder).hasSize(20);
    assertThat(inOrder)
        .extracting(one -> ((ServerFrame.Repaired) one).position().value())
        .isSorted();
    for (Outbox outbox : outboxes) {
      assertThat(pushes.received(outbox.connectionId())).isEqualTo(inOrder);
    }
    RecordedMetrics metrics = RecordedMetrics.of(measured);
    assertThat(metrics.sum(Metric.PUSHED)).isEqualTo(200 * 20);
    assertThat(metrics.sum(Metric.THROTTLED)).as("the tenth and the 20th try").isEqualTo(200 * 2);
  }

  @Test
  void connections_arePushedToSideBySideWithinABound() throws Exception {
    CountDownLatch full = new CountDownLatch(PushRounds.MAX_IN_FLIGHT);
    CountDownLatch mayEnd = new CountDownLatch(1);
    AtomicInteger begun = new AtomicInteger();
    pushes.whileInFlight(
        () -> {
          begun.incrementAndGet();
          full.countDown();
          await(mayEnd);
        });
    List<Outbox> outboxes = outboxes(200, 1);
    FutureTask<PushRounds.Result> delivery =
        new FutureTask<>(() -> rounds(pushes).deliver(outboxes));
    Thread caller = Thread.ofPlatform().start(delivery);
    full.await();
    while (caller.getState() != Thread.State.WAITING) { // for one of them to end
      Thread.onSpinWait();
    }
    assertThat(begun.get()).isEqualTo(PushRounds.MAX_IN_FLIGHT);
    mayEnd.countDown();
    assertThat(delivery.get()).isEqualTo(new PushRounds.Ended());
    assertThat(begun.get()).isEqualTo(200);
  }

  @Test
  void aFaultOfThePort_countsAsAFailureOfThatConnection() throws Exception {
    Pushes broken =
        new Pushes() {
          @Override
          public Push push(ConnectionId connection, Bytes frame) {
            if (connection.value().equals("c0")) {
              throw new IllegalStateException("broken");
            }
            return pushes.push(connection, frame);
          }

          @Override
          public Presence probe(ConnectionId connection) {
            return pushes.probe(connection);
          }
        };
    List<Outbox> outboxes = outboxes(2, 1);
    assertThat(rounds(broken).deliver(outboxes)).isEqualTo(new PushRounds.Ended());
    assertThat(outboxes.get(0).failure()).isNotNull();
    assertThat(outboxes.get(0).undelivered()).hasSize(1);
    assertThat(RecordedMetrics.of(measured).sum(Metric.PUSH_FAILED))
        .isEqualTo(outboxes.get(0).failures());
    assertThat(outboxes.get(1).undelivered()).isEmpty();
  }

  @Test
  void memoryThatRunsOutInAPush_reachesWhoeverHaltsTheProcess() {
    pushes.whileInFlight(
        () -> {
          throw new OutOfMemoryError();
        });
    List<Outbox> outboxes = outboxes(2, 1);
    assertThatThrownBy(() -> rounds(pushes).deliver(outboxes)).isInstanceOf(OutOfMemoryError.class);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stopped) {
      throw new AssertionError(stopped);
    }
  }
}
