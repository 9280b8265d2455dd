package dev.confab.load.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Growing pauses: each twice the one before, up to a limit, of which a random part is taken off so
 * that many clients don't return at one moment. Not thread-safe.
 */
final class Backoff {
  private final Duration first;
  private final Duration max;
  private final double spread;
  private final RandomGenerator random;
  private Duration next;

  /**
   * @param spread how much of a pause is random: 1 for all of it, 0.5 for the upper half
   */
  Backoff(Duration first, Duration max, double spread, RandomGenerator random) {
    this.first = first;
    this.max = max;
    this.spread = spread;
    this.random = random;
    this.next = first;
  }

  Duration next() {
    Duration pause = next;
    Duration doubled = next.multipliedBy(2);
    next = doubled.compareTo(max) > 0 ? max : doubled;
    return Duration.ofMillis(
        Math.round(pause.toMillis() * (1 - spread + spread * random.nextDouble())));
  }

  void reset() {
    next = first;
  }
}
