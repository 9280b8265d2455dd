package dev.confab.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RetriesTest {
  private static final Duration FIRST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofSeconds(5);
  private final Retries retries = new Retries(FIRST, LONGEST, new Random(7));

  @Test
  void delay_isSpreadOverTheWholeRangeUpToTheBound() {
    List<Duration> delays = IntStream.range(0, 1_000).mapToObj(_ -> retries.delayAfter(1)).toList();
    assertThat(delays).allMatch(delay -> !delay.isNegative() && delay.compareTo(FIRST) <= 0);
    assertThat(delays).anyMatch(delay -> delay.compareTo(FIRST.dividedBy(10)) < 0);
    assertThat(delays).anyMatch(delay -> delay.compareTo(FIRST.multipliedBy(9).dividedBy(10)) > 0);
  }

  @Test
  void bound_doublesWithEachAttempt() {
    Duration longestOfThird =
        IntStream.range(0, 1_000)
            .mapToObj(_ -> retries.delayAfter(3))
            .max(Duration::compareTo)
            .orElseThrow();
    assertThat(longestOfThird).isBetween(Duration.ofMillis(350), Duration.ofMillis(400));
  }

  @Test
  void bound_isNeverAboveTheLongest() {
    for (int attempt : new int[] {6, 7, 37, 38, 63, 64, 65, 1_000, Integer.MAX_VALUE}) {
      for (int i = 0; i < 100; i++) {
        assertThat(retries.delayAfter(attempt)).isBetween(Duration.ZERO, LONGEST);
      }
    }
  }

  @Test
  void boundsThatMakeNoSense_areRefused() {
    assertThatThrownBy(() -> new Retries(Duration.ZERO, LONGEST, new Random()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Retries(LONGEST, FIRST, new Random()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
