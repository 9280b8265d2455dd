package dev.confab.local.gateway;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Refills at a steady rate up to its burst. Thread-safe. */
final class TokenBucket {
  private final Throttle throttle;
  private final LongSupplier nanoTime;
  private double tokens;
  private long filledAt;

  TokenBucket(Throttle throttle, LongSupplier nanoTime) {
    this.throttle = throttle;
    this.nanoTime = nanoTime;
    this.tokens = throttle.burst();
    this.filledAt = nanoTime.getAsLong();
  }

  /** Takes one token if there is one; never waits. */
  synchronized boolean tryTake() {
    long now = nanoTime.getAsLong();
    double seconds = (now - filledAt) / (double) TimeUnit.SECONDS.toNanos(1);
    tokens = Math.min(throttle.burst(), tokens + seconds * throttle.ratePerSecond());
    filledAt = now;
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }
}
