package dev.confab.replay;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Spaces letters out so that no more than a number a second are replayed. A batch goes at once, and
 * the next after as long as the batch is worth: nothing is saved up while there is nothing to do.
 * Safe for use by several threads.
 */
final class Pacer {
  private final Clock clock;
  private final double lettersPerSecond;
  private Instant next = Instant.MIN;

  /**
   * @param lettersPerSecond above 0; infinite for as fast as it goes
   */
  Pacer(Clock clock, double lettersPerSecond) {
    this.clock = clock;
    this.lettersPerSecond = lettersPerSecond;
  }

  /** Takes the next place in the line: how long to wait before letters may be replayed. */
  synchronized Duration reserve(int letters) {
    Instant now = clock.instant();
    Instant start = next.isAfter(now) ? next : now;
    next = start.plusNanos(Math.round(letters * 1e9 / lettersPerSecond));
    return Duration.between(now, start);
  }
}
