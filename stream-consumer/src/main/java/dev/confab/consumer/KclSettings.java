package dev.confab.consumer;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.kinesis.checkpoint.CheckpointConfig;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.common.StreamIdentifier;
import software.amazon.kinesis.coordinator.CoordinatorConfig;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.coordinator.WorkerStateChangeListener;
import software.amazon.kinesis.leases.LeaseAssignmentStrategy;
import software.amazon.kinesis.leases.LeaseManagementConfig;
import software.amazon.kinesis.lifecycle.LifecycleConfig;
import software.amazon.kinesis.metrics.MetricsConfig;
import software.amazon.kinesis.metrics.MetricsLevel;
import software.amazon.kinesis.metrics.NullMetricsFactory;
import software.amazon.kinesis.processor.ProcessorConfig;
import software.amazon.kinesis.processor.ShardRecordProcessorFactory;
import software.amazon.kinesis.processor.SingleStreamTracker;
import software.amazon.kinesis.retrieval.AggregatorUtil;
import software.amazon.kinesis.retrieval.KinesisClientRecord;
import software.amazon.kinesis.retrieval.RetrievalConfig;
import software.amazon.kinesis.retrieval.RetrievalSpecificConfig;
import software.amazon.kinesis.retrieval.fanout.FanOutConfig;
import software.amazon.kinesis.retrieval.polling.PollingConfig;

/** KCL's many settings, where ours differ from its own and why. */
final class KclSettings {

  /**
   * Two applications share a shard's five reads a second; with this each makes 2.2 and neither is
   * throttled.
   */
  private static final Duration BETWEEN_READS = Duration.ofMillis(450);

  /** Twice what a shard takes in in that time. */
  private static final int MAX_RECORDS_A_READ = 1_000;

  /** How often KCL looks whether a consumer has something to do; a stop takes about four. */
  private static final Duration DISPATCH = Duration.ofMillis(100);

  private static final Duration CONSUMER_REGISTRATION_BACKOFF = Duration.ofMillis(200);

  private KclSettings() {}

  static Scheduler scheduler(
      ConsumerConfig config,
      KinesisAsyncClient kinesis,
      DynamoDbAsyncClient dynamoDb,
      ShardRecordProcessorFactory processors,
      WorkerStateChangeListener listener) {
    return new Scheduler(
        new CheckpointConfig(),
        coordinator(config, listener),
        leases(config, kinesis, dynamoDb),
        new LifecycleConfig().aggregatorUtil(new WholeRecords()),
        metrics(config),
        // so that an idle shard's last records are checkpointed too
        new ProcessorConfig(processors).callProcessRecordsEvenForEmptyRecordList(true),
        retrieval(config, kinesis));
  }

  private static CoordinatorConfig coordinator(
      ConsumerConfig config, WorkerStateChangeListener listener) {
    return new CoordinatorConfig(config.applicationName())
        .skipShardSyncAtWorkerInitializationIfLeasesExist(true)
        .parentShardPollIntervalMillis(DISPATCH.toMillis())
        .shardConsumerDispatchPollIntervalMillis(DISPATCH.toMillis())
        .schedulerInitializationBackoffTimeMillis(200)
        .workerStateChangeListener(listener);
  }

  /**
   * How soon others notice a silent worker. All of it hangs on the failover time: with KCL's own
   * two minutes for the leader, and 30 s between a worker's signs of life, a dead worker counts as
   * alive and is given its shards back.
   */
  static LeaseManagementConfig leases(
      ConsumerConfig config, KinesisAsyncClient kinesis, DynamoDbAsyncClient dynamoDb) {
    Duration failover = config.failover();
    long fifth = atLeast(Duration.ofSeconds(1), failover.dividedBy(5));
    LeaseManagementConfig leases =
        new LeaseManagementConfig(
                config.applicationName(),
                config.applicationName(),
                dynamoDb,
                kinesis,
                config.workerId())
            .failoverTimeMillis(failover.toMillis())
            .leaseAssignmentIntervalMillis(fifth)
            .leaseAssignmentStrategy(LeaseAssignmentStrategy.LEASE_COUNT_BASED)
            .dynamoDbLockBasedLeaderLeaseDurationInMillis(
                atLeast(Duration.ofSeconds(3), failover.multipliedBy(3).dividedBy(5)))
            .dynamoDbLockBasedLeaderHeartbeatPeriodInMillis(fifth)
            .shardSyncIntervalMillis(1_000)
            .listShardsBackoffTimeInMillis(500)
            .consistentReads(true)
            .dynamoDbRequestTimeout(AwsConfig.CALL_TIMEOUT)
            .initialPositionInStream(everything());
    leases
        .workerUtilizationAwareAssignmentConfig()
        .disableWorkerMetrics(true)
        .inMemoryWorkerMetricsCaptureFrequencyMillis(250)
        .workerMetricsReporterFreqInMillis(fifth);
    return leases;
  }

  private static long atLeast(Duration least, Duration duration) {
    return Math.max(least.toMillis(), duration.toMillis());
  }

  /** KCL's own metrics would go to CloudWatch, from a local run too. */
  private static MetricsConfig metrics(ConsumerConfig config) {
    return new MetricsConfig(null, config.applicationName())
        .metricsLevel(MetricsLevel.NONE)
        .metricsFactory(new NullMetricsFactory());
  }

  private static RetrievalConfig retrieval(ConsumerConfig config, KinesisAsyncClient kinesis) {
    SingleStreamTracker stream =
        new SingleStreamTracker(
            StreamIdentifier.singleStreamInstance(config.streamName()), everything());
    RetrievalSpecificConfig how =
        switch (config.retrieval()) {
          case POLLING ->
              new PollingConfig(config.streamName(), kinesis)
                  .idleTimeBetweenReadsInMillis(BETWEEN_READS.toMillis())
                  .maxRecords(MAX_RECORDS_A_READ)
                  .kinesisRequestTimeout(Duration.ofSeconds(10));
          case FANOUT ->
              new FanOutConfig(kinesis)
                  .streamName(config.streamName())
                  .applicationName(config.applicationName())
                  .consumerName(config.applicationName())
                  .retryBackoffMillis(CONSUMER_REGISTRATION_BACKOFF.toMillis());
        };
    return new RetrievalConfig(kinesis, stream, config.applicationName())
        .retrievalSpecificConfig(how);
  }

  /** Never LATEST: it skips what was accepted before the first lease. */
  private static InitialPositionInStreamExtended everything() {
    return InitialPositionInStreamExtended.newInitialPosition(InitialPositionInStream.TRIM_HORIZON);
  }

  /** Leaves records as they are: {@link Deaggregation} takes them apart, and loses nothing. */
  private static final class WholeRecords extends AggregatorUtil {
    @Override
    public List<KinesisClientRecord> deaggregate(
        List<KinesisClientRecord> records, BigInteger first, BigInteger last) {
      return new ArrayList<>(records); // KCL removes from it what lies below the checkpoint
    }
  }
}
