package dev.confab.kinesis;

import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;
import software.amazon.kinesis.common.ConfigsBuilder;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.common.StreamIdentifier;
import software.amazon.kinesis.coordinator.CoordinatorConfig;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.exceptions.InvalidStateException;
import software.amazon.kinesis.exceptions.ShutdownException;
import software.amazon.kinesis.leases.Lease;
import software.amazon.kinesis.leases.LeaseAssignmentStrategy;
import software.amazon.kinesis.leases.LeaseManagementConfig;
import software.amazon.kinesis.leases.LeaseRefresher;
import software.amazon.kinesis.leases.exceptions.LeasingException;
import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.lifecycle.events.ShutdownRequestedInput;
import software.amazon.kinesis.metrics.MetricsLevel;
import software.amazon.kinesis.metrics.NullMetricsFactory;
import software.amazon.kinesis.processor.ShardRecordProcessor;
import software.amazon.kinesis.processor.SingleStreamTracker;
import software.amazon.kinesis.retrieval.KinesisClientRecord;
import software.amazon.kinesis.retrieval.RetrievalSpecificConfig;
import software.amazon.kinesis.retrieval.fanout.FanOutConfig;
import software.amazon.kinesis.retrieval.kpl.ExtendedSequenceNumber;
import software.amazon.kinesis.retrieval.polling.PollingConfig;

/**
 * A KCL application with one worker, tuned to start fast, that hands every batch of records to a
 * test.
 */
final class KclApplication implements AutoCloseable {
  private final KinesisAsyncClient kinesis;
  private final DynamoDbAsyncClient dynamoDb;
  private final CloudWatchAsyncClient noMetrics;
  private final Scheduler scheduler;
  private final Thread thread;

  /** How records come to the application. */
  enum Retrieval {
    POLLING,
    FAN_OUT
  }

  KclApplication(
      String stream,
      Retrieval retrieval,
      URI kinesisEndpoint,
      URI dynamoDbEndpoint,
      Consumer<List<KinesisClientRecord>> records)
      throws LeasingException {
    String name = "app-" + retrieval + "-" + stream;
    kinesis = Clients.async(kinesisEndpoint);
    dynamoDb =
        DynamoDbAsyncClient.builder()
            .endpointOverride(dynamoDbEndpoint)
            .region(Region.US_EAST_1)
            .credentialsProvider(Clients.CREDENTIALS)
            .httpClient(NettyNioAsyncHttpClient.create())
            .build();
    noMetrics =
        CloudWatchAsyncClient.builder()
            .region(Region.US_EAST_1)
            .credentialsProvider(Clients.CREDENTIALS)
            .httpClient(NettyNioAsyncHttpClient.create())
            .build();
    SingleStreamTracker tracker =
        new SingleStreamTracker(
            StreamIdentifier.singleStreamInstance(stream),
            InitialPositionInStreamExtended.newInitialPosition(
                InitialPositionInStream.TRIM_HORIZON));
    ConfigsBuilder configs =
        new ConfigsBuilder(
            tracker, name, kinesis, dynamoDb, noMetrics, "worker", () -> new Processor(records));
    scheduler =
        new Scheduler(
            configs.checkpointConfig(),
            tuned(configs.coordinatorConfig()),
            tuned(configs.leaseManagementConfig()),
            configs.lifecycleConfig(),
            configs
                .metricsConfig()
                .metricsLevel(MetricsLevel.NONE)
                .metricsFactory(new NullMetricsFactory()),
            configs.processorConfig(),
            configs.retrievalConfig().retrievalSpecificConfig(config(retrieval, stream, name)));
    seed(stream);
    thread = Thread.ofPlatform().name("kcl").daemon().start(scheduler);
  }

  private RetrievalSpecificConfig config(Retrieval retrieval, String stream, String name) {
    return switch (retrieval) {
      case POLLING -> new PollingConfig(stream, kinesis).idleTimeBetweenReadsInMillis(200);
      case FAN_OUT ->
          new FanOutConfig(kinesis).streamName(stream).applicationName(name).consumerName("kcl");
    };
  }

  private static CoordinatorConfig tuned(CoordinatorConfig config) {
    return config
        .skipShardSyncAtWorkerInitializationIfLeasesExist(true)
        .parentShardPollIntervalMillis(100)
        .shardConsumerDispatchPollIntervalMillis(50)
        .schedulerInitializationBackoffTimeMillis(200);
  }

  private static LeaseManagementConfig tuned(LeaseManagementConfig config) {
    config
        .workerUtilizationAwareAssignmentConfig()
        .disableWorkerMetrics(true)
        .inMemoryWorkerMetricsCaptureFrequencyMillis(250)
        .workerMetricsReporterFreqInMillis(1_000);
    return config
        .failoverTimeMillis(10_000)
        .leaseAssignmentIntervalMillis(500L)
        .shardSyncIntervalMillis(500L)
        .leaseAssignmentStrategy(LeaseAssignmentStrategy.LEASE_COUNT_BASED)
        .dynamoDbLockBasedLeaderLeaseDurationInMillis(6_000)
        .dynamoDbLockBasedLeaderHeartbeatPeriodInMillis(2_000);
  }

  /** Gives this worker the leases that it would take a minute to take by itself. */
  private void seed(String stream) throws LeasingException {
    LeaseRefresher leases = scheduler.leaseRefresher();
    leases.createLeaseTableIfNotExists();
    leases.waitUntilLeaseTableExists(1, 60);
    if (!leases.isLeaseOwnerToLeaseKeyIndexActive()) {
      leases.createLeaseOwnerToLeaseKeyIndexIfNotExists();
      leases.waitUntilLeaseOwnerToLeaseKeyIndexExists(1, 60);
    }
    List<Shard> shards =
        kinesis
            .listShards(
                request ->
                    request
                        .streamName(stream)
                        .shardFilter(filter -> filter.type(ShardFilterType.AT_TRIM_HORIZON)))
            .join()
            .shards();
    for (Shard shard : shards) {
      Lease lease = new Lease();
      lease.leaseKey(shard.shardId());
      lease.leaseCounter(0L);
      lease.ownerSwitchesSinceCheckpoint(0L);
      lease.checkpoint(ExtendedSequenceNumber.TRIM_HORIZON);
      lease.hashKeyRange(
          software.amazon.kinesis.common.HashKeyRangeForLease.fromHashKeyRange(
              shard.hashKeyRange()));
      lease.leaseOwner("worker");
      leases.createLeaseIfNotExists(lease);
    }
  }

  @Override
  public void close() {
    scheduler.shutdown();
    await().atMost(Duration.ofSeconds(20)).until(() -> !thread.isAlive());
    kinesis.close();
    dynamoDb.close();
    noMetrics.close();
  }

  private record Processor(Consumer<List<KinesisClientRecord>> records)
      implements ShardRecordProcessor {
    @Override
    public void initialize(InitializationInput input) {}

    @Override
    public void processRecords(ProcessRecordsInput input) {
      records.accept(input.records());
    }

    @Override
    public void leaseLost(LeaseLostInput input) {}

    @Override
    public void shardEnded(ShardEndedInput input) {
      try {
        input.checkpointer().checkpoint();
      } catch (ShutdownException | InvalidStateException leaseMoved) {
        throw new IllegalStateException(leaseMoved);
      }
    }

    @Override
    public void shutdownRequested(ShutdownRequestedInput input) {}
  }
}
