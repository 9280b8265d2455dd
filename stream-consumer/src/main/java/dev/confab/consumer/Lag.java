package dev.confab.consumer;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far the work on one shard lies behind the stream's end. Kinesis tells it with each read; from
 * then on, while nothing more is heard, be it that a batch is at hand that can't be finished or
 * that reading fails, it grows as time passes. Thread-safe.
 */
final class Lag {
  /** KCL has a read to tell of more often than that, empty ones too, while all is well. */
  static final Duration PATIENCE = Duration.ofSeconds(15);

  /** How often it is to be said when no batch gives cause. */
  static final Duration INTERVAL = Duration.ofSeconds(15);

  private final Clock clock;
  private long heardMillis;
  private Instant heardAt;
  private @Nullable Instant saidAt;

  /** Of a shard on which work begins. */
  Lag(Clock clock) {
    this.clock = clock;
    this.heardAt = clock.instant();
  }

  /**
   * Hears of a read.
   *
   * @param millisBehindLatest null if it doesn't say, which leaves it as it was
   */
  synchronized void hear(@Nullable Long millisBehindLatest) {
    if (millisBehindLatest != null) {
      heardMillis = millisBehindLatest;
    }
    heardAt = clock.instant();
  }

  /** The lag in milliseconds, which is said by that. */
  synchronized long say() {
    Instant now = clock.instant();
    saidAt = now;
    Duration silence = Duration.between(heardAt, now);
    return silence.compareTo(PATIENCE) <= 0 ? heardMillis : heardMillis + silence.toMillis();
  }

  /** The same, if it wasn't said lately; else null. */
  synchronized @Nullable Long sayIfDue() {
    Instant before = saidAt;
    if (before == null) {
      return say();
    }
    Duration since = Duration.between(before, clock.instant());
    boolean clockWentBack = since.isNegative();
    return clockWentBack || since.compareTo(INTERVAL) >= 0 ? say() : null;
  }
}
