package dev.confab.consumer;

import dev.confab.kinesis.LocalKinesis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;

/**
 * Kinesis, DynamoDB and SQS in this JVM. The last two are one for all tests, which take names of
 * their own; each test has its own Kinesis, with one stream. Needs the system properties with
 * credentials that the build sets.
 */
public final class LocalAws implements AutoCloseable {
  private static final AtomicInteger NAMES = new AtomicInteger();

  private static final class Shared {
    static final URI DYNAMO_DB = startDynamoDb();
    static final URI SQS = startSqs();

    /** The SDK's clients share an event loop, and the last to be closed waits 2 s for it. */
    static final AutoCloseable NEVER_THE_LAST =
        new AwsConfig(Region.US_EAST_1, null, DYNAMO_DB, null).newLeaseClient();

    private static URI startDynamoDb() {
      try {
        int port = freePort();
        DynamoDBProxyServer server =
            ServerRunner.createServerFromCommandLineArgs(
                new String[] {"-inMemory", "-port", String.valueOf(port), "-disableTelemetry"});
        server.start();
        return URI.create("http://localhost:" + port);
      } catch (Exception failed) {
        throw new IllegalStateException("DynamoDB Local did not start", failed);
      }
    }

    private static URI startSqs() {
      SQSRestServer server =
          SQSRestServerBuilder.withInterface("localhost").withDynamicPort().start();
      return URI.create("http://localhost:" + server.waitUntilStarted().localAddress().getPort());
    }

    private static int freePort() throws IOException {
      try (ServerSocket socket = new ServerSocket(0)) {
        return socket.getLocalPort();
      }
    }
  }

  private final LocalKinesis kinesis;
  private final String name = "test" + NAMES.incrementAndGet();
  private final KinesisAsyncClient producer;
  private final SqsClient sqs;
  private final String queueUrl;

  /** Starts with a stream of so many shards and an empty queue. */
  public LocalAws(int shards) {
    try {
      kinesis = LocalKinesis.builder().start();
    } catch (IOException noPort) {
      throw new UncheckedIOException(noPort);
    }
    kinesis.ensureStream(name, shards);
    producer = config().newStreamClient();
    Objects.requireNonNull(Shared.NEVER_THE_LAST);
    sqs = config().newSqs();
    queueUrl = sqs.createQueue(request -> request.queueName(name)).queueUrl();
  }

  /** Where all of it is. */
  public AwsConfig config() {
    return new AwsConfig(Region.US_EAST_1, kinesis.endpoint(), Shared.DYNAMO_DB, Shared.SQS);
  }

  /** What a consumer's environment says of it; its application is named as the stream is. */
  public Map<String, String> environment() {
    return new HashMap<>(
        Map.of(
            "AWS_REGION",
            "us-east-1",
            "AWS_ENDPOINT_URL_KINESIS",
            kinesis.endpoint().toString(),
            "AWS_ENDPOINT_URL_DYNAMODB",
            Shared.DYNAMO_DB.toString(),
            "AWS_ENDPOINT_URL_SQS",
            Shared.SQS.toString(),
            "STREAM_NAME",
            name,
            "APPLICATION_NAME",
            name,
            "DLQ_URL",
            queueUrl,
            "FAILOVER",
            "PT3S",
            "METRICS_TO",
            "off"));
  }

  /** The names of the stream and of the application. */
  public String name() {
    return name;
  }

  public LocalKinesis kinesis() {
    return kinesis;
  }

  /** A client to put records and to reshard with. */
  public KinesisAsyncClient producer() {
    return producer;
  }

  public SqsClient sqs() {
    return sqs;
  }

  public String queueUrl() {
    return queueUrl;
  }

  @Override
  public void close() {
    producer.close();
    sqs.close();
    kinesis.close();
  }
}
