package dev.confab.ingest;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * When to try again: at most {@value #MAX_ATTEMPTS} times, with a pause of full jitter between, and
 * only while a whole further attempt fits into the frame's time. Thread-safe if its parts are.
 */
record Retries(Clock clock, RandomGenerator random, Pause pause) {
  static final int MAX_ATTEMPTS = 4;

  /** A throttled shard frees up within the second that its limit counts. */
  static final Duration BASE_DELAY = Duration.ofMillis(100);

  static final Duration MAX_DELAY = Duration.ofSeconds(1);

  /** To reach a service. */
  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

  /** For a service to answer. Both take milliseconds: what is slower than this is broken. */
  static final Duration READ_TIMEOUT = Duration.ofSeconds(2);

  /** How long one call may take. */
  static final Duration ATTEMPT_TIMEOUT = CONNECT_TIMEOUT.plus(READ_TIMEOUT);

  /**
   * Pauses before the next try.
   *
   * @param attempts how many there were; 1 or more
   * @param deadline when the frame must be answered
   * @return false, without a pause, where there is no next try
   */
  boolean again(int attempts, Instant deadline) {
    if (attempts >= MAX_ATTEMPTS) {
      return false;
    }
    Duration delay = delayAfter(attempts);
    if (clock.instant().plus(delay).plus(ATTEMPT_TIMEOUT).isAfter(deadline)) {
      return false;
    }
    pause.pause(delay);
    return true;
  }

  private Duration delayAfter(int attempts) {
    long ceiling = BASE_DELAY.toMillis() << (attempts - 1);
    return Duration.ofMillis(random.nextLong(Math.min(ceiling, MAX_DELAY.toMillis()) + 1));
  }
}
