package dev.confab.consumer;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClientBuilder;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.kinesis.common.KinesisClientUtil;

/**
 * Where AWS is, and clients of it: every one with time-outs, since a call that hangs would hold a
 * shard without a sign. Credentials come from the SDK's default chain. Whoever takes a client
 * closes it.
 *
 * @param kinesis an endpoint that isn't AWS' own, or null
 * @param dynamoDb an endpoint that isn't AWS' own, or null
 * @param sqs an endpoint that isn't AWS' own, or null
 */
public record AwsConfig(
    Region region, @Nullable URI kinesis, @Nullable URI dynamoDb, @Nullable URI sqs) {

  /** A request of any of these services is answered in milliseconds, or in vain. */
  private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(3);

  /** With the SDK's retries: below the 10 s after which a lease that isn't renewed is lost. */
  static final Duration CALL_TIMEOUT = Duration.ofSeconds(8);

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

  /**
   * More than the stages of a worker have in flight, and enhanced fan-out holds one for each shard
   * when there is no HTTP/2. They are opened as they are needed.
   */
  private static final int MAX_CONNECTIONS = 1_000;

  /** From {@code AWS_REGION} and the {@code AWS_ENDPOINT_URL_…} of each service. */
  public static AwsConfig read(Environment environment) {
    return new AwsConfig(
        environment.required(
            "AWS_REGION", Region.US_EAST_1, Region::of, "an AWS region, such as eu-central-1"),
        environment.address("AWS_ENDPOINT_URL_KINESIS"),
        environment.address("AWS_ENDPOINT_URL_DYNAMODB"),
        environment.address("AWS_ENDPOINT_URL_SQS"));
  }

  /** For a stage's table. */
  public DynamoDbClient newDynamoDb() {
    return at(dynamoDb, DynamoDbClient.builder())
        .httpClientBuilder(http())
        .overrideConfiguration(timeouts())
        .build();
  }

  /** For a stage that puts events on the stream. */
  public KinesisClient newKinesis() {
    return at(kinesis, KinesisClient.builder())
        .httpClientBuilder(http())
        .overrideConfiguration(timeouts())
        .build();
  }

  /** For dead letters. */
  public SqsClient newSqs() {
    return at(sqs, SqsClient.builder())
        .httpClientBuilder(http())
        .overrideConfiguration(timeouts())
        .build();
  }

  /** For leases. */
  DynamoDbAsyncClient newLeaseClient() {
    return at(dynamoDb, DynamoDbAsyncClient.builder())
        .httpClientBuilder(NettyNioAsyncHttpClient.builder().connectionTimeout(CONNECT_TIMEOUT))
        .overrideConfiguration(timeouts())
        .build();
  }

  /** For the stream. No limit on a whole call: a subscription is one that lasts five minutes. */
  KinesisAsyncClient newStreamClient() {
    KinesisAsyncClientBuilder builder = at(kinesis, KinesisAsyncClient.builder());
    if (kinesis == null) {
      return KinesisClientUtil.createKinesisAsyncClient(builder);
    }
    return builder
        .httpClientBuilder(
            NettyNioAsyncHttpClient.builder()
                .protocol(Protocol.HTTP1_1)
                .connectionTimeout(CONNECT_TIMEOUT)
                .maxConcurrency(MAX_CONNECTIONS))
        .build();
  }

  private static ApacheHttpClient.Builder http() {
    return ApacheHttpClient.builder()
        .connectionTimeout(CONNECT_TIMEOUT)
        .socketTimeout(ATTEMPT_TIMEOUT)
        .maxConnections(MAX_CONNECTIONS);
  }

  private static ClientOverrideConfiguration timeouts() {
    return ClientOverrideConfiguration.builder()
        .apiCallAttemptTimeout(ATTEMPT_TIMEOUT)
        .apiCallTimeout(CALL_TIMEOUT)
        .build();
  }

  private <B extends AwsClientBuilder<B, ?>> B at(@Nullable URI endpoint, B builder) {
    builder.region(region);
    return endpoint == null ? builder : builder.endpointOverride(endpoint);
  }
}
