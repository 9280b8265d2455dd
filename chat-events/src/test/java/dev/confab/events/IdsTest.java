package dev.confab.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class IdsTest {
  private static final String WORD =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

  /** What could forge a key, a path, a log line or a second id that looks or encodes alike. */
  private static final String[] HOSTILE = {
    "",
    "#",
    "a#MESSAGE#1",
    "CHAT#a",
    " ",
    "a b",
    "a\n",
    "a\u0000",
    "a/b",
    "a\\b",
    "a\"b",
    "a'b",
    "a%23b",
    "a,b",
    "a;b",
    "<b>",
    "é",
    "а",
    "ａ",
    "a\u0301",
    "\uD83D\uDC4B",
    "\uD800",
    "\uDC00a",
    "\u202Ea",
    "\uFEFFa",
    "a\u200B",
    "٣"
  };

  static Stream<Arguments> ids() {
    return Stream.of(
        Arguments.of("chatId", 64, WORD, (Function<String, Object>) ChatId::new),
        Arguments.of("clientMessageId", 64, WORD, (Function<String, Object>) ClientMessageId::new),
        Arguments.of("userId", 128, WORD + ".@|:", (Function<String, Object>) UserId::new),
        Arguments.of(
            "connectionId", 128, WORD + "=+/", (Function<String, Object>) ConnectionId::new));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ids")
  void id_takesItsAlphabetAndNoOtherCharacter(
      String name, int maxLength, String alphabet, Function<String, Object> id) {
    for (char c = 0; c < Character.MAX_VALUE; c++) {
      String value = "a" + c;
      if (alphabet.indexOf(c) >= 0) {
        assertThat(id.apply(value)).hasToString(value);
      } else {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> id.apply(value))
            .withMessageStartingWith(name);
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ids")
  void id_hasALimit(String name, int maxLength, String alphabet, Function<String, Object> id) {
    assertThatNoException().isThrownBy(() -> id.apply("a".repeat(maxLength)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> id.apply("a".repeat(maxLength + 1)))
        .withMessageContaining(String.valueOf(maxLength));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ids")
  void id_refusesHostileInput_andKeepsItOutOfTheMessage(
      String name, int maxLength, String alphabet, Function<String, Object> id) {
    for (String hostile : HOSTILE) {
      if (hostile.chars().allMatch(c -> alphabet.indexOf(c) >= 0) && !hostile.isEmpty()) {
        continue; // a slash is fine in base64
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> id.apply(hostile))
          .satisfies(
              refused -> {
                if (hostile.length() > 1) {
                  assertThat(refused).hasMessageNotContaining(hostile);
                }
              });
    }
  }

  @Test
  void ids_orderByTheirValue() {
    assertThat(new ChatId("a")).isLessThan(new ChatId("b"));
    assertThat(new UserId("a")).isLessThan(new UserId("a."));
    assertThat(new ConnectionId("A=")).isLessThan(new ConnectionId("B="));
  }
}
