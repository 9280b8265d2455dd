package dev.confab.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.confab.consumer.ConsumerConfig.Retrieval;
import dev.confab.events.Bytes;
import dev.confab.events.DeadLetter;
import dev.confab.events.DeadLetterCodec;
import dev.confab.events.Position;
import dev.confab.metrics.Metrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;

/** Real workers against Kinesis, DynamoDB and SQS in this JVM, with the 3 s fail-over. */
@Timeout(180)
class KclHostIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Outcome RETRY = new Outcome.Retry("the table is down");

  private final List<AutoCloseable> open = new ArrayList<>();
  private final CollectingStage stage = new CollectingStage();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Retrieval.class)
  void splitAndMergeUnderTraffic_loseNothing_andKeepTheOrder(Retrieval retrieval)
      throws InterruptedException {
    LocalAws aws = aws(1);
    put(aws, "early", "before the first lease");
    KclHost host = worker(aws, retrieval, "a", queue(aws));
    Traffic traffic = new Traffic(aws, 10);

    traffic.awaitSent(100);
    aws.producer()
        .splitShard(
            request ->
                request
                    .streamName(aws.name())
                    .shardToSplit("shardId-000000000000")
                    .newStartingHashKey("170141183460469231731687303715884105728"))
        .join();
    traffic.awaitSent(300);
    await().atMost(PATIENCE).until(() -> stage.shards().contains("shardId-000000000001"));
    await().atMost(PATIENCE).until(() -> stage.shards().contains("shardId-000000000002"));
    aws.producer()
        .mergeShards(
            request ->
                request
                    .streamName(aws.name())
                    .shardToMerge("shardId-000000000001")
                    .adjacentShardToMerge("shardId-000000000002"))
        .join();
    traffic.awaitSent(500);
    Map<String, Integer> sent = traffic.stop();

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                sent.forEach(
                    (key, count) -> assertThat(stage.textsOf(key)).isEqualTo(numbers(count))));
    assertThat(stage.textsOf("early")).containsExactly("before the first lease");
    assertThat(stage.shards()).hasSize(4);
    await().atMost(PATIENCE).until(() -> host.counts().owned() == 1);
  }

  @Test
  void poisonRecord_liesInTheQueueByteForByte_andDelaysNobody() throws Exception {
    LocalAws aws = aws(1);
    byte[] poison = {'{', -1, 0, 'p'};
    stage.answer(
        record ->
            record.partitionKey().equals("poison")
                ? new Outcome.Unprocessable("Malformed", "not well-formed UTF-8")
                : Outcome.done());
    put(aws, "lobby", "1");
    PutRecordResponse put = put(aws, "poison", poison);
    put(aws, "lobby", "2");

    worker(aws, Retrieval.POLLING, "a", queue(aws));

    await().atMost(PATIENCE).until(() -> stage.textsOf("lobby").equals(numbers(2)));
    await().atMost(PATIENCE).until(() -> !stage.parked.isEmpty());
    DeadLetter.RecordLetter letter =
        (DeadLetter.RecordLetter)
            DeadLetterCodec.decode(
                aws.sqs()
                    .receiveMessage(request -> request.queueUrl(aws.queueUrl()))
                    .messages()
                    .getFirst()
                    .body());
    assertThat(letter.payload()).isEqualTo(new DeadLetter.Inline(Bytes.of(poison)));
    assertThat(letter.position()).isEqualTo(Position.of(put.sequenceNumber(), 0));
    assertThat(letter.shardId()).isEqualTo(put.shardId());
    assertThat(letter.partitionKey()).isEqualTo("poison");
  }

  @Test
  void aggregatedRecord_comesApart_andIsCheckpointedAsAWhole() {
    LocalAws aws = aws(1);
    Bytes data =
        new Aggregates()
            .add("lobby", bytes("1"))
            .add("kitchen", bytes("1"))
            .add("lobby", bytes("2"))
            .build();
    PutRecordResponse put = put(aws, "any", data.toArray());
    KclHost host = worker(aws, Retrieval.POLLING, "a", queue(aws));
    await().atMost(PATIENCE).until(() -> stage.textsOf("lobby").equals(numbers(2)));
    assertThat(stage.textsOf("kitchen")).containsExactly("1");
    assertThat(stage.positions)
        .containsExactly(
            Position.of(put.sequenceNumber(), 0),
            Position.of(put.sequenceNumber(), 1),
            Position.of(put.sequenceNumber(), 2));

    host.close();

    assertThat(checkpoint(aws)).isEqualTo(put.sequenceNumber());
    assertThat(lease(aws, put.shardId()))
        .containsEntry("checkpointSubSequenceNumber", AttributeValue.fromN("0"));
  }

  @Test
  void queueOutage_holdsBackTheCheckpoint() {
    LocalAws aws = aws(1);
    InMemoryDeadLetters queue = new InMemoryDeadLetters();
    queue.goDown();
    stage.answer(
        record ->
            record.partitionKey().equals("poison")
                ? new Outcome.Unprocessable("Malformed", "no text")
                : Outcome.done());
    PutRecordResponse before = put(aws, "lobby", "1");
    put(aws, "poison", "x");
    PutRecordResponse after = put(aws, "lobby", "2");

    worker(aws, Retrieval.POLLING, "a", queue);
    await().atMost(PATIENCE).until(() -> queue.sends() >= 5);
    await().atMost(PATIENCE).until(() -> checkpoint(aws).equals(before.sequenceNumber()));
    assertThat(stage.parked).isEmpty();
    queue.comeUp();

    await().atMost(PATIENCE).until(() -> checkpoint(aws).equals(after.sequenceNumber()));
    assertThat(queue.taken()).hasSize(1);
    assertThat(stage.parked).hasSize(1);
  }

  @Test
  void abruptEnd_isTakenOver_withoutLossAndInOrder() throws InterruptedException {
    LocalAws aws = aws(2);
    KclHost first = worker(aws, Retrieval.POLLING, "a", queue(aws));
    Traffic traffic = new Traffic(aws, 10);
    traffic.awaitSent(100);
    await().atMost(PATIENCE).until(() -> !stage.textsOf("k0").isEmpty());

    first.abort();
    KclHost second = worker(aws, Retrieval.POLLING, "b", queue(aws));
    traffic.awaitSent(300);
    Map<String, Integer> sent = traffic.stop();

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                sent.forEach(
                    (key, count) -> assertThat(stage.firstsOf(key)).isEqualTo(numbers(count))));
    assertThat(second.counts().owned()).isEqualTo(2);
  }

  @Test
  void gracefulStop_checkpointsAndFreesTheLeases_soThatNothingIsDoneTwice() {
    LocalAws aws = aws(2);
    KclHost first = worker(aws, Retrieval.POLLING, "a", queue(aws));
    for (int i = 1; i <= 20; i++) {
      put(aws, "k" + i, "1");
    }
    await().atMost(PATIENCE).until(() -> collected(20) == 20);

    first.close();

    for (int shard = 0; shard < 2; shard++) {
      assertThat(lease(aws, "shardId-00000000000" + shard)).doesNotContainKey("leaseOwner");
    }
    assertThat(lease(aws, "a")).isEmpty(); // the worker's row of metrics
    KclHost second = worker(aws, Retrieval.POLLING, "b", queue(aws));
    put(aws, "last", "1");
    await().atMost(PATIENCE).until(() -> second.counts().owned() == 2);
    await().atMost(PATIENCE).until(() -> !stage.textsOf("last").isEmpty());
    for (int i = 1; i <= 20; i++) {
      assertThat(stage.textsOf("k" + i)).containsExactly("1");
    }
  }

  @Test
  void gracefulStop_whileAServiceIsDown_doesNotWaitForIt_andKeepsWhatIsDone() {
    LocalAws aws = aws(1);
    AtomicBoolean asked = new AtomicBoolean();
    stage.answer(
        record -> {
          if (!record.partitionKey().equals("stuck")) {
            return Outcome.done();
          }
          asked.set(true);
          return RETRY;
        });
    PutRecordResponse done = put(aws, "lobby", "1");
    put(aws, "stuck", "1");
    RunPorts real = ports(queue(aws));
    RunPorts onlyAtTheEnd =
        new RunPorts(
            real.deadLetters(),
            real.retries(),
            real.pause(),
            real.clock(),
            Duration.ofHours(1),
            real.metrics(),
            real.halt());
    KclHost first = worker(aws, Retrieval.POLLING, "a", onlyAtTheEnd);
    await().atMost(PATIENCE).until(asked::get);

    first.close();

    assertThat(checkpoint(aws)).isEqualTo(done.sequenceNumber());
    stage.answer(_ -> Outcome.done());
    worker(aws, Retrieval.POLLING, "b", queue(aws));
    await().atMost(PATIENCE).until(() -> stage.textsOf("stuck").equals(numbers(1)));
    assertThat(stage.textsOf("lobby")).containsExactly("1");
  }

  /** Nothing tells a worker that its lease was taken while it waits: it has to look. */
  @Test
  void leaseTakenByAnotherDuringARetry_endsTheRun_andItNeverCheckpoints() {
    LocalAws aws = aws(1);
    AtomicBoolean asked = new AtomicBoolean();
    stage.answer(
        record -> {
          asked.set(true);
          return record.partitionKey().equals("stuck") ? RETRY : Outcome.done();
        });
    put(aws, "lobby", "1");
    put(aws, "stuck", "1");
    KclHost host = worker(aws, Retrieval.POLLING, "a", queue(aws));
    await().atMost(PATIENCE).until(() -> !checkpoint(aws).equals("TRIM_HORIZON"));
    assertThat(asked).isTrue();

    takeLease(aws, "shardId-000000000000", "another");
    await().atMost(PATIENCE).until(() -> host.counts().owned() == 0);

    assertThat(stage.textsOf("lobby")).containsExactly("1");
    assertThat(lease(aws, "shardId-000000000000"))
        .containsEntry("leaseOwner", AttributeValue.fromS("another"));
    // "another" is nobody and never renews: the worker gets the shard again and reads again
    stage.answer(_ -> Outcome.done());
    await().atMost(PATIENCE).until(() -> stage.textsOf("stuck").equals(numbers(1)));
  }

  @Test
  void streamThatIsNotThere_isOneClearLine() {
    LocalAws aws = aws(1);
    Map<String, String> environment = aws.environment();
    environment.put("STREAM_NAME", "nowhere");
    ConsumerConfig config = config(environment);

    assertThatThrownBy(() -> KclHost.start(config, stage, ports(queue(aws))))
        .isInstanceOf(KclHost.HostFailedException.class)
        .hasMessageContaining("can't work on stream nowhere")
        .hasMessageContaining("ResourceNotFoundException")
        .extracting(failed -> String.valueOf(failed.getMessage()).lines().count())
        .isEqualTo(1L);
  }

  @Test
  void workerThatEndsByItself_saysWhy() {
    LocalAws aws = aws(1);
    KclHost host = worker(aws, Retrieval.POLLING, "a", queue(aws));

    host.abort();

    assertThatThrownBy(host::awaitEnd)
        .isInstanceOf(KclHost.HostFailedException.class)
        .hasMessageContaining("can't work on stream " + aws.name());
  }

  /** A run that takes no records while KCL goes on calling: KCL must not pass over them. */
  @Test
  void shardThatCannotBegin_isGivenUp_andReadAgain() {
    LocalAws aws = aws(1);
    put(aws, "lobby", "1");
    stage.failNextOpen();

    worker(aws, Retrieval.POLLING, "a", queue(aws));
    put(aws, "lobby", "2");

    await().atMost(PATIENCE).until(() -> stage.textsOf("lobby").equals(numbers(2)));
  }

  private LocalAws aws(int shards) {
    LocalAws aws = new LocalAws(shards);
    open.add(aws);
    return aws;
  }

  private DeadLetters queue(LocalAws aws) {
    return new SqsDeadLetters(aws.sqs(), aws.queueUrl());
  }

  private KclHost worker(LocalAws aws, Retrieval retrieval, String workerId, DeadLetters queue) {
    return worker(aws, retrieval, workerId, ports(queue));
  }

  private KclHost worker(LocalAws aws, Retrieval retrieval, String workerId, RunPorts ports) {
    Map<String, String> environment = aws.environment();
    environment.put("RETRIEVAL", retrieval == Retrieval.POLLING ? "polling" : "fanout");
    environment.put("WORKER_ID", workerId);
    KclHost host = KclHost.start(config(environment), stage, ports);
    open.add(host);
    return host;
  }

  private static ConsumerConfig config(Map<String, String> environment) {
    Environment variables = new Environment(environment);
    ConsumerConfig config = ConsumerConfig.read(variables);
    variables.check();
    return config;
  }

  private static RunPorts ports(DeadLetters queue) {
    return RunPorts.real(queue, new Random(7), Metrics.none());
  }

  private int collected(int keys) {
    return IntStream.rangeClosed(1, keys).map(i -> stage.textsOf("k" + i).size()).sum();
  }

  private static PutRecordResponse put(LocalAws aws, String partitionKey, String text) {
    return put(aws, partitionKey, text.getBytes(UTF_8));
  }

  private static PutRecordResponse put(LocalAws aws, String partitionKey, byte[] data) {
    return aws.producer()
        .putRecord(
            request ->
                request
                    .streamName(aws.name())
                    .partitionKey(partitionKey)
                    .data(SdkBytes.fromByteArray(data)))
        .join();
  }

  private static Map<String, AttributeValue> lease(LocalAws aws, String key) {
    try (DynamoDbClient dynamoDb = aws.config().newDynamoDb()) {
      return dynamoDb
          .getItem(
              request ->
                  request
                      .tableName(aws.name())
                      .key(Map.of("leaseKey", AttributeValue.fromS(key)))
                      .consistentRead(true))
          .item();
    }
  }

  private static String checkpoint(LocalAws aws) {
    AttributeValue checkpoint = lease(aws, "shardId-000000000000").get("checkpoint");
    return checkpoint == null ? "" : checkpoint.s();
  }

  private static void takeLease(LocalAws aws, String shardId, String owner) {
    try (DynamoDbClient dynamoDb = aws.config().newDynamoDb()) {
      dynamoDb.updateItem(
          request ->
              request
                  .tableName(aws.name())
                  .key(Map.of("leaseKey", AttributeValue.fromS(shardId)))
                  .updateExpression("SET leaseOwner = :o ADD leaseCounter :one")
                  .expressionAttributeValues(
                      Map.of(
                          ":o", AttributeValue.fromS(owner), ":one", AttributeValue.fromN("1"))));
    }
  }

  private static List<String> numbers(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(String::valueOf).toList();
  }

  private static Bytes bytes(String text) {
    return Bytes.of(text.getBytes(UTF_8));
  }

  /** A producer that puts 1, 2, 3 … under each of its keys, one after the other. */
  private static final class Traffic {
    private final LocalAws aws;
    private final int[] sent;
    private final Thread thread;
    private final AtomicInteger total = new AtomicInteger();
    private volatile boolean stopping;

    Traffic(LocalAws aws, int keys) {
      this.aws = aws;
      this.sent = new int[keys];
      this.thread = Thread.ofVirtual().start(this::run);
    }

    private void run() {
      while (!stopping) {
        int key = total.get() % sent.length;
        put(aws, "k" + key, String.valueOf(sent[key] + 1));
        sent[key]++;
        total.incrementAndGet();
      }
    }

    void awaitSent(int records) {
      await().atMost(PATIENCE).until(() -> total.get() >= records);
    }

    /** How many records went out under each key. */
    Map<String, Integer> stop() throws InterruptedException {
      stopping = true;
      thread.join();
      Map<String, Integer> counts = new HashMap<>();
      for (int key = 0; key < sent.length; key++) {
        counts.put("k" + key, sent[key]);
      }
      return counts;
    }
  }
}
