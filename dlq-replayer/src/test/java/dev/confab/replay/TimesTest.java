package dev.confab.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class TimesTest {
  private final VirtualTime time = new VirtualTime();

  @Test
  void times_areGivenOrSoLongAgo() {
    assertThat(Times.parse("2026-11-24T02:04:05Z", time))
        .isEqualTo(Instant.parse("2026-11-24T02:04:05Z"));
    assertThat(Times.parse("90m", time)).isEqualTo(time.instant().minus(Duration.ofMinutes(90)));
    assertThat(Times.parse("3d", time)).isEqualTo(time.instant().minus(Duration.ofDays(3)));
    assertThat(Times.parse("10s", time)).isEqualTo(time.instant().minus(Duration.ofSeconds(10)));
    assertThat(Times.parse("2h", time)).isEqualTo(time.instant().minus(Duration.ofHours(2)));
    for (String neither : new String[] {"", "2", "h", "-1h", "2026-11-24", "9999999d"}) {
      assertThatThrownBy(() -> Times.parse(neither, time))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void durations_areShort() {
    assertThat(Times.text(Duration.ofSeconds(40))).isEqualTo("40 s");
    assertThat(Times.text(Duration.ofSeconds(119))).isEqualTo("1 min");
    assertThat(Times.text(Duration.ofMinutes(125))).isEqualTo("2 h 5 min");
    assertThat(Times.text(Duration.ofHours(76))).isEqualTo("3 d 4 h");
  }
}
