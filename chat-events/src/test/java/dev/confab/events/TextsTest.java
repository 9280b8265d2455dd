package dev.confab.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextsTest {

  @Test
  void text_mayHoldNewlinesTabsAndAnyLetters() {
    assertThatNoException().isThrownBy(() -> Texts.check("text", Samples.ODD_TEXT, 16 * 1024));
    assertThatNoException().isThrownBy(() -> Texts.check("text", "\n", 1));
  }

  @Test
  void limit_countsBytesOfUtf8() throws Exception {
    assertThat(Texts.utf8Bytes("aé漢👋")).isEqualTo(1 + 2 + 3 + 4);
    assertThatNoException().isThrownBy(() -> Texts.check("text", "👋", 4));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Texts.check("text", "👋", 3))
        .withMessage("text has more than 3 bytes of UTF-8");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Texts.check("text", "aaaa", 3))
        .withMessage("text has more than 3 bytes of UTF-8");
  }

  @Test
  void everyControlCharacter_butNewlineAndTab_isRefused() {
    for (char c = 0; c < 0x100; c++) {
      String text = "a" + c;
      boolean isControl = c < 0x20 || (c >= 0x7f && c < 0xa0);
      if (isControl && c != '\n' && c != '\t') {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> Texts.check("text", text, 10))
            .withMessage("text has a control character at 1");
      } else {
        assertThatNoException().isThrownBy(() -> Texts.check("text", text, 10));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\uD800", "\uDC00", "a\uD83D", "\uDC4B\uD83D", "\uD83Da"})
  void aLoneSurrogate_isRefused_sinceItWouldBecomeAQuestionMark(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Texts.check("text", text, 10))
        .withMessage("text is not well-formed Unicode");
  }

  @Test
  void anEmptyText_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> Texts.check("text", "", 10));
  }
}
