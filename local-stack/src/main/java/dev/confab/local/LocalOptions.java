package dev.confab.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a local stack runs.
 *
 * @param template the description of the system, {@code template.yaml}
 * @param port of the WebSocket gateway and the chat page; 0, as for the other ports, takes any free
 *     one
 * @param kinesisPort of the Kinesis API
 * @param dynamoDbPort of the DynamoDB API
 * @param sqsPort of the SQS API
 * @param shards of a stream that is made anew, 1 or more
 * @param retrieval how consumers read the stream
 * @param failover after which a silent worker's leases are taken; 3 seconds or more
 * @param data the folder that keeps everything across restarts; null keeps nothing
 * @param shardLimits whether shards refuse what is above Kinesis' limits
 * @param metrics the file to which the stages' metrics are appended, a line of JSON each; null for
 *     none
 */
public record LocalOptions(
    Path template,
    int port,
    int kinesisPort,
    int dynamoDbPort,
    int sqsPort,
    int shards,
    Retrieval retrieval,
    Duration failover,
    @Nullable Path data,
    boolean shardLimits,
    @Nullable Path metrics) {

  /** How consumers read the stream. */
  public enum Retrieval {
    /** GetRecords: five reads a second and shard, shared by the applications. */
    POLLING("polling"),
    /** Enhanced fan-out: SubscribeToShard pushes. */
    FANOUT("fanout");

    private final String word;

    Retrieval(String word) {
      this.word = word;
    }

    /** The word in the consumers' environment. */
    public String word() {
      return word;
    }
  }

  /** Most shards that make sense on one machine. */
  public static final int MAX_SHARDS = 64;

  public LocalOptions {
    if (shards < 1 || shards > MAX_SHARDS) {
      throw new StartException("--shards must be 1 to " + MAX_SHARDS);
    }
    if (metrics != null && !isAppendable(metrics)) {
      throw new StartException("--metrics: can't write " + metrics);
    }
  }

  private static boolean isAppendable(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    return Files.exists(file)
        ? Files.isRegularFile(file) && Files.isWritable(file)
        : folder != null && Files.isDirectory(folder) && Files.isWritable(folder);
  }

  /** Any free ports, for tests. */
  public static LocalOptions anyPorts(Path template) {
    return anyPorts(template, 2, Retrieval.FANOUT, Duration.ofSeconds(3), null);
  }

  /** Any free ports, and what a test is about. */
  public static LocalOptions anyPorts(
      Path template, int shards, Retrieval retrieval, Duration failover, @Nullable Path metrics) {
    return new LocalOptions(template, 0, 0, 0, 0, shards, retrieval, failover, null, true, metrics);
  }
}
