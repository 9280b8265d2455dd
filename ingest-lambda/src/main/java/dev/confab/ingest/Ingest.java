package dev.confab.ingest;

import dev.confab.metrics.EmbeddedMetrics;
import dev.confab.metrics.Metrics;
import dev.confab.metrics.StageName;
import dev.confab.table.ChatTable;
import dev.confab.table.DynamoDbChatTable;
import dev.confab.table.Parallel;
import java.io.OutputStream;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClientBuilder;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.KinesisClientBuilder;

/** Puts the parts of the routes together. */
final class Ingest {
  /**
   * Of one request to the table with the client's own retries: half of what a frame should take.
   */
  private static final Duration TABLE_CALL_TIMEOUT = Duration.ofSeconds(5);

  /** Reads side by side for one frame. */
  private static final int MAX_PARALLEL_READS = 16;

  /**
   * Watches the time limits of every client's requests. By itself the SDK starts a thread with each
   * of the first five requests of a client.
   */
  private static final ScheduledExecutorService TIME_LIMITS = timeLimits();

  private Ingest() {}

  private static ScheduledExecutorService timeLimits() {
    var timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("time-limits").factory());
    timer.setRemoveOnCancelPolicy(true); // most requests are answered long before
    return timer;
  }

  /**
   * The routes on AWS, or on what stands in for it.
   *
   * @throws IllegalArgumentException with a line for each variable that is missing or wrong
   */
  static Routes routes(Map<String, String> environment) {
    return routes(IngestConfig.from(environment), Services.real());
  }

  /**
   * The same routes with caches of their own, to rehearse an event on: AWS refuses what they ask,
   * and they take it for a success.
   */
  static Routes rehearsal(Map<String, String> environment) {
    return routes(IngestConfig.from(environment), Services.rehearsed());
  }

  /**
   * How the SDK's clients reach their services.
   *
   * @param http makes one client's
   * @param credentials of all clients: each copy of a snapshot has to ask for new ones once
   */
  record Services(Supplier<SdkHttpClient> http, AwsCredentialsProvider credentials) {
    static Services real() {
      return new Services(Ingest::http, DefaultCredentialsProvider.builder().build());
    }

    static Services rehearsed() {
      return new Services(
          () -> new RehearsalHttp(Ingest::http),
          () -> DefaultCredentialsProvider.builder().build().resolveCredentials());
    }
  }

  private static Routes routes(IngestConfig config, Services services) {
    Clock clock = Clock.systemUTC();
    KinesisStream stream = new KinesisStream(kinesis(config, services), config.streamName());
    Executor executor = Executors.newVirtualThreadPerTaskExecutor();
    ChatTable table =
        new DynamoDbChatTable(
            dynamoDb(config, services),
            config.tableName(),
            executor,
            Retries.ATTEMPT_TIMEOUT,
            TABLE_CALL_TIMEOUT);
    // Seeded when it is used: made once, it would be the same in every copy of a SnapStart
    // snapshot.
    RandomGenerator random = () -> new SplittableRandom(System.nanoTime()).nextLong();
    TokenBuckets buckets = new TokenBuckets(config.userRate(), config.userBurst(), clock);
    return routes(
        table,
        stream,
        new Retries(clock, random, Pause.sleeping()),
        buckets,
        executor,
        clock,
        told(config, clock));
  }

  /** Of priming's frames it writes lines too, into nothing, so that the first real one is warm. */
  private static Told told(IngestConfig config, Clock clock) {
    String streamName = config.streamName();
    Metrics metrics = EmbeddedMetrics.to(config.metricsTo(), streamName, StageName.INGEST, clock);
    Metrics nowhere =
        new EmbeddedMetrics(streamName, StageName.INGEST, OutputStream.nullOutputStream(), clock);
    return new Told(metrics, nowhere);
  }

  /**
   * Who hears what is measured.
   *
   * @param nobodys of frames that nobody sent
   */
  record Told(Metrics metrics, Metrics nobodys) {}

  /** The routes on any table and stream. */
  static Routes routes(
      ChatTable table,
      Stream stream,
      Retries retries,
      TokenBuckets buckets,
      Executor executor,
      Clock clock,
      Told told) {
    Publisher publisher = new Publisher(stream, retries);
    Parallel parallel = new Parallel(executor, MAX_PARALLEL_READS);
    Frames frames =
        new Frames(
            buckets,
            new SendMessage(table.members(), publisher, clock),
            new Subscribing(
                table.chats(), table.members(), table.messages(), publisher, parallel, clock),
            new ChatActions(table.chats(), table.members(), table.users(), publisher, clock),
            new HistoryActions(table.members(), table.messages(), parallel),
            clock);
    return new Routes(
        new ConnectionActions(table.connections(), table.users(), clock), frames, clock, told);
  }

  /** Without retries of its own: each would be a second record, not marked as a resend. */
  static KinesisClient kinesis(IngestConfig config, Services services) {
    KinesisClientBuilder builder =
        KinesisClient.builder()
            .region(Region.of(config.region()))
            .credentialsProvider(services.credentials())
            .httpClient(services.http().get())
            .overrideConfiguration(
                of ->
                    of.retryStrategy(AwsRetryStrategy.doNotRetry())
                        .scheduledExecutorService(TIME_LIMITS));
    URI endpoint = config.kinesisEndpoint();
    return endpoint == null ? builder.build() : builder.endpointOverride(endpoint).build();
  }

  static DynamoDbClient dynamoDb(IngestConfig config, Services services) {
    // DynamoDB's default is eight: a frame has no time for them.
    RetryStrategy twoRetries =
        AwsRetryStrategy.standardRetryStrategy().toBuilder().maxAttempts(3).build();
    DynamoDbClientBuilder builder =
        DynamoDbClient.builder()
            .region(Region.of(config.region()))
            .credentialsProvider(services.credentials())
            .httpClient(services.http().get())
            .overrideConfiguration(
                of -> of.retryStrategy(twoRetries).scheduledExecutorService(TIME_LIMITS));
    URI endpoint = config.dynamoDbEndpoint();
    return endpoint == null ? builder.build() : builder.endpointOverride(endpoint).build();
  }

  /** The JDK's client, the lightest to start. It can't be interrupted, so its own limits hold. */
  private static SdkHttpClient http() {
    return UrlConnectionHttpClient.builder()
        .connectionTimeout(Retries.CONNECT_TIMEOUT)
        .socketTimeout(Retries.READ_TIMEOUT)
        .build();
  }
}
