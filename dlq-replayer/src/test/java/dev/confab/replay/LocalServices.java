package dev.confab.replay;

import dev.confab.events.Bytes;
import dev.confab.kinesis.LocalKinesis;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Props;
import org.elasticmq.StrictSQSLimits$;
import org.elasticmq.actor.QueueManagerActor;
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import org.elasticmq.util.NowProvider;
import scala.Option;
import scala.jdk.javaapi.FutureConverters;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.sqs.SqsClient;

/** SQS and Kinesis in this JVM, behind HTTP, on a clock that tests set forward. */
final class LocalServices implements AutoCloseable {
  static final String STREAM = "confab";

  /** The system's clock, and as much more as a test has let pass. */
  static final class SetForward extends Clock {
    private volatile Duration ahead = Duration.ZERO;

    synchronized void pass(Duration time) {
      ahead = ahead.plus(time);
    }

    synchronized void reset() {
      ahead = Duration.ZERO;
    }

    @Override
    public Instant instant() {
      return Instant.now().plus(ahead);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return Clock.fixed(instant(), zone);
    }
  }

  final SetForward sqsClock = new SetForward();
  final SetForward kinesisClock = new SetForward();
  final LocalKinesis kinesisServer;
  final SdkHttpClient http = UrlConnectionHttpClient.create();
  final SqsClient sqs;
  final KinesisClient kinesis;
  private final ActorSystem actors;
  private final SQSRestServer sqsServer;
  private final String sqsEndpoint;

  LocalServices() throws IOException {
    // What the SDK's default chain finds first; the servers don't look at them.
    System.setProperty("aws.accessKeyId", "local");
    System.setProperty("aws.secretAccessKey", "local");
    kinesisServer = LocalKinesis.builder().clock(kinesisClock).shardLimits(false).start();
    kinesisServer.ensureStream(STREAM, 2);
    actors = ActorSystem.create("elasticmq");
    ActorRef queues =
        actors.actorOf(
            Props.create(
                QueueManagerActor.class,
                () -> new QueueManagerActor(now(), StrictSQSLimits$.MODULE$, Option.empty())));
    sqsServer =
        SQSRestServerBuilder.withActorSystem(actors)
            .withQueueManagerActor(queues)
            .withInterface("127.0.0.1")
            .withDynamicPort()
            .start();
    sqsEndpoint = "http://127.0.0.1:" + sqsServer.waitUntilStarted().localAddress().getPort();
    sqs =
        SqsClient.builder()
            .endpointOverride(URI.create(sqsEndpoint))
            .region(Region.US_EAST_1)
            .httpClient(http)
            .build();
    kinesis =
        KinesisClient.builder()
            .endpointOverride(kinesisServer.endpoint())
            .region(Region.US_EAST_1)
            .httpClient(http)
            .build();
    for (Stage stage : Stage.values()) {
      sqs.createQueue(create -> create.queueName(queueName(stage)));
    }
  }

  private NowProvider now() {
    return new NowProvider() {
      @Override
      public long nowMillis() {
        return sqsClock.millis();
      }

      @Override
      public OffsetDateTime now() {
        return OffsetDateTime.ofInstant(sqsClock.instant(), ZoneOffset.UTC);
      }
    };
  }

  static String queueName(Stage stage) {
    return "confab-" + stage.word() + "-dlq";
  }

  /** What {@code ./confab env} exports. */
  Map<String, String> environment() {
    return Map.of(
        "AWS_REGION",
        "us-east-1",
        "AWS_ENDPOINT_URL_SQS",
        sqsEndpoint,
        "AWS_ENDPOINT_URL_KINESIS",
        kinesisServer.endpoint().toString());
  }

  SqsLetters letters(Stage stage) {
    return new SqsLetters(
        sqs,
        new AwsFaults("SQS", "the queue", "--queue", "us-east-1", sqsEndpoint),
        stage,
        queueName(stage));
  }

  /** Empties queues and stream. */
  void clear() {
    kinesisServer.faults().clear();
    for (Stage stage : Stage.values()) {
      String url = sqs.getQueueUrl(get -> get.queueName(queueName(stage))).queueUrl();
      sqs.purgeQueue(purge -> purge.queueUrl(url));
    }
    // ElasticMQ counts by the system's clock.
    sqsClock.reset();
    kinesisClock.pass(Duration.ofDays(2)); // beyond the stream's retention of a day
  }

  /** All that the stream retains, in each shard's order. */
  List<Records.NewRecord> records() {
    List<Records.NewRecord> records = new ArrayList<>();
    kinesis
        .listShards(list -> list.streamName(STREAM))
        .shards()
        .forEach(shard -> records.addAll(records(shard.shardId())));
    return records;
  }

  private List<Records.NewRecord> records(String shardId) {
    List<Records.NewRecord> records = new ArrayList<>();
    String iterator =
        kinesis
            .getShardIterator(
                get ->
                    get.streamName(STREAM)
                        .shardId(shardId)
                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
            .shardIterator();
    while (true) {
      String next = iterator;
      GetRecordsResponse page = kinesis.getRecords(get -> get.shardIterator(next));
      page.records()
          .forEach(
              record ->
                  records.add(
                      new Records.NewRecord(
                          record.partitionKey(), Bytes.of(record.data().asByteArray()))));
      if (page.millisBehindLatest() == 0 && page.records().isEmpty()) {
        return records;
      }
      iterator = page.nextShardIterator();
    }
  }

  @Override
  public void close() {
    sqs.close();
    kinesis.close();
    http.close();
    sqsServer.stopAndWait();
    FutureConverters.asJava(actors.terminate()).toCompletableFuture().join();
    kinesisServer.close();
  }
}
