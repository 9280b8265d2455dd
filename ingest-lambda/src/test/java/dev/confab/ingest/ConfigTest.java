package dev.confab.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigTest {
  private static final Map<String, String> INGEST =
      Map.of("TABLE_NAME", "confab", "STREAM_NAME", "confab", "AWS_REGION", "eu-west-1");

  private static final Map<String, String> AUTHORIZER =
      Map.of(
          "JWT_ISSUER", "https://issuer.example",
          "JWT_AUDIENCE", "confab",
          "JWKS_URL", "https://issuer.example/keys",
          "ALLOWED_ORIGINS", "*");

  private static Map<String, String> with(
      Map<String, String> environment, String name, String value) {
    Map<String, String> changed = new HashMap<>(environment);
    changed.put(name, value);
    return changed;
  }

  @Test
  void ingest_defaults() {
    assertThat(IngestConfig.from(INGEST))
        .isEqualTo(new IngestConfig("confab", "confab", "eu-west-1", null, null, 10, 50, "stdout"));
  }

  @Test
  void ingest_everythingGiven() {
    Map<String, String> environment = new HashMap<>(INGEST);
    environment.put("AWS_ENDPOINT_URL_KINESIS", "http://localhost:4567");
    environment.put("AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:8000");
    environment.put("USER_RATE_PER_SECOND", "3");
    environment.put("USER_BURST", " 7 ");
    environment.put("METRICS_TO", "metrics.jsonl");

    assertThat(IngestConfig.from(environment))
        .isEqualTo(
            new IngestConfig(
                "confab",
                "confab",
                "eu-west-1",
                URI.create("http://localhost:4567"),
                URI.create("http://localhost:8000"),
                3,
                7,
                "metrics.jsonl"));
  }

  @Test
  void ingest_namesEveryProblemAtOnce() {
    assertThatThrownBy(
            () ->
                IngestConfig.from(
                    Map.of(
                        "STREAM_NAME", " ",
                        "AWS_REGION", "eu-west-1",
                        "AWS_ENDPOINT_URL_KINESIS", "localhost:4567",
                        "USER_BURST", "0")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            """
            TABLE_NAME is missing: it must be the name of the DynamoDB table
            STREAM_NAME is missing: it must be the name of the Kinesis stream
            AWS_ENDPOINT_URL_KINESIS is "localhost:4567": it must be an address such as \
            http://localhost:4567
            USER_BURST is "0": it must be a whole number from 1 to 100000""");
  }

  @Test
  void authorizer_defaults() {
    assertThat(AuthorizerConfig.from(AUTHORIZER))
        .isEqualTo(
            new AuthorizerConfig(
                "https://issuer.example",
                "confab",
                URI.create("https://issuer.example/keys"),
                JWSAlgorithm.RS256,
                Set.of()));
  }

  @Test
  void authorizer_namesEveryProblemAtOnce() {
    assertThatThrownBy(() -> AuthorizerConfig.from(Map.of("JWT_ALGORITHM", "HS256")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            """
            JWT_ISSUER is missing: it must be the iss of the tokens to take
            JWT_AUDIENCE is missing: it must be the aud of the tokens to take
            JWKS_URL is missing: it must be the https address of the issuer's keys \
            (http only on localhost)
            JWT_ALGORITHM is "HS256": it must be one of RS256, RS384, RS512, PS256, PS384, PS512, \
            ES256, ES384, ES512
            ALLOWED_ORIGINS is missing: it must be * or a comma-separated list of origins such as \
            https://chat.example.com""");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"none", "NONE", "HS256", "HS384", "HS512", "rs256", "EdDSA", "RS256,HS256"})
  void algorithmThatIsNotAsymmetric_isRefused(String algorithm) {
    assertThatThrownBy(() -> AuthorizerConfig.from(with(AUTHORIZER, "JWT_ALGORITHM", algorithm)))
        .hasMessageStartingWith("JWT_ALGORITHM is \"" + algorithm + "\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://issuer.example/keys",
        "http://localhost.evil.example/keys",
        "ftp://localhost/keys",
        "file:///etc/passwd",
        "keys",
        "https://",
        "https:// x"
      })
  void keysThatSomeoneCouldChange_areRefused(String url) {
    assertThatThrownBy(() -> AuthorizerConfig.from(with(AUTHORIZER, "JWKS_URL", url)))
        .hasMessageStartingWith("JWKS_URL is");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:8080/k",
        "http://127.0.0.1:1/k",
        "http://[::1]/k",
        "https://x/k"
      })
  void keysOnThisMachineOrByTls_areTaken(String url) {
    assertThat(AuthorizerConfig.from(with(AUTHORIZER, "JWKS_URL", url)).jwksUrl()).hasToString(url);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "chat.example.com",
        "https://chat.example.com/",
        "https://chat.example.com,",
        "https://u@chat.example.com",
        "https://chat.example.com?x",
        "https://*.example.com",
        "*,https://chat.example.com"
      })
  void whatIsNoOrigin_isRefused(String origins) {
    assertThatThrownBy(() -> AuthorizerConfig.from(with(AUTHORIZER, "ALLOWED_ORIGINS", origins)))
        .hasMessageStartingWith("ALLOWED_ORIGINS is");
  }

  @Test
  void origins_areSeveral_andNotCaseSensitive() {
    AuthorizerConfig config =
        AuthorizerConfig.from(
            with(AUTHORIZER, "ALLOWED_ORIGINS", "https://A.example, http://localhost:8080"));

    assertThat(config.isAllowed("https://a.EXAMPLE")).isTrue();
    assertThat(config.isAllowed("http://localhost:8080")).isTrue();
    assertThat(config.isAllowed("http://localhost:8081")).isFalse();
    assertThat(config.isAllowed("null")).isFalse();
    assertThat(AuthorizerConfig.from(AUTHORIZER).isAllowed("https://any.example")).isTrue();
  }
}
