package dev.confab.persist;

import dev.confab.consumer.CountedDeadLetters;
import dev.confab.consumer.DeadLetters;
import dev.confab.consumer.Environment;
import dev.confab.consumer.KclHost;
import dev.confab.consumer.RunPorts;
import dev.confab.consumer.SqsDeadLetters;
import dev.confab.metrics.Metrics;
import dev.confab.metrics.StageName;
import dev.confab.table.DynamoDbChatTable;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/** A worker that stores what was said: the stage {@code persist} under the KCL host. */
public final class PersistConsumer implements AutoCloseable {
  private final SqsClient sqs;
  private final DynamoDbClient dynamoDb;
  private final KinesisClient kinesis;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final KclHost host;

  private PersistConsumer(PersistConfig config) {
    sqs = config.consumer().aws().newSqs();
    dynamoDb = config.consumer().aws().newDynamoDb();
    kinesis = config.consumer().aws().newKinesis();
    Metrics metrics = config.consumer().metrics(StageName.PERSIST);
    DeadLetters queue =
        new CountedDeadLetters(new SqsDeadLetters(sqs, config.consumer().dlqUrl()), metrics);
    PersistStage stage =
        new PersistStage(
            new PersistStage.Ports(
                new DynamoDbChatTable(dynamoDb, config.tableName(), executor).messages(),
                new KinesisEventStream(kinesis, config.consumer().streamName()),
                executor));
    try {
      host = KclHost.start(config.consumer(), stage, RunPorts.real(queue, new Random(), metrics));
    } catch (RuntimeException notStarted) {
      closeClients();
      throw notStarted;
    }
  }

  /**
   * Starts a worker.
   *
   * @param environment its variables
   * @throws Environment.InvalidEnvironmentException naming each that is missing or bad
   * @throws KclHost.HostFailedException if what it needs can't be reached
   */
  public static PersistConsumer start(Map<String, String> environment) {
    return new PersistConsumer(PersistConfig.from(environment));
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
    closeClients();
  }

  private void closeClients() {
    executor.close();
    sqs.close();
    dynamoDb.close();
    kinesis.close();
  }

  /** Runs until it is told to stop. */
  public static void main(String[] arguments) throws InterruptedException {
    try {
      PersistConsumer consumer = start(System.getenv());
      Runtime.getRuntime().addShutdownHook(new Thread(consumer::close, "shutdown"));
      consumer.host.awaitEnd();
    } catch (Environment.InvalidEnvironmentException | KclHost.HostFailedException cannotWork) {
      System.err.println(cannotWork.getMessage());
      System.exit(1);
    }
  }
}
