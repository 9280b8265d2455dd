package dev.confab.kinesis;

import java.time.Clock;
import java.util.concurrent.TimeUnit;

/**
 * A token bucket that holds one second's worth. Not thread-safe; its shard's lock guards it.
 *
 * <p>What is larger than the bucket may be taken when the bucket is full and leaves it in debt,
 * which is how a record of several MiB, or a read of 10 MiB, passes a shard and blocks it for a
 * while after.
 */
final class RateLimit {
  /** Long enough to pay any debt; more would only risk an overflow. In milliseconds. */
  private static final long MAX_ELAPSED_MILLIS = TimeUnit.HOURS.toMillis(1);

  private final Clock clock;
  private final long perSecond;

  /** Thousandths of a token, so that a millisecond's worth is a whole number. */
  private long milliTokens;

  private long filledAtMillis;

  RateLimit(Clock clock, long perSecond) {
    this.clock = clock;
    this.perSecond = perSecond;
    this.milliTokens = perSecond * 1000;
    this.filledAtMillis = clock.millis();
  }

  /** Whether so much may be taken now. */
  boolean allows(long amount) {
    fill();
    return milliTokens >= Math.min(amount, perSecond) * 1000;
  }

  /** Whether the limit is not in debt: what a read asks before it knows how much it will take. */
  boolean hasAny() {
    fill();
    return milliTokens > 0;
  }

  void take(long amount) {
    fill();
    milliTokens -= amount * 1000;
  }

  private void fill() {
    long now = clock.millis();
    long elapsed = Math.clamp(now - filledAtMillis, 0, MAX_ELAPSED_MILLIS);
    milliTokens = Math.min(perSecond * 1000, milliTokens + elapsed * perSecond);
    filledAtMillis = now;
  }
}
