package dev.confab.ingest;

import dev.confab.events.UserId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * A token bucket a user, so that one user's loop doesn't fill a shard that others share.
 *
 * <p>The buckets live in this environment of the Lambda alone, and API Gateway spreads one
 * connection's frames over many: a user whose frames run on n environments at once has up to n
 * times the rate. It is a brake, not an accounting; the stage's throttling and the function's
 * reserved concurrency bound what all users can do together. Of more than {@value #MAX_USERS} users
 * the one not seen for longest is forgotten and starts again with a full bucket.
 *
 * <p>Thread-safe.
 */
final class TokenBuckets {
  static final int MAX_USERS = 10_000;

  /**
   * What is left of a user's burst, as of a time.
   *
   * @param credit in the nanoseconds that it takes to earn it: whole numbers add up
   * @param granted whether the last one that was asked for was there
   */
  private record Bucket(long credit, Instant asOf, boolean granted) {}

  /** What one token takes to earn. */
  private final long price;

  private final long maxCredit;
  private final Clock clock;
  private final BoundedMap<UserId, Bucket> buckets = new BoundedMap<>(MAX_USERS);

  TokenBuckets(int ratePerSecond, int burst, Clock clock) {
    this.price = Duration.ofSeconds(1).toNanos() / ratePerSecond;
    this.maxCredit = price * burst;
    this.clock = clock;
  }

  /** Takes one token of a user, false where none is left. */
  boolean take(UserId user) {
    Instant now = clock.instant();
    return buckets
        .update(user, new Bucket(maxCredit, now, true), bucket -> taken(bucket, now))
        .granted();
  }

  int size() {
    return buckets.size();
  }

  private Bucket taken(Bucket bucket, Instant now) {
    // A clock set back must not take tokens away.
    long earned = Math.max(0, Duration.between(bucket.asOf(), now).toNanos());
    long credit = Math.min(maxCredit, bucket.credit() + earned);
    return credit >= price ? new Bucket(credit - price, now, true) : new Bucket(credit, now, false);
  }
}
