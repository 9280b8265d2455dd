package dev.confab.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.consumer.ConsumerConfig.Retrieval;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.leases.LeaseManagementConfig;

/** Where reading begins, and how soon a dead worker is replaced. */
class KclSettingsTest {

  @ParameterizedTest
  @ValueSource(strings = {"PT3S", "PT10S", "PT5M"})
  void readingBeginsWithEverything_andASilentWorkerIsSeenWithinTheFailover(String text) {
    Duration failover = Duration.parse(text);
    AwsConfig aws = new AwsConfig(Region.US_EAST_1, URI.create("http://localhost:1"), null, null);
    ConsumerConfig config =
        new ConsumerConfig(aws, "chat", "", "app", Retrieval.POLLING, "w", failover, "off");
    try (KinesisAsyncClient kinesis = aws.newStreamClient();
        DynamoDbAsyncClient dynamoDb = aws.newLeaseClient()) {
      LeaseManagementConfig leases = KclSettings.leases(config, kinesis, dynamoDb);

      assertThat(leases.initialPositionInStream().getInitialPositionInStream())
          .isEqualTo(InitialPositionInStream.TRIM_HORIZON); // LATEST skips what was accepted before
      long millis = failover.toMillis();
      assertThat(leases.failoverTimeMillis()).isEqualTo(millis);
      assertThat(leases.leaseAssignmentIntervalMillis()).isBetween(1_000L, millis / 2);
      assertThat(leases.dynamoDbLockBasedLeaderLeaseDurationInMillis()).isBetween(3_000L, millis);
      assertThat(leases.dynamoDbLockBasedLeaderHeartbeatPeriodInMillis())
          .isBetween(1_000L, leases.dynamoDbLockBasedLeaderLeaseDurationInMillis() / 2);
      assertThat(
              leases.workerUtilizationAwareAssignmentConfig().workerMetricsReporterFreqInMillis())
          .isBetween(1_000L, millis / 2);
    }
  }
}
