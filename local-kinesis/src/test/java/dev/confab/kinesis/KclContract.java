package dev.confab.kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.confab.kinesis.KclApplication.Retrieval;
import dev.confab.kinesis.KinesisContract.Endpoint;
import java.math.BigInteger;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;
import software.amazon.kinesis.retrieval.KinesisClientRecord;

/**
 * What the Kinesis Client Library needs of a Kinesis: every record once and in order a key, in both
 * ways of retrieval, while shards are split and merged under traffic.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class KclContract {
  private static final int KEYS = 10;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private Endpoint endpoint;
  private KinesisClient kinesis;
  private URI dynamoDbUri;

  /** Starts the implementation under test. Called once. */
  abstract Endpoint start() throws Exception;

  /** How long the producer rests between two puts. */
  abstract Duration betweenPuts();

  @BeforeAll
  void startBoth() throws Exception {
    endpoint = start();
    started.push(endpoint.stop()::run);
    kinesis = Clients.sync(endpoint.uri());
    started.push(kinesis);
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    DynamoDBProxyServer dynamoDb =
        ServerRunner.createServerFromCommandLineArgs(
            new String[] {"-inMemory", "-port", String.valueOf(port), "-disableTelemetry"});
    dynamoDb.start();
    started.push(dynamoDb::stop);
    dynamoDbUri = URI.create("http://localhost:" + port);
  }

  @AfterAll
  void stopBoth() throws Exception {
    while (!started.isEmpty()) {
      started.pop().close();
    }
  }

  @Test
  void polling_deliversEveryRecordOnceAndInOrder_throughSplitAndMerge() throws Exception {
    deliversThroughSplitAndMerge("polled", Retrieval.POLLING);
  }

  @Test
  void fanOut_deliversEveryRecordOnceAndInOrder_throughSplitAndMerge() throws Exception {
    deliversThroughSplitAndMerge("pushed", Retrieval.FAN_OUT);
  }

  private void deliversThroughSplitAndMerge(String stream, Retrieval retrieval) throws Exception {
    kinesis.createStream(request -> request.streamName(stream).shardCount(1));
    awaitActive(stream);
    Map<String, List<Integer>> received = new ConcurrentHashMap<>();
    try (Producer producer = new Producer(stream);
        KclApplication _ =
            new KclApplication(
                stream,
                retrieval,
                endpoint.uri(),
                dynamoDbUri,
                batch -> collect(batch, received))) {
      awaitMore(producer, received);
      split(stream);
      awaitMore(producer, received);
      merge(stream);
      awaitMore(producer, received);
      producer.stop();
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(received).isEqualTo(producer.sent()));
    }
  }

  private static void collect(
      List<KinesisClientRecord> batch, Map<String, List<Integer>> received) {
    for (KinesisClientRecord record : batch) {
      received
          .computeIfAbsent(record.partitionKey(), _ -> new CopyOnWriteArrayList<>())
          .add(Integer.parseInt(UTF_8.decode(record.data().duplicate()).toString()));
    }
  }

  /** Waits until each key has got a record that was put after now. */
  private static void awaitMore(Producer producer, Map<String, List<Integer>> received) {
    Map<String, List<Integer>> before = producer.sent();
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                received.size() == KEYS
                    && received.entrySet().stream()
                        .allMatch(
                            each ->
                                each.getValue().getLast()
                                    > before.getOrDefault(each.getKey(), List.of()).size()));
  }

  private void split(String stream) {
    Shard only = open(stream).getFirst();
    kinesis.splitShard(
        request ->
            request
                .streamName(stream)
                .shardToSplit(only.shardId())
                .newStartingHashKey(BigInteger.ONE.shiftLeft(127).toString()));
    awaitActive(stream);
    assertThat(open(stream)).hasSize(2);
  }

  private void merge(String stream) {
    List<Shard> both = open(stream);
    kinesis.mergeShards(
        request ->
            request
                .streamName(stream)
                .shardToMerge(both.get(0).shardId())
                .adjacentShardToMerge(both.get(1).shardId()));
    awaitActive(stream);
    assertThat(open(stream)).hasSize(1);
  }

  private List<Shard> open(String stream) {
    return kinesis.listShards(request -> request.streamName(stream)).shards().stream()
        .filter(shard -> shard.sequenceNumberRange().endingSequenceNumber() == null)
        .toList();
  }

  private void awaitActive(String stream) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                kinesis
                        .describeStreamSummary(request -> request.streamName(stream))
                        .streamDescriptionSummary()
                        .streamStatus()
                    == StreamStatus.ACTIVE);
  }

  /** Puts the numbers 1, 2, 3 … for each key, one record after another. */
  private final class Producer implements AutoCloseable {
    private final Map<String, List<Integer>> sent = new ConcurrentHashMap<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Thread thread;

    Producer(String stream) {
      thread = Thread.ofVirtual().start(() -> run(stream));
    }

    private void run(String stream) {
      for (int number = 1; !stopped.get(); number++) {
        int next = number;
        IntStream.range(0, KEYS).forEach(key -> put(stream, "key-" + key, next));
      }
    }

    private void put(String stream, String key, int number) {
      kinesis.putRecord(
          request ->
              request
                  .streamName(stream)
                  .partitionKey(key)
                  .data(SdkBytes.fromUtf8String(String.valueOf(number))));
      sent.computeIfAbsent(key, _ -> new CopyOnWriteArrayList<>()).add(number);
      LockSupport.parkNanos(betweenPuts().toNanos());
    }

    Map<String, List<Integer>> sent() {
      Map<String, List<Integer>> copy = new ConcurrentHashMap<>();
      sent.forEach((key, numbers) -> copy.put(key, List.copyOf(numbers)));
      return copy;
    }

    /** Returns when the last record is in. */
    void stop() {
      stopped.set(true);
      await().until(() -> !thread.isAlive());
    }

    @Override
    public void close() {
      stop();
    }
  }
}
