package dev.confab.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonObjectTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "true",
        "1",
        "\"a\"",
        "[]",
        "[{}]",
        "{",
        "}",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":[1",
        "{\"a\":[1}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":'b'}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":NaN}",
        "{\"a\":undefined}",
        "{\"a\":tru}",
        "{\"a\":1}/*x*/",
        "/*x*/{\"a\":1}",
        "{\"a\":1}//x",
        "{\"a\":1} x",
        "{} {}",
        "{},",
        "{}]",
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"b\":{\"a\":1,\"a\":2}}",
        "{\"b\":[{\"a\":1,\"a\":2}]}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\u0000\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"b}",
        "\uFEFF{}"
      })
  void whatIsNotOneStrictObject_isRefused(String text) {
    assertThatExceptionOfType(InvalidJsonException.class)
        .isThrownBy(() -> JsonObject.parse(text))
        .satisfies(refused -> assertThat(refused.getMessage()).doesNotContain("\"a\""));
    assertThatExceptionOfType(InvalidJsonException.class)
        .isThrownBy(() -> JsonObject.parse(text.getBytes(StandardCharsets.UTF_8), 100));
    assertThatExceptionOfType(InvalidJsonException.class)
        .isThrownBy(() -> JsonObject.parse(text, 100));
  }

  @Test
  void depth_isLimited_whereNobodyAsksForTheField() throws Exception {
    assertThat(JsonObject.parse(nested(JsonObject.MAX_DEPTH)).names()).containsExactly("a");
    assertThatExceptionOfType(InvalidJsonException.class)
        .isThrownBy(() -> JsonObject.parse(nested(JsonObject.MAX_DEPTH + 1)))
        .withMessageContaining("16 levels");
    assertThatExceptionOfType(InvalidJsonException.class)
        .isThrownBy(() -> JsonObject.parse("{\"a\":" + "[".repeat(60_000)));
  }

  private static String nested(int levels) {
    return "{\"a\":" + "[".repeat(levels - 1) + "]".repeat(levels - 1) + "}";
  }

  @Test
  void size_isLimitedInBytes() throws Exception {
    String text = "{\"a\":\"é\"}"; // 9 characters, 10 bytes

    assertThat(JsonObject.parse(text, 10).string("a")).isEqualTo("é");
    assertThatExceptionOfType(InvalidJsonException.class)
        .isThrownBy(() -> JsonObject.parse(text, 9))
        .withMessage("larger than 9 bytes");
    assertThatExceptionOfType(InvalidJsonException.class)
        .isThrownBy(() -> JsonObject.parse(text.getBytes(StandardCharsets.UTF_8), 9))
        .withMessage("larger than 9 bytes");
  }

  @Test
  void bytesThatAreNotUtf8_areRefused() {
    int[][] malformed = {
      {0xff}, {0xc3}, {0xc0, 0x80}, {0xe0, 0x80, 0x80}, {0xed, 0xa0, 0x80}, {0xf5, 0x80, 0x80, 0x80}
    };
    for (int[] sequence : malformed) {
      byte[] bytes = new byte[8 + sequence.length];
      byte[] head = "{\"a\":\"".getBytes(StandardCharsets.UTF_8);
      System.arraycopy(head, 0, bytes, 0, head.length);
      for (int i = 0; i < sequence.length; i++) {
        bytes[head.length + i] = (byte) sequence[i];
      }
      bytes[bytes.length - 2] = '"';
      bytes[bytes.length - 1] = '}';
      assertThatExceptionOfType(InvalidJsonException.class)
          .isThrownBy(() -> JsonObject.parse(bytes, 100))
          .withMessage("not well-formed UTF-8");
    }
    assertThatExceptionOfType(InvalidJsonException.class)
        .isThrownBy(() -> JsonObject.parse("{\"a\":\"\uD800\"}", 100))
        .withMessage("not well-formed Unicode");
  }

  @Test
  void fields_areReadByTheirType_andNullIsAbsent() throws Exception {
    JsonObject json =
        JsonObject.parse(
            "{\"s\":\"x\",\"n\":12,\"f\":1.5,\"t\":true,\"z\":null,\"l\":[\"a\",\"b\"],"
                + "\"o\":{\"i\":1},\"m\":[{\"i\":2}],\"big\":123456789012345678901234567890}");

    assertThat(json.string("s")).isEqualTo("x");
    assertThat(json.integer("n")).isEqualTo(12);
    assertThat(json.count("n")).isEqualTo(12);
    assertThat(json.flag("t")).isTrue();
    assertThat(json.flag("absent")).isFalse();
    assertThat(json.has("z")).isFalse();
    assertThat(json.optionalString("z")).isNull();
    assertThat(json.integer("absent", 7)).isEqualTo(7);
    assertThat(json.parsedList("l", text -> text + "!")).containsExactly("a!", "b!");
    assertThat(json.object("o").integer("i")).isEqualTo(1);
    assertThat(json.objects("m").getFirst().integer("i")).isEqualTo(2);
    assertRefused("s is missing", () -> JsonObject.parse("{}").string("s"));
    assertRefused("z is missing", () -> json.string("z"));
    assertRefused("n must be a string", () -> json.string("n"));
    assertRefused("s must be a whole number", () -> json.integer("s"));
    assertRefused("f must be a whole number", () -> json.integer("f"));
    assertRefused("big must be a whole number", () -> json.integer("big"));
    assertRefused("s must be true or false", () -> json.flag("s"));
    assertRefused("s must be an object", () -> json.object("s"));
    assertRefused("s must be a list", () -> json.objects("s"));
    assertRefused("l must hold objects", () -> json.objects("l"));
    assertRefused("m must hold strings", () -> json.parsedList("m", text -> text));
  }

  @Test
  void aCount_isFromZeroToTheLargestInt() throws Exception {
    JsonObject json = JsonObject.parse("{\"a\":-1,\"b\":2147483648,\"c\":2147483647}");

    assertRefused("a is out of range", () -> json.count("a"));
    assertRefused("b is out of range", () -> json.count("b"));
    assertThat(json.count("c")).isEqualTo(Integer.MAX_VALUE);
  }

  private interface Reading {
    void read() throws InvalidJsonException;
  }

  private static void assertRefused(String message, Reading reading) {
    assertThatExceptionOfType(InvalidJsonException.class)
        .isThrownBy(reading::read)
        .withMessage(message);
  }
}
