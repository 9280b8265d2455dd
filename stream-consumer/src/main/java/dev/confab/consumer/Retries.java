package dev.confab.consumer;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before trying again: "full jitter", a random time between nothing and a bound
 * that doubles with each attempt, so that all who failed together don't come back together. As
 * thread-safe as its {@code random}.
 *
 * @param first the bound after the first attempt
 * @param longest the bound is never above it
 */
public record Retries(Duration first, Duration longest, RandomGenerator random) {

  public Retries {
    if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
      throw new IllegalArgumentException("0 < first <= longest, not " + first + ", " + longest);
    }
  }

  /**
   * The wait after an attempt that failed.
   *
   * @param attempt 1 for the first
   */
  public Duration delayAfter(int attempt) {
    long bound = longest.toNanos();
    int doublings = attempt - 1;
    if (doublings < Long.numberOfLeadingZeros(first.toNanos()) - 1) {
      bound = Math.min(bound, first.toNanos() << doublings);
    }
    return Duration.ofNanos(random.nextLong(bound + 1));
  }
}
