package dev.confab.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.UserId;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TokenBucketsTest {
  private static final UserId ANA = new UserId("ana");

  private final MutableClock clock = new MutableClock(Backend.NOW);
  private final TokenBuckets buckets = new TokenBuckets(10, 20, clock);

  private int takeAll(UserId user) {
    int taken = 0;
    while (buckets.take(user)) {
      taken++;
    }
    return taken;
  }

  @Test
  void burst_thenTheRate() {
    assertThat(takeAll(ANA)).isEqualTo(20);
    clock.advance(Duration.ofMillis(99));
    assertThat(takeAll(ANA)).isZero();
    clock.advance(Duration.ofMillis(1));
    assertThat(takeAll(ANA)).isEqualTo(1);
    clock.advance(Duration.ofSeconds(1));
    assertThat(takeAll(ANA)).isEqualTo(10);
  }

  @Test
  void longSilence_fillsTheBucketOnce() {
    takeAll(ANA);
    clock.advance(Duration.ofDays(1));
    assertThat(takeAll(ANA)).isEqualTo(20);
  }

  @Test
  void refusals_costNothing() {
    takeAll(ANA);
    for (int i = 0; i < 10; i++) {
      clock.advance(Duration.ofMillis(10));
      boolean taken = buckets.take(ANA);
      assertThat(taken).isEqualTo(i == 9);
    }
  }

  @Test
  void clockSetBack_takesNothingAway() {
    buckets.take(ANA);
    clock.advance(Duration.ofHours(-1));
    assertThat(takeAll(ANA)).isEqualTo(19);
  }

  @Test
  void manyUsers_areBounded_andTheBusyOneIsRemembered() {
    takeAll(ANA);
    for (int i = 0; i < 3 * TokenBuckets.MAX_USERS; i++) {
      buckets.take(new UserId("user-" + i));
      if (i % 1000 == 0) {
        assertThat(buckets.take(ANA)).isFalse();
      }
    }
    assertThat(buckets.size()).isEqualTo(TokenBuckets.MAX_USERS);
  }
}
