package dev.confab.kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResultEntry;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/**
 * What a Kinesis does, as the AWS SDK for Java sees it. Each implementation runs it; what one of
 * them cannot do, it says by overriding a method.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class KinesisContract {
  private final AtomicInteger streams = new AtomicInteger();
  KinesisClient kinesis;
  KinesisAsyncClient async;

  private Endpoint endpoint;

  /** Starts the implementation under test. Called once. */
  abstract Endpoint start() throws Exception;

  /** Where an implementation listens, and how to stop it. */
  record Endpoint(URI uri, Runnable stop) {}

  @BeforeAll
  void connect() throws Exception {
    endpoint = start();
    kinesis = Clients.sync(endpoint.uri());
    async = Clients.async(endpoint.uri());
  }

  @AfterAll
  void disconnect() {
    kinesis.close();
    async.close();
    endpoint.stop().run();
  }

  String newStream(int shards) {
    String name = "stream-" + streams.incrementAndGet();
    kinesis.createStream(request -> request.streamName(name).shardCount(shards));
    awaitActive(name);
    return name;
  }

  void awaitActive(String stream) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                kinesis
                        .describeStreamSummary(request -> request.streamName(stream))
                        .streamDescriptionSummary()
                        .streamStatus()
                    == StreamStatus.ACTIVE);
  }

  PutRecordResponse put(String stream, String key, String data) {
    return kinesis.putRecord(
        request ->
            request.streamName(stream).partitionKey(key).data(SdkBytes.fromUtf8String(data)));
  }

  static PutRecordsRequestEntry entry(String key, String data) {
    return PutRecordsRequestEntry.builder()
        .partitionKey(key)
        .data(SdkBytes.fromUtf8String(data))
        .build();
  }

  String iterator(String stream, String shard, ShardIteratorType type) {
    return kinesis
        .getShardIterator(
            request -> request.streamName(stream).shardId(shard).shardIteratorType(type))
        .shardIterator();
  }

  GetRecordsResponse get(String iterator) {
    return kinesis.getRecords(request -> request.shardIterator(iterator));
  }

  List<Record> readAll(String stream, String shard) {
    return get(iterator(stream, shard, ShardIteratorType.TRIM_HORIZON)).records();
  }

  List<Shard> shards(String stream) {
    return kinesis.listShards(request -> request.streamName(stream)).shards();
  }

  List<Shard> openShards(String stream) {
    return shards(stream).stream()
        .filter(shard -> shard.sequenceNumberRange().endingSequenceNumber() == null)
        .toList();
  }

  static List<String> texts(List<Record> records) {
    return records.stream().map(record -> record.data().asUtf8String()).toList();
  }

  static BigInteger number(String digits) {
    return new BigInteger(digits);
  }

  @Test
  void recordsOfAKey_areReadInOrder_byteForByte() {
    String stream = newStream(2);
    byte[] everyByte = new byte[256];
    for (int i = 0; i < everyByte.length; i++) {
      everyByte[i] = (byte) i;
    }
    String shard = put(stream, "ключ", "first").shardId();
    kinesis.putRecord(
        request ->
            request
                .streamName(stream)
                .partitionKey("ключ")
                .data(SdkBytes.fromByteArray(everyByte)));
    put(stream, "ключ", "");

    List<Record> records = readAll(stream, shard);

    assertThat(records).hasSize(3).allMatch(record -> record.partitionKey().equals("ключ"));
    assertThat(records.get(0).data().asString(UTF_8)).isEqualTo("first");
    assertThat(records.get(1).data().asByteArray()).isEqualTo(everyByte);
    assertThat(records.get(2).data().asByteArray()).isEmpty();
    assertThat(records)
        .isSortedAccordingTo(
            (a, b) -> number(a.sequenceNumber()).compareTo(number(b.sequenceNumber())));
  }

  @Test
  void putRecords_answersForEachRecordInItsPlace() {
    String stream = newStream(3);
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      keys.add("key-" + i);
    }

    PutRecordsResponse response =
        kinesis.putRecords(
            request ->
                request
                    .streamName(stream)
                    .records(keys.stream().map(key -> entry(key, "of " + key)).toList()));

    Map<String, Record> byPlace = new HashMap<>();
    for (Shard shard : shards(stream)) {
      readAll(stream, shard.shardId())
          .forEach(record -> byPlace.put(shard.shardId() + record.sequenceNumber(), record));
    }
    assertThat(response.failedRecordCount()).isZero();
    assertThat(response.records()).hasSize(keys.size());
    for (int i = 0; i < keys.size(); i++) {
      PutRecordsResultEntry answer = response.records().get(i);
      assertThat(byPlace.get(answer.shardId() + answer.sequenceNumber()))
          .extracting(Record::partitionKey, record -> record.data().asUtf8String())
          .containsExactly(keys.get(i), "of " + keys.get(i));
    }
  }

  @Test
  void anIteratorReadsOn_whereTheLastReadEnded() {
    String stream = newStream(1);
    String first = iterator(stream, "shardId-000000000000", ShardIteratorType.TRIM_HORIZON);
    put(stream, "a", "1");
    put(stream, "a", "2");

    GetRecordsResponse one = kinesis.getRecords(r -> r.shardIterator(first).limit(1));
    GetRecordsResponse two = get(one.nextShardIterator());
    GetRecordsResponse three = get(two.nextShardIterator());
    put(stream, "a", "3");
    GetRecordsResponse four = get(three.nextShardIterator());

    assertThat(texts(one.records())).containsExactly("1");
    assertThat(one.millisBehindLatest()).isPositive();
    assertThat(texts(two.records())).containsExactly("2");
    assertThat(two.millisBehindLatest()).isZero();
    assertThat(three.records()).isEmpty();
    assertThat(texts(four.records())).containsExactly("3");
  }

  @Test
  void split_closesTheParent_andItsChildrenSortAfterIt() {
    String stream = newStream(1);
    PutRecordResponse before = put(stream, "a", "before");

    kinesis.splitShard(
        request ->
            request
                .streamName(stream)
                .shardToSplit(before.shardId())
                .newStartingHashKey(BigInteger.ONE.shiftLeft(127).toString()));
    awaitActive(stream);
    PutRecordResponse after = put(stream, "a", "after");

    assertThat(shards(stream)).hasSize(3);
    assertThat(openShards(stream)).hasSize(2);
    assertThat(openShards(stream))
        .allMatch(shard -> shard.parentShardId().equals(before.shardId()));
    assertThat(number(after.sequenceNumber())).isGreaterThan(number(before.sequenceNumber()));
    GetRecordsResponse end =
        get(iterator(stream, before.shardId(), ShardIteratorType.TRIM_HORIZON));
    assertThat(texts(end.records())).containsExactly("before");
    assertThat(end.nextShardIterator()).isNull();
    assertThat(end.childShards()).hasSize(2);
    assertThat(texts(readAll(stream, after.shardId()))).containsExactly("after");
  }

  @Test
  void merge_joinsTwoShards_andTheChildSortsAfterBoth() {
    String stream = newStream(2);
    List<Shard> parents = openShards(stream);
    List<PutRecordResponse> before = new ArrayList<>();
    for (Shard parent : parents) {
      before.add(
          kinesis.putRecord(
              request ->
                  request
                      .streamName(stream)
                      .partitionKey("a")
                      .explicitHashKey(parent.hashKeyRange().startingHashKey())
                      .data(SdkBytes.fromUtf8String("before"))));
    }

    kinesis.mergeShards(
        request ->
            request
                .streamName(stream)
                .shardToMerge(parents.get(0).shardId())
                .adjacentShardToMerge(parents.get(1).shardId()));
    awaitActive(stream);
    PutRecordResponse after = put(stream, "a", "after");

    Shard child = openShards(stream).getFirst();
    assertThat(openShards(stream)).hasSize(1);
    assertThat(child.parentShardId()).isEqualTo(parents.get(0).shardId());
    assertThat(child.adjacentParentShardId()).isEqualTo(parents.get(1).shardId());
    assertThat(before)
        .allMatch(
            put -> number(put.sequenceNumber()).compareTo(number(after.sequenceNumber())) < 0);
  }

  @Test
  void subscription_pushesWhatIsPutAfterIt_andEndsWithTheShard() throws Exception {
    String stream = newStream(1);
    String consumer = register(stream, "reader");
    put(stream, "a", "1");
    List<SubscribeToShardEvent> events = new CopyOnWriteArrayList<>();

    CompletableFuture<Void> subscription =
        async.subscribeToShard(
            request ->
                request
                    .consumerARN(consumer)
                    .shardId("shardId-000000000000")
                    .startingPosition(start -> start.type(ShardIteratorType.TRIM_HORIZON)),
            SubscribeToShardResponseHandler.builder()
                .subscriber(event -> events.add((SubscribeToShardEvent) event))
                .build());
    await().until(() -> texts(recordsOf(events)).equals(List.of("1")));
    put(stream, "a", "2");
    await().until(() -> texts(recordsOf(events)).equals(List.of("1", "2")));
    kinesis.splitShard(
        request ->
            request
                .streamName(stream)
                .shardToSplit("shardId-000000000000")
                .newStartingHashKey(BigInteger.ONE.shiftLeft(127).toString()));
    subscription.get(20, TimeUnit.SECONDS);

    SubscribeToShardEvent last = events.getLast();
    assertThat(last.childShards()).hasSize(2);
    assertThat(last.continuationSequenceNumber()).isNull();
  }

  String register(String stream, String name) {
    String streamArn =
        kinesis
            .describeStreamSummary(request -> request.streamName(stream))
            .streamDescriptionSummary()
            .streamARN();
    String arn =
        kinesis
            .registerStreamConsumer(request -> request.streamARN(streamArn).consumerName(name))
            .consumer()
            .consumerARN();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                kinesis
                        .describeStreamConsumer(request -> request.consumerARN(arn))
                        .consumerDescription()
                        .consumerStatus()
                    == ConsumerStatus.ACTIVE);
    return arn;
  }

  static List<Record> recordsOf(List<SubscribeToShardEvent> events) {
    return events.stream().flatMap(event -> event.records().stream()).toList();
  }
}
