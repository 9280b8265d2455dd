package dev.confab.fanout;

import dev.confab.consumer.Lease;
import dev.confab.consumer.Pause;
import dev.confab.consumer.Retries;
import dev.confab.consumer.ShardCounts;
import dev.confab.consumer.ShardStart;
import dev.confab.events.ConnectionId;
import dev.confab.metrics.Measurements;
import dev.confab.metrics.Metric;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pushes what a batch has: connections side by side, one POST in flight a connection. Who fails is
 * tried again in the next round, after a pause that all who failed share: however many are dead,
 * they delay the rest of the shard by one short budget. Called by one thread.
 */
final class PushRounds {
  private static final Logger log = LoggerFactory.getLogger(PushRounds.class);

  /** Of one connection in one batch. */
  static final int MAX_TRIES = 4;

  /** Of a batch's further tries: none starts later after the first. */
  static final Duration BUDGET = Duration.ofSeconds(2);

  /** POSTs of one shard in flight: at 10 ms each, 6,400 a second. */
  static final int MAX_IN_FLIGHT = 64;

  /** Forgetting one costs a few tries more. */
  private static final int MAX_STRAINED = 10_000;

  private final Pushes pushes;
  private final RateShare rate;
  private final ShardCounts counts;
  private final Lease lease;
  private final Clock clock;
  private final Pause pause;
  private final Retries retries;
  private final Measurements measured;
  private final SideBySide sideBySide;
  private final LatelySeen<ConnectionId> strained = new LatelySeen<>(MAX_STRAINED);
  private volatile boolean answered;
  private volatile @Nullable ConnectionId served;

  PushRounds(ShardStart start, FanoutStage.Ports ports, RateShare rate) {
    this.pushes = ports.pushes();
    this.rate = rate;
    this.counts = start.counts();
    this.lease = start.lease();
    this.measured = start.measured();
    this.clock = ports.clock();
    this.pause = ports.pause();
    this.retries = new Retries(Duration.ofMillis(100), Duration.ofSeconds(1), ports.random());
    this.sideBySide = new SideBySide(ports.executor(), MAX_IN_FLIGHT);
  }

  /** What became of outboxes. */
  sealed interface Result {}

  /** Each is empty, or has spent its budget. */
  record Ended() implements Result {}

  /** Not one connection got an answer that tells of it: perhaps the endpoint is down. */
  record NoAnswer() implements Result {}

  /** The shard is another worker's; what still waits is its to push. */
  record LeaseMoved() implements Result {}

  /**
   * Sends what waits, in the order given.
   *
   * @param outboxes one a connection
   */
  Result deliver(List<Outbox> outboxes) throws InterruptedException {
    answered = false;
    List<Outbox> trying = outboxes;
    List<Outbox> spent = new ArrayList<>();
    Instant until = Instant.MAX;
    for (int round = 1; ; round++) {
      if (!sideBySide.forEach(trying, lease::isHeld, this::send)) {
        return new LeaseMoved();
      }
      if (round == 1) { // which the rate may have made long
        until = clock.instant().plus(BUDGET);
      }
      List<Outbox> again = new ArrayList<>();
      for (Outbox outbox : trying) {
        if (!outbox.isWaiting()) {
          strained.remove(outbox.connectionId());
        } else {
          (isSpent(outbox, until) ? spent : again).add(outbox);
        }
      }
      if (again.isEmpty()) {
        return end(spent);
      }
      trying = again;
      pause.pause(retries.delayAfter(round));
    }
  }

  private Result end(List<Outbox> spent) {
    if (!spent.isEmpty() && !answered) {
      return new NoAnswer();
    }
    blame(spent);
    return new Ended();
  }

  /**
   * Holds failures against their connections rather than the endpoint, which answers: each gets one
   * try a batch until it succeeds again.
   */
  void blame(Collection<Outbox> failed) {
    failed.forEach(outbox -> strained.add(outbox.connectionId()));
  }

  /** A connection that took a frame lately, null if none did. It may be gone by now. */
  @Nullable ConnectionId lastServed() {
    return served;
  }

  private boolean isSpent(Outbox outbox, Instant until) {
    return strained.contains(outbox.connectionId())
        || outbox.failures() >= MAX_TRIES
        || !clock.instant().isBefore(until);
  }

  private void send(Outbox outbox) {
    try {
      sendAll(outbox);
    } catch (InterruptedException stopping) {
      outbox.fail("Stopping", "the worker is stopping", clock.instant());
      Thread.currentThread().interrupt();
    } catch (RuntimeException fault) {
      log.error("Pushing to {} failed, and not by an answer", outbox.connectionId(), fault);
      measured.add(Metric.PUSH_FAILED, 1);
      outbox.fail(fault.getClass().getSimpleName(), String.valueOf(fault), clock.instant());
    }
  }

  /** Sends until the outbox is empty or a frame fails. */
  private void sendAll(Outbox outbox) throws InterruptedException {
    for (Frame frame = outbox.next(); frame != null; frame = outbox.next()) {
      if (!isExpired(frame)) {
        rate.take(counts);
      }
      if (isExpired(frame)) { // now, or while it waited
        outbox.drop();
      } else if (!post(outbox, frame)) {
        return;
      }
    }
  }

  private boolean isExpired(Frame frame) {
    return !clock.instant().isBefore(frame.expiresAt());
  }

  /** Returns whether the next frame may follow. */
  private boolean post(Outbox outbox, Frame frame) {
    switch (pushes.push(outbox.connectionId(), frame.body())) {
      case Pushes.Delivered() -> {
        measured.add(Metric.PUSHED, 1);
        answered = true;
        served = outbox.connectionId();
        outbox.drop();
        return true;
      }
      case Pushes.Gone() -> {
        measured.add(Metric.GONE, 1);
        answered = true;
        outbox.gone();
        return false;
      }
      case Pushes.TooLarge(String reason) -> {
        measured.add(Metric.PUSH_FAILED, 1);
        answered = true;
        log.error("A frame of {} bytes is too large: {}", frame.body().size(), reason);
        outbox.refuse("TooLarge", reason, clock.instant());
        return true;
      }
      case Pushes.Slow(String reason) -> {
        measured.add(Metric.THROTTLED, 1);
        outbox.fail("Slow", reason, clock.instant());
      }
      case Pushes.Failed(String reason) -> {
        measured.add(Metric.PUSH_FAILED, 1);
        outbox.fail("Failed", reason, clock.instant());
      }
    }
    return false;
  }
}
