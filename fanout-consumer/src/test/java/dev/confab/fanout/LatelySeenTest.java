package dev.confab.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatelySeenTest {
  private final LatelySeen<String> seen = new LatelySeen<>(2);

  @Test
  void whatWasAddedLongestAgo_isForgottenWhenItIsFull() {
    seen.add("a");
    seen.add("b");
    seen.add("c");
    assertThat(seen.contains("a")).isFalse();
    assertThat(seen.contains("b")).isTrue();
    assertThat(seen.contains("c")).isTrue();
  }

  @Test
  void whatIsAddedAgain_isTheNewest() {
    seen.add("a");
    seen.add("b");
    seen.add("a");
    seen.add("c");
    assertThat(seen.contains("a")).isTrue();
    assertThat(seen.contains("b")).isFalse();
  }

  @Test
  void whatIsRemoved_isForgotten() {
    seen.add("a");
    seen.remove("a");
    assertThat(seen.contains("a")).isFalse();
  }
}
