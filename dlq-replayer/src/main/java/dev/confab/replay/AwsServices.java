package dev.confab.replay;

import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * SQS and Kinesis in AWS, or where the environment says. Credentials are the SDK's default ones.
 */
final class AwsServices implements Services {
  private static final Duration TO_CONNECT = Duration.ofSeconds(3);

  /** One try; with its retries a call ends well before what is in hand must be hidden anew. */
  private static final Duration TO_ANSWER = Duration.ofSeconds(10);

  private static final Duration WITH_RETRIES = Duration.ofSeconds(30);

  private final Target target;
  private final String region;
  private final @Nullable URI sqsEndpoint;
  private final SdkHttpClient http;
  private final SqsClient sqs;
  private final KinesisClient kinesis;
  private final Records records;
  private final Map<Stage, Letters> letters = new EnumMap<>(Stage.class);

  AwsServices(Target target, Map<String, String> environment, Pause pause) {
    this.target = target;
    this.region = region(target, environment);
    this.sqsEndpoint = endpoint(environment, "SQS");
    URI kinesisEndpoint = endpoint(environment, "KINESIS");
    this.http =
        UrlConnectionHttpClient.builder()
            .connectionTimeout(TO_CONNECT)
            .socketTimeout(TO_ANSWER)
            .build();
    this.sqs = configured(SqsClient.builder(), sqsEndpoint).httpClient(http).build();
    this.kinesis = configured(KinesisClient.builder(), kinesisEndpoint).httpClient(http).build();
    String stream = target.streamName();
    this.records =
        new KinesisRecords(
            kinesis,
            new AwsFaults(
                "Kinesis",
                "the stream " + stream,
                "--stream or --stack",
                region,
                text(kinesisEndpoint)),
            stream,
            pause);
  }

  private <B extends AwsClientBuilder<B, ?>> B configured(B builder, @Nullable URI endpoint) {
    if (endpoint != null) {
      builder.endpointOverride(endpoint);
    }
    return builder
        .region(Region.of(region))
        .overrideConfiguration(
            o -> o.apiCallAttemptTimeout(TO_ANSWER).apiCallTimeout(WITH_RETRIES));
  }

  private static String region(Target target, Map<String, String> environment) {
    String named = target.region == null ? environment.get("AWS_REGION") : target.region;
    if (named != null && !named.isBlank()) {
      return named;
    }
    try {
      return DefaultAwsRegionProviderChain.builder().build().getRegion().id();
    } catch (SdkClientException none) {
      throw new CannotGoOnException("no AWS region: give --region, or set AWS_REGION", none);
    }
  }

  private static @Nullable URI endpoint(Map<String, String> environment, String service) {
    String name = "AWS_ENDPOINT_URL_" + service;
    String url = environment.getOrDefault(name, environment.get("AWS_ENDPOINT_URL"));
    if (url == null || url.isBlank()) {
      return null;
    }
    URI endpoint;
    try {
      endpoint = URI.create(url.strip());
    } catch (IllegalArgumentException noUri) {
      throw new CannotGoOnException(name + " is no URL: " + Plain.line(url), noUri);
    }
    if (endpoint.getScheme() == null || endpoint.getHost() == null) {
      throw new CannotGoOnException(
          name + " must be a URL like http://localhost:9324, not " + Plain.line(url));
    }
    return endpoint;
  }

  private static @Nullable String text(@Nullable URI endpoint) {
    return endpoint == null ? null : endpoint.toString();
  }

  @Override
  public synchronized Letters letters(Stage stage) {
    return letters.computeIfAbsent(
        stage,
        _ -> {
          String queue = target.queue(stage);
          return new SqsLetters(
              sqs,
              new AwsFaults(
                  "SQS",
                  "the queue " + queue,
                  "--" + stage.word() + "-queue or --stack",
                  region,
                  text(sqsEndpoint)),
              stage,
              queue);
        });
  }

  @Override
  public Records records() {
    return records;
  }

  @Override
  public void close() {
    sqs.close();
    kinesis.close();
    http.close();
  }
}
