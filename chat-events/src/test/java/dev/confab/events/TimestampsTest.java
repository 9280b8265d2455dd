package dev.confab.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampsTest {

  @Test
  void format_alwaysHasThreeFractionDigits() {
    assertThat(Timestamps.format(Instant.parse("2026-11-24T02:04:05Z")))
        .isEqualTo("2026-11-24T02:04:05.000Z");
    assertThat(Timestamps.format(Instant.parse("2026-11-24T02:04:05.120Z")))
        .isEqualTo("2026-11-24T02:04:05.120Z");
    assertThat(Timestamps.format(Instant.parse("2026-11-24T02:04:05.123999999Z")))
        .isEqualTo("2026-11-24T02:04:05.123Z");
    assertThat(Timestamps.format(Instant.parse("0000-01-01T00:00:00Z")))
        .isEqualTo("0000-01-01T00:00:00.000Z");
    assertThat(Timestamps.format(Instant.parse("9999-12-31T23:59:59.999Z")))
        .isEqualTo("9999-12-31T23:59:59.999Z");
  }

  @Test
  void order_ofStrings_isTheOrderOfTimes() {
    Random random = new Random(7);
    for (int i = 0; i < 2_000; i++) {
      Instant a = Instant.ofEpochMilli(random.nextLong(-62_167_219_200_000L, 253_402_300_799_999L));
      Instant b = a.plusMillis(random.nextLong(-2_000, 2_000));
      if (b.isAfter(Instant.parse("0000-01-01T00:00:00Z"))) {
        assertThat(Integer.signum(Timestamps.format(a).compareTo(Timestamps.format(b))))
            .isEqualTo(Integer.signum(a.compareTo(b)));
      }
      assertThat(Timestamps.parse(Timestamps.format(a))).isEqualTo(a);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2026-11-24",
        "2026-11-24T02:04:05Z",
        "2026-11-24T02:04:05.1Z",
        "2026-11-24T02:04:05.1234Z",
        "2026-11-24T02:04:05.123",
        "2026-11-24T02:04:05.123+00:00",
        "2026-11-24t02:04:05.123z",
        "2026-11-24 02:04:05.123Z",
        "2026-02-29T02:04:05.123Z",
        "2026-13-01T02:04:05.123Z",
        "2026-11-24T24:00:00.000Z",
        "2026-11-24T23:59:60.000Z",
        "26-11-24T02:04:05.123Z",
        "-0001-11-24T02:04:05.123Z",
        "+12026-11-24T02:04:05.123Z",
        "12026-11-24T02:04:05.123Z",
        " 2026-11-24T02:04:05.123Z",
        "2026-11-24T02:04:05.123Z\n",
        "٢٠٢٦-11-24T02:04:05.123Z"
      })
  void anotherForm_isRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Timestamps.parse(text));
  }

  @Test
  void aYearOfFiveDigits_isRefused_sinceItWouldSortWrong() {
    Instant late = Instant.parse("9999-12-31T23:59:59.999Z").plus(Duration.ofMillis(1));
    Instant early = Instant.parse("0000-01-01T00:00:00Z").minusMillis(1);

    assertThatIllegalArgumentException().isThrownBy(() -> Timestamps.format(late));
    assertThatIllegalArgumentException().isThrownBy(() -> Timestamps.format(early));
  }
}
