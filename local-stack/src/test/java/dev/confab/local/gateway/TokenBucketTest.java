package dev.confab.local.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
  private final AtomicLong nanos = new AtomicLong();
  private final TokenBucket bucket = new TokenBucket(new Throttle(10, 3), nanos::get);

  @Test
  void startsWithItsBurst() {
    assertThat(bucket.tryTake()).isTrue();
    assertThat(bucket.tryTake()).isTrue();
    assertThat(bucket.tryTake()).isTrue();
    assertThat(bucket.tryTake()).isFalse();
  }

  @Test
  void refillsAtItsRate() {
    startsWithItsBurst();
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(99));
    assertThat(bucket.tryTake()).isFalse();
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
    assertThat(bucket.tryTake()).isTrue();
    assertThat(bucket.tryTake()).isFalse();
  }

  @Test
  void neverHoldsMoreThanItsBurst() {
    nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
    startsWithItsBurst();
  }
}
