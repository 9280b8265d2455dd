package dev.confab.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {

  @Test
  void start_isBeforeEveryPosition() {
    Cursor zero = Position.of("0", 0);

    assertThat(zero.isAfter(Cursor.start())).isTrue();
    assertThat(Cursor.start().isAfter(zero)).isFalse();
    assertThat(Cursor.start()).isEqualByComparingTo(Cursor.start());
    assertThat(Cursor.start().isAfter(Cursor.start())).isFalse();
  }

  @Test
  void value_comesBack() {
    assertThat(Cursor.parse("START")).isEqualTo(Cursor.start());
    assertThat(Cursor.parse(Samples.SECOND.value())).isEqualTo(Samples.SECOND);
    assertThatIllegalArgumentException().isThrownBy(() -> Cursor.parse("start"));
  }

  @Test
  void sentCursor_comesBack() {
    SentCursor cursor = new SentCursor(Samples.TIME, Samples.SECOND);

    assertThat(SentCursor.parse(cursor.value())).isEqualTo(cursor);
    assertThat(new SentCursor(Samples.TIME.plusNanos(1), Samples.SECOND)).isEqualTo(cursor);
  }

  @Test
  void sentCursor_ordersAsItsStringDoes() {
    SentCursor early = new SentCursor(Instant.parse("0999-12-31T23:59:59Z"), Samples.THIRD);
    SentCursor late = new SentCursor(Instant.parse("2026-01-01T00:00:00Z"), Samples.FIRST);

    assertThat(early.value()).isLessThan(late.value());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "_",
        "START",
        "2026-11-24T02:04:05.123Z",
        "2026-11-24T02:04:05.123Z_",
        "2026-11-24T02:04:05.123Z_START",
        "_0011-00000000",
        "2026-11-24T02:04:05Z_0011-00000000",
        "2026-11-24T02:04:05.123Z#0011-00000000",
        "+12026-11-24T02:04:05.123Z_0011-00000000"
      })
  void sentCursor_ofAnotherForm_isRefused(String value) {
    assertThatIllegalArgumentException().isThrownBy(() -> SentCursor.parse(value));
  }
}
