package dev.confab.local.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an authorizer's policy allows, by IAM's rules. */
class PolicyTest {
  private static final String ARN =
      "arn:aws:execute-api:us-east-1:000000000000:confab/local/$connect";

  private static boolean allows(String statements) {
    return Policy.parse(
            "{\"principalId\":\"ana\",\"policyDocument\":{\"Statement\":" + statements + "}}")
        .allows(ARN);
  }

  private static String statement(String effect, String action, String resource) {
    return "{\"Effect\":\"%s\",\"Action\":%s,\"Resource\":%s}".formatted(effect, action, resource);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "execute-api:Invoke"             | "*"                                      | true
          "EXECUTE-API:invoke"             | "*"                                      | true
          "execute-api:*"                  | "*"                                      | true
          "*"                              | "*"                                      | true
          ["s3:GetObject", "execute-api:Invoke"] | ["arn:x", "*"]                     | true
          "s3:GetObject"                   | "*"                                      | false
          "execute-api:Invoke"             | "arn:aws:execute-api:*:*:confab/*"       | true
          "execute-api:Invoke"             | "arn:aws:execute-api:us-east-?:*:confab/local/$connect" | true
          "execute-api:Invoke"             | "arn:aws:execute-api:us-east-1:000000000000:CONFAB/local/$connect" | false
          "execute-api:Invoke"             | "arn.aws.execute-api.*"                  | false
          "execute-api:Invoke"             | []                                       | false
          """)
  void oneStatement(String action, String resource, boolean allowed) {
    assertThat(allows("[" + statement("Allow", action, resource) + "]")).isEqualTo(allowed);
  }

  @Test
  void denyWins_wherever() {
    String allow = statement("Allow", "\"*\"", "\"*\"");
    String deny = statement("Deny", "\"execute-api:Invoke\"", "\"" + ARN + "\"");
    assertThat(allows("[" + allow + "," + deny + "]")).isFalse();
    assertThat(allows("[" + deny + "," + allow + "]")).isFalse();
  }

  @Test
  void statementNeedNotBeAList() {
    assertThat(allows(statement("Allow", "\"*\"", "\"*\""))).isTrue();
  }

  @Test
  void whatNoStatementCovers_isDenied() {
    assertThat(allows("[]")).isFalse();
  }
}
