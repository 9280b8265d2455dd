package dev.confab.fanout;

import dev.confab.consumer.ConsumerConfig;
import dev.confab.consumer.Environment;
import java.net.URI;
import java.util.Map;

/**
 * What the fan-out is told.
 *
 * @param host what its host is told
 * @param tableName the DynamoDB table
 * @param connectionsEndpoint of the API's stage, without {@code /@connections}
 * @param limits rate, subscribers a chat, memory
 */
record FanoutConfig(
    ConsumerConfig host, String tableName, URI connectionsEndpoint, FanoutStage.Settings limits) {
  private static final String RATE = "a number of requests a second above 0, such as 5000";
  private static final String MOST = "a whole number of 1 or more, such as 5000";
  private static final String ENDPOINT =
      "the URL of the WebSocket API's stage, such as https://example.com/prod";

  /**
   * Half of what API Gateway gives an account, 10,000 a second for all its APIs: the other half is
   * for what clients send.
   */
  private static final double DEFAULT_RATE_PER_SECOND = 5_000;

  private static final int DEFAULT_MAX_SUBSCRIBERS_PER_CHAT = 5_000;

  /** Where the variable is missing; {@link Environment#check} refuses it then. */
  private static final URI NONE = URI.create("https://localhost");

  /**
   * Reads the environment.
   *
   * @throws Environment.InvalidEnvironmentException with a line for each variable that is missing
   *     or bad
   */
  static FanoutConfig read(Map<String, String> variables) {
    Environment environment = new Environment(variables);
    environment.required("CONNECTIONS_ENDPOINT", ENDPOINT);
    FanoutConfig config =
        new FanoutConfig(
            ConsumerConfig.read(environment),
            environment.required("TABLE_NAME", "the name of the DynamoDB table"),
            environment.optional("CONNECTIONS_ENDPOINT", NONE, FanoutConfig::endpoint, ENDPOINT),
            new FanoutStage.Settings(
                environment.optional(
                    "CONNECTIONS_RATE_PER_SECOND",
                    DEFAULT_RATE_PER_SECOND,
                    FanoutConfig::rate,
                    RATE),
                environment.optional(
                    "MAX_SUBSCRIBERS_PER_CHAT",
                    DEFAULT_MAX_SUBSCRIBERS_PER_CHAT,
                    FanoutConfig::most,
                    MOST),
                FanoutStage.Settings.DEFAULT_MAX_REMEMBERED));
    environment.check();
    return config;
  }

  private static URI endpoint(String text) {
    URI endpoint = URI.create(text);
    String scheme = String.valueOf(endpoint.getScheme());
    boolean isHttp = scheme.equals("https") || scheme.equals("http");
    if (!isHttp || endpoint.getHost() == null || text.endsWith("/@connections")) {
      throw new IllegalArgumentException(text);
    }
    return endpoint;
  }

  private static double rate(String text) {
    double perSecond = Double.parseDouble(text);
    if (!(perSecond > 0) || Double.isInfinite(perSecond)) {
      throw new IllegalArgumentException(text);
    }
    return perSecond;
  }

  private static int most(String text) {
    int most = Integer.parseInt(text);
    if (most < 1) {
      throw new IllegalArgumentException(text);
    }
    return most;
  }
}
