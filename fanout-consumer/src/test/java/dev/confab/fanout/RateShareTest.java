package dev.confab.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.consumer.ShardCounts;
import dev.confab.consumer.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RateShareTest {
  private final VirtualTime time = new VirtualTime();
  private final Instant start = time.instant();

  private record Counts(int owned, int open) implements ShardCounts {}

  private Duration timeFor(int requests, RateShare rate, ShardCounts counts) throws Exception {
    for (int i = 0; i < requests; i++) {
      rate.take(counts);
    }
    return Duration.between(start, time.instant());
  }

  @Test
  void half_aSecondsWorthStartsAtOnce() throws Exception {
    RateShare rate = new RateShare(1_000, time, time);
    assertThat(timeFor(500, rate, new Counts(1, 1))).isZero();
    assertThat(timeFor(1, rate, new Counts(1, 1))).isPositive();
  }

  @Test
  void beyondThat_theRateIsKept() throws Exception {
    RateShare rate = new RateShare(1_000, time, time);
    assertThat(timeFor(500 + 3_000, rate, new Counts(1, 1)))
        .isBetween(Duration.ofMillis(2_999), Duration.ofMillis(3_001));
  }

  @Test
  void aWorker_takesThePartThatItsShardsAreOfAll() throws Exception {
    RateShare rate = new RateShare(1_000, time, time);
    assertThat(timeFor(125 + 1_000, rate, new Counts(1, 4)))
        .isBetween(Duration.ofMillis(3_999), Duration.ofMillis(4_001));
  }

  @Test
  void theShare_followsTheShards() throws Exception {
    RateShare rate = new RateShare(1_000, time, time);
    timeFor(500, rate, new Counts(1, 1));
    assertThat(timeFor(100, rate, new Counts(1, 2)))
        .isBetween(Duration.ofMillis(199), Duration.ofMillis(201));
  }

  @Test
  void aWorkerThatSeesNoLeaseOfItsOwn_stillGoesOn() throws Exception {
    RateShare rate = new RateShare(1_000, time, time);
    assertThat(timeFor(250 + 500, rate, new Counts(0, 2)))
        .isBetween(Duration.ofMillis(999), Duration.ofMillis(1_001));
  }

  @Test
  void anIdleWorker_savesNoMoreThanHalfASecond() throws Exception {
    RateShare rate = new RateShare(1_000, time, time);
    timeFor(500, rate, new Counts(1, 1));
    time.pass(Duration.ofHours(1));
    Instant now = time.instant();
    timeFor(600, rate, new Counts(1, 1));
    assertThat(Duration.between(now, time.instant()))
        .isBetween(Duration.ofMillis(99), Duration.ofMillis(101));
  }

  @Test
  void aClockThatGoesBack_costsNobodyAWait() throws Exception {
    RateShare rate = new RateShare(1_000, time, time);
    timeFor(1, rate, new Counts(1, 1));
    time.pass(Duration.ofHours(-1));
    Instant now = time.instant();
    timeFor(499, rate, new Counts(1, 1));
    assertThat(time.instant()).isEqualTo(now);
  }

  @Test
  void aRateBelowTwo_letsOneAtATimePass() throws Exception {
    RateShare rate = new RateShare(0.5, time, time);
    assertThat(timeFor(3, rate, new Counts(1, 1)))
        .isBetween(Duration.ofMillis(3_999), Duration.ofMillis(4_001));
  }

  @Test
  void noRate_isRefused() {
    assertThatThrownBy(() -> new RateShare(0, time, time))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RateShare(Double.NaN, time, time))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
