package dev.confab.local;

import dev.confab.kinesis.LocalKinesis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The AWS services that Confab stands on, in this JVM. */
final class EmbeddedServices implements AutoCloseable {
  private final LocalKinesis kinesis;
  private final LocalTables tables;
  private final LocalQueues queues;
  private final int dynamoDbPort;

  private EmbeddedServices(
      LocalKinesis kinesis, LocalTables tables, LocalQueues queues, int dynamoDbPort) {
    this.kinesis = kinesis;
    this.tables = tables;
    this.queues = queues;
    this.dynamoDbPort = dynamoDbPort;
  }

  /**
   * Starts them side by side, since each takes a second or two.
   *
   * @throws StartException if a port is in use or the data folder can't be used
   */
  static EmbeddedServices start(LocalOptions options, Clock kinesisClock) {
    int kinesisPort = Ports.free(options.kinesisPort(), "Kinesis", "--kinesis-port");
    int dynamoDbPort = Ports.free(options.dynamoDbPort(), "DynamoDB", "--dynamodb-port");
    int sqsPort = Ports.free(options.sqsPort(), "SQS", "--sqs-port");
    Path kinesisData = folder(options.data(), "kinesis");
    Path tableData = folder(options.data(), "dynamodb");
    Path queueData = folder(options.data(), "sqs");
    CompletableFuture<LocalKinesis> kinesis =
        onThread(
            "start-kinesis",
            () -> kinesis(kinesisPort, kinesisData, options.shardLimits(), kinesisClock));
    CompletableFuture<LocalTables> tables =
        onThread("start-dynamodb", () -> LocalTables.start(dynamoDbPort, tableData));
    CompletableFuture<LocalQueues> queues =
        onThread("start-sqs", () -> LocalQueues.start(sqsPort, LocalEnvironment.REGION, queueData));
    try {
      return new EmbeddedServices(kinesis.join(), tables.join(), queues.join(), dynamoDbPort);
    } catch (CompletionException failed) {
      var _ = kinesis.thenAccept(LocalKinesis::close);
      var _ = tables.thenAccept(LocalTables::close);
      var _ = queues.thenAccept(LocalQueues::close);
      throw new StartException("a local service did not start: " + failed.getCause(), failed);
    }
  }

  private static LocalKinesis kinesis(
      int port, @Nullable Path data, boolean shardLimits, Clock clock) {
    LocalKinesis.Builder builder =
        LocalKinesis.builder()
            .port(port)
            .region(LocalEnvironment.REGION)
            .account(LocalEnvironment.ACCOUNT)
            .shardLimits(shardLimits)
            .clock(clock);
    if (data != null) {
      builder.dataDirectory(data);
    }
    try {
      return builder.start();
    } catch (IOException notStarted) {
      throw new UncheckedIOException(notStarted);
    }
  }

  private static <T> CompletableFuture<T> onThread(String name, Supplier<T> start) {
    CompletableFuture<T> started = new CompletableFuture<>();
    Thread.ofPlatform()
        .name(name)
        .daemon(true)
        .start(
            () -> {
              try {
                started.complete(start.get());
              } catch (Throwable failed) {
                started.completeExceptionally(failed);
              }
            });
    return started;
  }

  private static @Nullable Path folder(@Nullable Path data, String service) {
    if (data == null) {
      return null;
    }
    try {
      return Files.createDirectories(data.resolve(service));
    } catch (IOException unusable) {
      throw new StartException(
          "--data " + data + " can't be used as a folder: " + unusable.getMessage(), unusable);
    }
  }

  LocalKinesis kinesis() {
    return kinesis;
  }

  ServiceEndpoints endpoints() {
    return ServiceEndpoints.local(kinesis.port(), dynamoDbPort, queues.port());
  }

  @Override
  public void close() {
    kinesis.close();
    queues.close();
    tables.close();
  }
}
