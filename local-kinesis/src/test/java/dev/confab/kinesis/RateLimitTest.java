package dev.confab.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RateLimitTest {
  private final ManualClock clock = new ManualClock();
  private final RateLimit limit = new RateLimit(clock, 1_000);

  @Test
  void givesASecondsWorth_andRefillsWithTime() {
    assertThat(limit.allows(1_000)).isTrue();
    limit.take(1_000);
    assertThat(limit.allows(1)).isFalse();
    clock.advance(Duration.ofMillis(1));
    assertThat(limit.allows(1)).isTrue();
    assertThat(limit.allows(2)).isFalse();
    clock.advance(Duration.ofHours(9));
    assertThat(limit.allows(1_000)).isTrue();
    limit.take(1_000);
    assertThat(limit.allows(1)).isFalse();
  }

  @Test
  void whatIsLargerThanTheBucket_passesWhenItIsFull_andLeavesADebt() {
    assertThat(limit.allows(5_000)).isTrue();
    limit.take(5_000);
    clock.advance(Duration.ofSeconds(4));
    assertThat(limit.hasAny()).isFalse();
    clock.advance(Duration.ofMillis(1));
    assertThat(limit.hasAny()).isTrue();
  }

  @Test
  void aClockThatGoesBack_takesNothingAway() {
    clock.advance(Duration.ofSeconds(-5));
    assertThat(limit.allows(1_000)).isTrue();
  }
}
