package dev.confab.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules tell a line that CloudWatch would pass over from one that it would not. */
class EmfSpecificationTest {
  private static final String GOOD =
      """
      {"_aws":{"Timestamp":1795485845123,"CloudWatchMetrics":[{"Namespace":"Confab",\
      "Dimensions":[["Stage"]],"Metrics":[{"Name":"Pushed","Unit":"Count"}]}]},\
      "Stage":"fanout","Pushed":[1,2]}\
      """;

  @Test
  void goodLine_hasNoBreaches() {
    assertThat(EmfSpecification.breaches(GOOD)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"_aws" | INFO {"_aws"
          [1,2]} | [1,2]} {}
          1795485845123 | 1795485845
          1795485845123 | "1795485845123"
          "Unit":"Count" | "Unit":"count"
          "Unit":"Count" | "unit":"Count"
          "Namespace":"Confab" | "Namespace":""
          "Namespace":"Confab" | "NameSpace":"Confab"
          [["Stage"]] | ["Stage"]
          [["Stage"]] | []
          [["Stage"]] | [["Stream"]]
          "Stage":"fanout" | "Stage":7
          "Stage":"fanout" | "Stage":" "
          "Pushed":[1,2] | "pushed":[1,2]
          [1,2] | []
          [1,2] | "2"
          [1,2] | [1,"2"]
          [{"Name":"Pushed","Unit":"Count"}] | []
          """)
  void breach_isFound(String from, String to) {
    assertThat(GOOD).contains(from);
    assertThat(EmfSpecification.breaches(GOOD.replace(from, to))).isNotEmpty();
  }

  @Test
  void tooManyValues_areABreach() {
    String hundred = "[1" + ",1".repeat(99) + "]";
    assertThat(EmfSpecification.breaches(GOOD.replace("[1,2]", hundred))).isEmpty();
    assertThat(EmfSpecification.breaches(GOOD.replace("[1,2]", "[1" + ",1".repeat(100) + "]")))
        .isNotEmpty();
  }

  @Test
  void tooLargeALine_isABreach() {
    String more = "\"more\":\"" + "x".repeat(EmfSpecification.MAX_BYTES) + "\",\"Stage\"";
    assertThat(EmfSpecification.breaches(GOOD.replace("\"Stage\":", more + ":"))).isNotEmpty();
  }
}
