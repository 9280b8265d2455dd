package dev.confab.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.events.InvalidJsonException;
import org.junit.jupiter.api.Test;

final class JsonTest {

  @Test
  void equality_isOfMeaning() throws InvalidJsonException {
    assertThat(Json.parse("{\"a\":1,\"b\":[true,null]}"))
        .isEqualTo(Json.parse(" { \"b\" : [ true , null ] , \"a\" : 1.0 } "));
    assertThat(Json.parse("{\"a\":1}")).isNotEqualTo(Json.parse("{\"a\":\"1\"}"));
    assertThat(Json.parse("[1,2]")).isNotEqualTo(Json.parse("[2,1]"));
    assertThat(Json.parse("0")).isEqualTo(Json.parse("-0.00"));
  }

  @Test
  void writing_keepsWhatWasRead() throws InvalidJsonException {
    for (String text :
        new String[] {
          "{\"b\":1,\"a\":[1.5,100,\"x\\ny\",true,false,null,{}]}",
          "123456789012345678901234567890",
          "\"\""
        }) {
      assertThat(Json.text(Json.parse(text))).isEqualTo(text);
    }
    assertThat(Json.text(Json.parse("1E+9999999"))).hasSizeLessThan(20);
  }

  @Test
  void whatIsNoJson_isRefused() {
    for (String text :
        new String[] {
          "", "{", "{\"a\":1,\"a\":2}", "{} {}", "nul", "[".repeat(40) + "]".repeat(40)
        }) {
      assertThatThrownBy(() -> Json.parse(text)).isInstanceOf(InvalidJsonException.class);
    }
  }
}
