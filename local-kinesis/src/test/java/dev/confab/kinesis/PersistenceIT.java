package dev.confab.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** What a data directory keeps. */
final class PersistenceIT {
  private static final String MIDDLE = BigInteger.ONE.shiftLeft(127).toString();
  @TempDir private Path directory;

  private LocalKinesis.Builder kept(LocalKinesis.Builder options) {
    return options.dataDirectory(directory).shardLimits(false);
  }

  private LocalKinesis.Builder forced(LocalKinesis.Builder options) {
    return kept(options).fsync(Fsync.EVERY_WRITE);
  }

  private static List<Record> readAll(KinesisClient kinesis, String stream, String shard) {
    String iterator =
        kinesis
            .getShardIterator(
                r ->
                    r.streamName(stream)
                        .shardId(shard)
                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
            .shardIterator();
    List<Record> records = new java.util.ArrayList<>();
    while (iterator != null) {
      String next = iterator;
      GetRecordsResponse response = kinesis.getRecords(r -> r.shardIterator(next));
      records.addAll(response.records());
      iterator = response.millisBehindLatest() == 0 ? null : response.nextShardIterator();
    }
    return records;
  }

  @Test
  void streamsShardsRecordsAndConsumers_areThereAfterARestart() throws Exception {
    TestServer test = TestServer.start(this::kept);
    test.server.ensureStream("Orders", 1);
    test.server.ensureStream("orders", 3);
    test.server.ensureStream("gone", 1);
    test.put("Orders", "k", "before");
    test.kinesis.splitShard(
        r ->
            r.streamName("Orders").shardToSplit(TestServer.FIRST_SHARD).newStartingHashKey(MIDDLE));
    String after = test.put("Orders", "k", "after").shardId();
    test.kinesis.increaseStreamRetentionPeriod(
        r -> r.streamName("Orders").retentionPeriodHours(99));
    String arn = test.server.streamArn("Orders");
    String consumer =
        test.kinesis
            .registerStreamConsumer(r -> r.streamARN(arn).consumerName("reader"))
            .consumer()
            .consumerARN();
    test.kinesis.deleteStream(r -> r.streamName("gone"));
    List<Shard> shards = test.kinesis.listShards(r -> r.streamName("Orders")).shards();
    var summary = test.kinesis.describeStreamSummary(r -> r.streamName("Orders"));

    try (TestServer restarted = test.restart(this::kept)) {
      assertThat(restarted.server.streamNames()).containsExactly("Orders", "orders");
      assertThat(restarted.kinesis.listShards(r -> r.streamName("Orders")).shards())
          .isEqualTo(shards);
      assertThat(
              restarted
                  .kinesis
                  .describeStreamSummary(r -> r.streamName("Orders"))
                  .streamDescriptionSummary())
          .isEqualTo(summary.streamDescriptionSummary());
      assertThat(
              restarted
                  .kinesis
                  .describeStreamConsumer(r -> r.consumerARN(consumer))
                  .consumerDescription()
                  .consumerName())
          .isEqualTo("reader");
      assertThat(restarted.texts("Orders")).containsExactly("before");
      List<Record> there = readAll(restarted.kinesis, "Orders", after);
      assertThat(there).hasSize(1);
      assertThat(new BigInteger(restarted.put("Orders", "k", "more").sequenceNumber()))
          .isGreaterThan(new BigInteger(there.getFirst().sequenceNumber()));
    }
  }

  @Test
  void sequenceNumbersGoOn_afterAllRecordsAreTrimmedAndTheServerRestarted() throws Exception {
    TestServer test = TestServer.start(this::kept);
    test.server.ensureStream("stream", 1);
    String before = test.put("stream", "k", "1").sequenceNumber();
    test.clock.advance(Duration.ofHours(25));
    assertThat(test.texts("stream")).isEmpty();

    try (TestServer restarted = test.restart(this::kept)) {
      assertThat(restarted.texts("stream")).isEmpty();
      String after = restarted.put("stream", "k", "2").sequenceNumber();
      assertThat(new BigInteger(after)).isGreaterThan(new BigInteger(before));
      assertThat(restarted.texts("stream")).containsExactly("2");
    }
  }

  @Test
  void expiredShards_leaveNothingOnTheDisk() throws Exception {
    TestServer test = TestServer.start(this::kept);
    test.server.ensureStream("stream", 1);
    test.put("stream", "k", "1");
    test.kinesis.updateShardCount(
        r -> r.streamName("stream").targetShardCount(2).scalingType("UNIFORM_SCALING"));
    test.clock.advance(Duration.ofHours(25));
    assertThat(test.kinesis.listShards(r -> r.streamName("stream")).shards()).hasSize(2);
    test.close();

    try (Stream<Path> files = Files.list(directory.resolve("stream-stream"))) {
      assertThat(files.map(file -> file.getFileName().toString()).sorted())
          .containsExactly("shardId-000000000001", "shardId-000000000002", "stream.json");
    }
  }

  /** Crashes leave these. */
  @Test
  void whatWasHalfMadeOrHalfDeleted_isRemovedAtTheNextStart() throws Exception {
    TestServer test = TestServer.start(this::kept);
    test.server.ensureStream("stream", 1);
    test.put("stream", "k", "1");
    test.close();
    Path shard = Files.createDirectory(directory.resolve("stream-stream/shardId-000000000007"));
    Path half = Files.createDirectories(directory.resolve("stream-half/shardId-000000000000"));
    Files.writeString(shard.resolve("0000000000000000001.log"), "left");
    Files.writeString(half.resolve("0000000000000000001.log"), "left");

    try (TestServer restarted = TestServer.start(test.clock, this::kept)) {
      assertThat(restarted.server.streamNames()).containsExactly("stream");
      assertThat(restarted.texts("stream")).containsExactly("1");
    }
    assertThat(shard).doesNotExist();
    assertThat(directory.resolve("stream-half")).doesNotExist();
  }

  @Test
  void aReshardThatCouldNotBeSaved_isNotInTheWayOfTheNext() throws Exception {
    try (TestServer test = TestServer.start(this::kept)) {
      test.server.ensureStream("stream", 1);
      Path left = Files.createDirectory(directory.resolve("stream-stream/shardId-000000000001"));
      Files.writeString(left.resolve("0000000000000000001.log"), "left");

      test.kinesis.updateShardCount(
          r -> r.streamName("stream").targetShardCount(2).scalingType("UNIFORM_SCALING"));

      assertThat(left).isEmptyDirectory();
    }
  }

  @Test
  void aStreamMadeAnew_hasNothingOfTheOneDeleted() throws Exception {
    TestServer test = TestServer.start(this::kept);
    test.server.ensureStream("stream", 1);
    test.put("stream", "k", "old");
    String old = test.iterator("stream", ShardIteratorType.TRIM_HORIZON);
    test.kinesis.deleteStream(r -> r.streamName("stream"));
    test.clock.advance(Duration.ofMillis(1));
    test.server.ensureStream("stream", 1);
    assertThatThrownBy(() -> test.get(old)).isInstanceOf(InvalidArgumentException.class);
    test.put("stream", "k", "new");

    try (TestServer restarted = test.restart(this::kept)) {
      assertThat(restarted.texts("stream")).containsExactly("new");
    }
  }

  @Test
  void aDirectoryIsForOneServer() throws Exception {
    try (TestServer _ = TestServer.start(this::kept)) {
      assertThatThrownBy(() -> TestServer.start(this::kept))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is in use by another server");
    }
    TestServer.start(this::kept).close();
  }

  @Test
  void aDamagedState_isRefusedByName() throws Exception {
    TestServer test = TestServer.start(this::kept);
    test.server.ensureStream("stream", 1);
    test.close();
    Path state = directory.resolve("stream-stream/stream.json");
    Files.writeString(state, Files.readString(state).substring(5));

    assertThatThrownBy(() -> TestServer.start(this::kept))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("stream.json is damaged");
  }

  @Test
  void withFsync_itWorksTheSame() throws Exception {
    TestServer test = TestServer.start(this::forced);
    test.server.ensureStream("stream", 1);
    test.put("stream", "k", "1");
    try (TestServer restarted = test.restart(this::forced)) {
      assertThat(restarted.texts("stream")).containsExactly("1");
    }
  }

  @Test
  void whatWasAcked_survivesSigkill() throws Exception {
    Set<String> acked = ConcurrentHashMap.newKeySet();
    try (ServerProcess process = ServerProcess.start(directory);
        KinesisClient client = Clients.sync(process.endpoint())) {
      List<Thread> producers =
          Stream.of("a", "b", "c")
              .map(name -> Thread.startVirtualThread(() -> putUntilItFails(client, name, acked)))
              .toList();
      await().atMost(Duration.ofSeconds(60)).until(() -> acked.size() >= 200);
      process.kill();
      for (Thread producer : producers) {
        producer.join();
      }
    }

    try (LocalKinesis server =
            LocalKinesis.builder().dataDirectory(directory).shardLimits(false).start();
        KinesisClient kinesis = Clients.sync(server.endpoint())) {
      Set<String> there = new HashSet<>();
      for (Shard shard : kinesis.listShards(r -> r.streamName("stream")).shards()) {
        readAll(kinesis, "stream", shard.shardId())
            .forEach(record -> there.add(record.data().asUtf8String()));
      }
      assertThat(there).containsAll(acked);
    }
  }

  private static void putUntilItFails(KinesisClient client, String name, Set<String> acked) {
    for (int i = 0; ; i++) {
      String text = name + i;
      try {
        client.putRecord(
            r -> r.streamName("stream").partitionKey(text).data(SdkBytes.fromUtf8String(text)));
        acked.add(text);
      } catch (SdkClientException serverKilled) {
        return;
      }
    }
  }
}
