package dev.confab.consumer;

import dev.confab.metrics.EmbeddedMetrics;
import dev.confab.metrics.Metrics;
import dev.confab.metrics.StageName;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;

/**
 * What the host of a stage is told.
 *
 * @param streamName the Kinesis stream that it reads
 * @param dlqUrl the URL of the SQS queue that takes its dead letters
 * @param applicationName one for each stage and stream: names the lease table, and so the progress
 * @param workerId of this process; a process that comes back under the same id takes its shards up
 *     at once, and no two may use one at a time
 * @param failover how long a worker may be silent before others take its shards; 3 s to 5 min
 * @param metricsTo where {@link #metrics} go: {@code stdout}, {@code off}, or a file to append to
 */
public record ConsumerConfig(
    AwsConfig aws,
    String streamName,
    String dlqUrl,
    String applicationName,
    Retrieval retrieval,
    String workerId,
    Duration failover,
    String metricsTo) {
  private static final Duration DEFAULT_FAILOVER = Duration.ofSeconds(10);

  /** Below it, a pause of the garbage collector or of DynamoDB costs a worker its shards. */
  private static final Duration LEAST_FAILOVER = Duration.ofSeconds(3);

  private static final Duration LONGEST_FAILOVER = Duration.ofMinutes(5);

  /** How records come. */
  public enum Retrieval {
    /** GetRecords, about twice a second: shares a shard's reads with every other consumer. */
    POLLING,
    /** SubscribeToShard, pushed: reads of its own for each consumer, for a price. */
    FANOUT;

    static Retrieval parse(String text) {
      return switch (text) {
        case "polling" -> POLLING;
        case "fanout" -> FANOUT;
        default -> throw new IllegalArgumentException(text);
      };
    }
  }

  /**
   * From the variables that the template gives a consumer; {@code environment} is checked after.
   */
  public static ConsumerConfig read(Environment environment) {
    return new ConsumerConfig(
        AwsConfig.read(environment),
        environment.required("STREAM_NAME", "the name of the Kinesis stream"),
        environment.required("DLQ_URL", "the URL of the SQS queue for dead letters"),
        environment.required("APPLICATION_NAME", "the name of the lease table"),
        environment.optional("RETRIEVAL", Retrieval.POLLING, Retrieval::parse, "polling or fanout"),
        environment.optional("WORKER_ID", UUID.randomUUID().toString(), id -> id, "any text"),
        environment.optional(
            "FAILOVER",
            DEFAULT_FAILOVER,
            ConsumerConfig::failover,
            "a duration from PT3S to PT5M, such as PT10S"),
        environment.optional(
            "METRICS_TO", EmbeddedMetrics.STANDARD_OUTPUT, to -> to, "stdout, off or a file"));
  }

  /** Where a stage says how it does. */
  public Metrics metrics(StageName stage) {
    return EmbeddedMetrics.to(metricsTo, streamName, stage, Clock.systemUTC());
  }

  private static Duration failover(String text) {
    Duration failover = Duration.parse(text);
    if (failover.compareTo(LEAST_FAILOVER) < 0 || failover.compareTo(LONGEST_FAILOVER) > 0) {
      throw new IllegalArgumentException(text);
    }
    return failover;
  }
}
