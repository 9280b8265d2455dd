package dev.confab.ingest;

import dev.confab.metrics.EmbeddedMetrics;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the route Lambdas are told by their environment.
 *
 * @param tableName {@code TABLE_NAME}
 * @param streamName {@code STREAM_NAME}
 * @param region {@code AWS_REGION}, which Lambda sets
 * @param kinesisEndpoint {@code AWS_ENDPOINT_URL_KINESIS}; null for AWS' own
 * @param dynamoDbEndpoint {@code AWS_ENDPOINT_URL_DYNAMODB}; null for AWS' own
 * @param userRate frames a second that one user may send in the long run, by {@code
 *     USER_RATE_PER_SECOND}; 10 unless told, which no person types
 * @param userBurst frames that one user may send at once, by {@code USER_BURST}; 50 unless told: a
 *     client that reconnects asks for the history of many chats
 * @param metricsTo where metrics go, by {@code METRICS_TO}: {@code stdout}, {@code off}, or a file
 *     to append to
 */
record IngestConfig(
    String tableName,
    String streamName,
    String region,
    @Nullable URI kinesisEndpoint,
    @Nullable URI dynamoDbEndpoint,
    int userRate,
    int userBurst,
    String metricsTo) {
  private static final int DEFAULT_USER_RATE = 10;
  private static final int DEFAULT_USER_BURST = 50;
  private static final int MAX_RATE = 100_000;

  /**
   * Reads the environment.
   *
   * @throws IllegalArgumentException with a line for each variable that is missing or wrong
   */
  static IngestConfig from(Map<String, String> environment) {
    Variables variables = new Variables(environment);
    String rate = "a whole number from 1 to " + MAX_RATE;
    var config =
        new IngestConfig(
            variables.text("TABLE_NAME", "the name of the DynamoDB table"),
            variables.text("STREAM_NAME", "the name of the Kinesis stream"),
            variables.text("AWS_REGION", "an AWS region such as eu-west-1"),
            variables.endpoint("AWS_ENDPOINT_URL_KINESIS"),
            variables.endpoint("AWS_ENDPOINT_URL_DYNAMODB"),
            variables.optional("USER_RATE_PER_SECOND", rate, IngestConfig::rate, DEFAULT_USER_RATE),
            variables.optional("USER_BURST", rate, IngestConfig::rate, DEFAULT_USER_BURST),
            variables.optional(
                "METRICS_TO", "stdout, off or a file", to -> to, EmbeddedMetrics.STANDARD_OUTPUT));
    variables.check();
    return config;
  }

  private static int rate(String text) {
    int value = Integer.parseInt(text);
    if (value < 1 || value > MAX_RATE) {
      throw new IllegalArgumentException("out of range");
    }
    return value;
  }
}
