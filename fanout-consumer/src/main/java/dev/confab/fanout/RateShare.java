package dev.confab.fanout;

import dev.confab.consumer.Pause;
import dev.confab.consumer.ShardCounts;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * A token bucket over all of a worker's requests to {@code @connections}. The rate that is
 * configured is one for all workers together; each takes the part that its shards are of all open
 * ones, and follows as they move. Safe for use by several threads, served in the order they ask.
 */
final class RateShare {
  /** As API Gateway's own: 5,000 at once for 10,000 a second. */
  private static final double SECONDS_AT_ONCE = 0.5;

  private final double ratePerSecond;
  private final Clock clock;
  private final Pause pause;

  /** Below 0 while callers wait for theirs; full at first, whatever the share will be. */
  private double tokens = Double.POSITIVE_INFINITY;

  private Instant filledAt;

  /**
   * @param ratePerSecond requests of all workers together; above 0
   */
  RateShare(double ratePerSecond, Clock clock, Pause pause) {
    if (!(ratePerSecond > 0)) {
      throw new IllegalArgumentException("a rate is above 0, not " + ratePerSecond);
    }
    this.ratePerSecond = ratePerSecond;
    this.clock = clock;
    this.pause = pause;
    this.filledAt = clock.instant();
  }

  /**
   * Waits until one more request may start.
   *
   * @param counts how many of the shards are this worker's, now
   */
  void take(ShardCounts counts) throws InterruptedException {
    Duration wait = reserve(counts);
    if (!wait.isZero()) {
      pause.pause(wait);
    }
  }

  private synchronized Duration reserve(ShardCounts counts) {
    double rate = rateOf(counts);
    double most = Math.max(1, rate * SECONDS_AT_ONCE);
    Instant now = clock.instant();
    double elapsedSeconds = Math.max(0, Duration.between(filledAt, now).toNanos() / 1e9);
    filledAt = now;
    tokens = Math.min(most, tokens + elapsedSeconds * rate) - 1;
    return tokens >= 0 ? Duration.ZERO : Duration.ofNanos((long) Math.ceil(-tokens / rate * 1e9));
  }

  /** One shard's part at least: whoever processes a batch holds a lease, whatever was last seen. */
  private double rateOf(ShardCounts counts) {
    return ratePerSecond * Math.max(1, counts.owned()) / counts.open();
  }
}
