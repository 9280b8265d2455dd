package dev.confab.fanout;

import dev.confab.consumer.CountedDeadLetters;
import dev.confab.consumer.DeadLetters;
import dev.confab.consumer.Environment;
import dev.confab.consumer.KclHost;
import dev.confab.consumer.Pause;
import dev.confab.consumer.RunPorts;
import dev.confab.consumer.SqsDeadLetters;
import dev.confab.metrics.Metrics;
import dev.confab.metrics.StageName;
import dev.confab.table.DynamoDbChatTable;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * A worker that pushes what is said in chats to their active connections. Any number of them share
 * the stream's shards. Safe for use by several threads.
 */
public final class FanoutConsumer implements AutoCloseable {
  private final KclHost host;
  private final Deque<AutoCloseable> parts;

  private FanoutConsumer(KclHost host, Deque<AutoCloseable> parts) {
    this.host = host;
    this.parts = parts;
  }

  /**
   * Runs until the process is asked to stop.
   *
   * @param args none; the environment says everything
   */
  public static void main(String[] args) throws InterruptedException {
    try (FanoutConsumer consumer = start(System.getenv())) {
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(consumer::close));
      consumer.host.awaitEnd();
    } catch (Environment.InvalidEnvironmentException | KclHost.HostFailedException cannotWork) {
      System.err.println(cannotWork.getMessage());
      System.exit(1);
    }
  }

  /**
   * Starts a worker. Returns when it takes part; its first shards may come a moment later.
   *
   * @param environment the variables that template.yaml gives the fan-out's container, and where
   *     AWS is
   * @throws Environment.InvalidEnvironmentException with a line for each variable that is missing
   *     or bad
   * @throws KclHost.HostFailedException if the stream or the lease table can't be reached
   */
  public static FanoutConsumer start(Map<String, String> environment) {
    FanoutConfig config = FanoutConfig.read(environment);
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    boolean isStarted = false;
    try {
      FanoutConsumer consumer = start(config, parts);
      isStarted = true;
      return consumer;
    } finally {
      if (!isStarted) {
        closeAll(parts);
      }
    }
  }

  private static FanoutConsumer start(FanoutConfig config, Deque<AutoCloseable> parts) {
    ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    parts.push(executor);
    DynamoDbClient dynamoDb = config.host().aws().newDynamoDb();
    parts.push(dynamoDb);
    SqsClient sqs = config.host().aws().newSqs();
    parts.push(sqs);
    ApiGatewayPushes pushes =
        ApiGatewayPushes.at(config.connectionsEndpoint(), config.host().aws().region());
    parts.push(pushes);
    RandomGenerator random = new SecureRandom(); // safe for use by several threads
    Metrics metrics = config.host().metrics(StageName.FANOUT);
    DeadLetters queue =
        new CountedDeadLetters(new SqsDeadLetters(sqs, config.host().dlqUrl()), metrics);
    FanoutStage stage =
        new FanoutStage(
            new FanoutStage.Ports(
                new DynamoDbChatTable(dynamoDb, config.tableName(), executor),
                pushes,
                queue,
                Clock.systemUTC(),
                Pause.sleeping(),
                random,
                executor),
            config.limits());
    KclHost host =
        KclHost.start(config.host(), stage, RunPorts.real(new OwnLetters(queue), random, metrics));
    return new FanoutConsumer(host, parts);
  }

  /**
   * Waits until the worker takes part.
   *
   * @return false if it doesn't within the time
   * @throws KclHost.HostFailedException if it won't
   */
  public boolean awaitStarted(Duration time) throws InterruptedException {
    return host.awaitStarted(time);
  }

  /**
   * Stops: what is under way is finished, checkpoints are kept, the leases freed. Takes half a
   * minute at most.
   */
  @Override
  public void close() {
    host.close();
    synchronized (parts) {
      closeAll(parts);
    }
  }

  /** The newest first, each once. */
  private static void closeAll(Deque<AutoCloseable> parts) {
    for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
      try {
        part.close();
      } catch (Exception notClosed) {
        throw new IllegalStateException(notClosed);
      }
    }
  }
}
