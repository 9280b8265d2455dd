package dev.confab.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.consumer.Environment;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FanoutConfigTest {
  private final Map<String, String> variables =
      new HashMap<>(
          Map.of(
              "AWS_REGION", "eu-central-1",
              "STREAM_NAME", "confab",
              "TABLE_NAME", "chats",
              "DLQ_URL", "http://localhost:9324/confab-fanout-dlq",
              "APPLICATION_NAME", "confab-fanout",
              "CONNECTIONS_ENDPOINT", "http://localhost:8080/local"));

  @Test
  void whatMayBeAbsent_hasADefault() {
    FanoutConfig config = FanoutConfig.read(variables);
    assertThat(config.tableName()).isEqualTo("chats");
    assertThat(config.connectionsEndpoint()).isEqualTo(URI.create("http://localhost:8080/local"));
    assertThat(config.limits()).isEqualTo(new FanoutStage.Settings(5_000, 5_000, 200_000));
  }

  @Test
  void everyVariable_isRead() {
    variables.put("CONNECTIONS_RATE_PER_SECOND", "12.5");
    variables.put("MAX_SUBSCRIBERS_PER_CHAT", "7");
    FanoutStage.Settings limits = FanoutConfig.read(variables).limits();
    assertThat(limits.ratePerSecond()).isEqualTo(12.5);
    assertThat(limits.maxSubscribersPerChat()).isEqualTo(7);
  }

  @Test
  void everyVariableThatIsMissing_isNamed() {
    assertThatThrownBy(() -> FanoutConfig.read(Map.of()))
        .isInstanceOf(Environment.InvalidEnvironmentException.class)
        .message()
        .contains("TABLE_NAME", "CONNECTIONS_ENDPOINT", "STREAM_NAME", "DLQ_URL", "AWS_REGION");
  }

  @ParameterizedTest
  @CsvSource({
    "CONNECTIONS_ENDPOINT, localhost:8080",
    "CONNECTIONS_ENDPOINT, wss://example.com/prod",
    "CONNECTIONS_ENDPOINT, https://example.com/prod/@connections",
    "CONNECTIONS_ENDPOINT, not a URL",
    "CONNECTIONS_RATE_PER_SECOND, 0",
    "CONNECTIONS_RATE_PER_SECOND, -1",
    "CONNECTIONS_RATE_PER_SECOND, Infinity",
    "CONNECTIONS_RATE_PER_SECOND, fast",
    "MAX_SUBSCRIBERS_PER_CHAT, 0",
    "MAX_SUBSCRIBERS_PER_CHAT, 1.5",
  })
  void aBadValue_isNamedWithWhatItMustBe(String name, String value) {
    variables.put(name, value);
    assertThatThrownBy(() -> FanoutConfig.read(variables))
        .isInstanceOf(Environment.InvalidEnvironmentException.class)
        .hasMessageStartingWith(name + " is \"" + value + "\": it must be ");
  }
}
