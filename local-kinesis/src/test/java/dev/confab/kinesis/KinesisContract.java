package dev.confab.kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResultEntry;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilter;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamDescription;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/**
 * What a Kinesis does, as the AWS SDK for Java sees it. Each implementation runs it; what one of
 * them cannot do, it says by overriding a method.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class KinesisContract {
  static final String FIRST_SHARD = "shardId-000000000000";

  private final AtomicInteger streams = new AtomicInteger();
  KinesisClient kinesis;
  KinesisAsyncClient async;
  private URI uri;

  private final Deque<AutoCloseable> started = new ArrayDeque<>();

  /** Starts the implementation under test. Called once. */
  abstract Endpoint start() throws Exception;

  /** Where an implementation listens, and how to stop it. */
  record Endpoint(URI uri, Runnable stop) {}

  @BeforeAll
  void connect() throws Exception {
    Endpoint endpoint = start();
    uri = endpoint.uri();
    started.push(endpoint.stop()::run);
    kinesis = Clients.sync(endpoint.uri());
    started.push(kinesis);
    async = Clients.async(endpoint.uri());
    started.push(async);
  }

  @AfterAll
  void disconnect() throws Exception {
    while (!started.isEmpty()) {
      started.pop().close();
    }
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
    String first = iterator(stream, FIRST_SHARD, ShardIteratorType.TRIM_HORIZON);
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
  void updateShardCount_doublesAndHalves_withoutLosingOrder() {
    String stream = newStream(2);
    String before = put(stream, "a", "before").sequenceNumber();

    kinesis.updateShardCount(
        r -> r.streamName(stream).targetShardCount(4).scalingType(ScalingType.UNIFORM_SCALING));
    awaitActive(stream);
    assertThat(openShards(stream)).hasSize(4).allMatch(shard -> shard.parentShardId() != null);
    String between = put(stream, "a", "between").sequenceNumber();
    kinesis.updateShardCount(
        r -> r.streamName(stream).targetShardCount(2).scalingType(ScalingType.UNIFORM_SCALING));
    awaitActive(stream);

    assertThat(openShards(stream)).hasSize(2);
    String after = put(stream, "a", "after").sequenceNumber();
    assertThat(List.of(number(before), number(between), number(after))).isSorted();
  }

  @Test
  void anExplicitHashKey_choosesTheShard() {
    String stream = newStream(3);
    for (Shard shard : openShards(stream)) {
      for (String hashKey :
          List.of(shard.hashKeyRange().startingHashKey(), shard.hashKeyRange().endingHashKey())) {
        PutRecordResponse put =
            kinesis.putRecord(
                request ->
                    request
                        .streamName(stream)
                        .partitionKey("same")
                        .explicitHashKey(hashKey)
                        .data(SdkBytes.fromUtf8String("x")));
        assertThat(put.shardId()).isEqualTo(shard.shardId());
      }
    }
  }

  @Test
  void iterators_startWhereTheirTypeSays() throws Exception {
    String stream = newStream(1);
    put(stream, "a", "1");
    String second = put(stream, "a", "2").sequenceNumber();
    // Arrival times have milliseconds: the third is to arrive in a later one.
    await().pollDelay(Duration.ofMillis(20)).until(() -> true);
    put(stream, "a", "3");
    Instant third = readAll(stream, FIRST_SHARD).get(2).approximateArrivalTimestamp();

    assertThat(readFrom(stream, ShardIteratorType.TRIM_HORIZON, r -> {}))
        .containsExactly("1", "2", "3");
    assertThat(
            readFrom(
                stream,
                ShardIteratorType.AT_SEQUENCE_NUMBER,
                r -> r.startingSequenceNumber(second)))
        .containsExactly("2", "3");
    assertThat(
            readFrom(
                stream,
                ShardIteratorType.AFTER_SEQUENCE_NUMBER,
                r -> r.startingSequenceNumber(second)))
        .containsExactly("3");
    assertThat(readFrom(stream, ShardIteratorType.AT_TIMESTAMP, r -> r.timestamp(third)))
        .containsExactly("3");
    assertThat(readFrom(stream, ShardIteratorType.LATEST, r -> {})).isEmpty();
  }

  private List<String> readFrom(
      String stream, ShardIteratorType type, Consumer<GetShardIteratorRequest.Builder> more) {
    GetShardIteratorRequest.Builder request =
        GetShardIteratorRequest.builder()
            .streamName(stream)
            .shardId(FIRST_SHARD)
            .shardIteratorType(type);
    more.accept(request);
    // Five reads a second are all that a shard gives.
    return await()
        .ignoreException(ProvisionedThroughputExceededException.class)
        .until(
            () -> texts(get(kinesis.getShardIterator(request.build()).shardIterator()).records()),
            Objects::nonNull);
  }

  @Test
  void listShards_filtersAndPages() {
    String stream = newStream(3);
    List<String> all = shards(stream).stream().map(Shard::shardId).toList();
    ListShardsResponse first = kinesis.listShards(r -> r.streamName(stream).maxResults(2));
    ListShardsResponse second = kinesis.listShards(r -> r.nextToken(first.nextToken()));

    assertThat(all).hasSize(3);
    assertThat(first.shards()).extracting(Shard::shardId).isEqualTo(all.subList(0, 2));
    assertThat(second.shards()).extracting(Shard::shardId).isEqualTo(all.subList(2, 3));
    assertThat(second.nextToken()).isNull();
    assertThat(filtered(stream, f -> f.type(ShardFilterType.AT_LATEST))).isEqualTo(all);
    assertThat(filtered(stream, f -> f.type(ShardFilterType.AT_TRIM_HORIZON))).isEqualTo(all);
    assertThat(
            filtered(stream, f -> f.type(ShardFilterType.AFTER_SHARD_ID).shardId(all.getFirst())))
        .isEqualTo(all.subList(1, 3));
  }

  private List<String> filtered(String stream, Consumer<ShardFilter.Builder> filter) {
    return kinesis.listShards(r -> r.streamName(stream).shardFilter(filter)).shards().stream()
        .map(Shard::shardId)
        .toList();
  }

  @Test
  void streams_areListedDescribedAndDeleted() {
    String stream = newStream(2);

    StreamDescription description =
        kinesis.describeStream(r -> r.streamName(stream)).streamDescription();
    assertThat(kinesis.listStreams().streamNames()).contains(stream);
    assertThat(description.streamARN()).endsWith(":stream/" + stream);
    assertThat(description.shards()).hasSize(2);
    assertThat(description.retentionPeriodHours()).isEqualTo(24);
    StreamDescriptionSummary byArn =
        kinesis
            .describeStreamSummary(r -> r.streamARN(description.streamARN()))
            .streamDescriptionSummary();
    assertThat(byArn.openShardCount()).isEqualTo(2);
    assertThat(byArn.streamCreationTimestamp())
        .isBetween(Instant.now().minusSeconds(600), Instant.now().plusSeconds(600));

    kinesis.deleteStream(r -> r.streamName(stream));
    await().until(() -> !kinesis.listStreams().streamNames().contains(stream));
    assertThatThrownBy(() -> put(stream, "a", "x")).isInstanceOf(ResourceNotFoundException.class);
  }

  @Test
  void whatIsNotThere_isNotFound() {
    String stream = newStream(1);

    assertThatThrownBy(() -> put("absent", "a", "x"))
        .isInstanceOf(ResourceNotFoundException.class)
        .hasMessageContaining("absent");
    assertThatThrownBy(() -> iterator(stream, "shardId-000000000009", ShardIteratorType.LATEST))
        .isInstanceOf(ResourceNotFoundException.class);
    assertThatThrownBy(() -> kinesis.listShards(r -> r.streamName("absent")))
        .isInstanceOf(ResourceNotFoundException.class);
  }

  @Test
  void aNameThatIsTaken_isInUse() {
    String stream = newStream(1);

    assertThatThrownBy(() -> kinesis.createStream(r -> r.streamName(stream).shardCount(1)))
        .isInstanceOf(ResourceInUseException.class);
  }

  @Test
  void aRecordThatIsTooLarge_orItsKey_isRefused() {
    String stream = newStream(1);

    assertRefused(() -> put(stream, "k".repeat(257), "x"));
    assertRefused(
        () ->
            kinesis.putRecord(
                r ->
                    r.streamName(stream)
                        .partitionKey("k")
                        .data(SdkBytes.fromByteArray(new byte[1024 * 1024 + 1]))));
  }

  @Test
  void aStreamOfNoValidName_orNoShards_isRefused() {
    assertRefused(() -> kinesis.createStream(r -> r.streamName("no spaces").shardCount(1)));
    assertRefused(() -> kinesis.createStream(r -> r.streamName("none").shardCount(0)));
  }

  @Test
  void anIteratorOfNobodys_isRefused() {
    assertRefused(() -> get("this is no iterator"));
  }

  @Test
  void aPositionThatIsNone_isRefused() {
    String stream = newStream(1);

    assertRefused(
        () ->
            kinesis.getShardIterator(
                r ->
                    r.streamName(stream)
                        .shardId(FIRST_SHARD)
                        .shardIteratorType(ShardIteratorType.AT_SEQUENCE_NUMBER)));
    assertRefused(
        () ->
            kinesis.getShardIterator(
                r ->
                    r.streamName(stream)
                        .shardId(FIRST_SHARD)
                        .shardIteratorType(ShardIteratorType.AFTER_SEQUENCE_NUMBER)
                        .startingSequenceNumber("5")));
  }

  @Test
  void aReshardThatCannotBe_isRefused() {
    String stream = newStream(1);

    assertRefused(
        () ->
            kinesis.splitShard(
                r -> r.streamName(stream).shardToSplit(FIRST_SHARD).newStartingHashKey("0")));
    assertRefused(
        () ->
            kinesis.mergeShards(
                r ->
                    r.streamName(stream)
                        .shardToMerge(FIRST_SHARD)
                        .adjacentShardToMerge(FIRST_SHARD)));
    assertRefused(
        () ->
            kinesis.updateShardCount(
                r ->
                    r.streamName(stream)
                        .targetShardCount(9)
                        .scalingType(ScalingType.UNIFORM_SCALING)));
  }

  /** Which of the two errors it is, AWS doesn't say. */
  @Test
  void aShardThatIsClosed_isNotResharded() {
    String stream = newStream(2);
    String closed = openShards(stream).getFirst().shardId();
    String other = openShards(stream).getLast().shardId();
    split(stream, closed, "1000");
    awaitActive(stream);

    assertThatThrownBy(() -> split(stream, closed, "2000"))
        .isInstanceOfAny(InvalidArgumentException.class, ResourceInUseException.class);
    assertThatThrownBy(
            () ->
                kinesis.mergeShards(
                    r -> r.streamName(stream).shardToMerge(closed).adjacentShardToMerge(other)))
        .isInstanceOfAny(InvalidArgumentException.class, ResourceInUseException.class);
    assertThat(openShards(stream)).hasSize(3);
  }

  private void split(String stream, String shard, String at) {
    kinesis.splitShard(r -> r.streamName(stream).shardToSplit(shard).newStartingHashKey(at));
  }

  @Test
  void updateShardCount_doesNotGoBelowHalf() {
    String stream = newStream(4);
    assertRefused(
        () ->
            kinesis.updateShardCount(
                r ->
                    r.streamName(stream)
                        .targetShardCount(1)
                        .scalingType(ScalingType.UNIFORM_SCALING)));
  }

  /** An error of the caller's, which it must not repeat. */
  private static void assertRefused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            KinesisException.class,
            error -> {
              assertThat(error.statusCode()).isEqualTo(400);
              assertThat(error.awsErrorDetails().errorCode())
                  .isIn(
                      "ValidationException", "InvalidArgumentException", "LimitExceededException");
            });
  }

  @Test
  void consumers_areRegisteredDescribedListedAndDeregistered() {
    String stream = newStream(1);
    String arn = register(stream, "reader");
    String streamArn = streamArn(stream);

    assertThat(arn).startsWith(streamArn + "/consumer/reader:");
    assertThat(kinesis.listStreamConsumers(r -> r.streamARN(streamArn)).consumers())
        .extracting(consumer -> consumer.consumerARN())
        .containsExactly(arn);
    assertThatThrownBy(() -> register(stream, "reader")).isInstanceOf(ResourceInUseException.class);

    kinesis.deregisterStreamConsumer(r -> r.consumerARN(arn));
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> kinesis.listStreamConsumers(r -> r.streamARN(streamArn)).consumers().isEmpty());
    assertThatThrownBy(() -> kinesis.describeStreamConsumer(r -> r.consumerARN(arn)))
        .isInstanceOf(ResourceNotFoundException.class);
  }

  private record Subscribed(List<SubscribeToShardEvent> events, CompletableFuture<Void> end) {
    List<String> texts() {
      return KinesisContract.texts(
          events.stream().flatMap(event -> event.records().stream()).toList());
    }
  }

  private Subscribed subscribe(String consumer) {
    List<SubscribeToShardEvent> events = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> end =
        async.subscribeToShard(
            request ->
                request
                    .consumerARN(consumer)
                    .shardId(FIRST_SHARD)
                    .startingPosition(start -> start.type(ShardIteratorType.TRIM_HORIZON)),
            SubscribeToShardResponseHandler.builder()
                .subscriber(event -> events.add((SubscribeToShardEvent) event))
                .build());
    return new Subscribed(events, end);
  }

  @Test
  void aSubscription_pushesWhatWasPutBeforeItAndAfter() {
    String stream = newStream(1);
    put(stream, "a", "1");
    Subscribed subscribed = subscribe(register(stream, "reader"));

    await().until(() -> subscribed.texts().equals(List.of("1")));
    String second = put(stream, "a", "2").sequenceNumber();
    await().until(() -> subscribed.texts().equals(List.of("1", "2")));

    assertThat(subscribed.events().getLast().millisBehindLatest()).isZero();
    assertThat(number(subscribed.events().getLast().continuationSequenceNumber()))
        .isGreaterThanOrEqualTo(number(second));
  }

  @Test
  void aSubscription_endsWithItsShard_andNamesTheChildren() throws Exception {
    String stream = newStream(1);
    put(stream, "a", "1");
    Subscribed subscribed = subscribe(register(stream, "reader"));
    await().until(() -> subscribed.texts().equals(List.of("1")));

    kinesis.splitShard(
        request ->
            request
                .streamName(stream)
                .shardToSplit(FIRST_SHARD)
                .newStartingHashKey(BigInteger.ONE.shiftLeft(127).toString()));
    subscribed.end().get(20, TimeUnit.SECONDS);

    SubscribeToShardEvent last = subscribed.events().getLast();
    assertThat(last.childShards()).hasSize(2);
    assertThat(last.continuationSequenceNumber()).isNull();
  }

  @Test
  void theJsonProtocol_carriesBytesInBase64AndTimesInSeconds() throws Exception {
    String stream = newStream(1);
    put(stream, "a", "text");
    String iterator = iterator(stream, FIRST_SHARD, ShardIteratorType.TRIM_HORIZON);

    HttpResponse<String> answer =
        postJson("GetRecords", "{\"ShardIterator\":\"" + iterator + "\"}");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .contains("\"Data\":\"dGV4dA==\"", "\"PartitionKey\":\"a\"", "\"NextShardIterator\"")
        .containsPattern("\"ApproximateArrivalTimestamp\":\\d{10}(\\.\\d{1,3})?[,}]");
    HttpResponse<String> error = postJson("DescribeStreamSummary", "{\"StreamName\":\"absent\"}");
    assertThat(error.statusCode()).isEqualTo(400);
    assertThat(error.body()).contains("\"__type\":\"ResourceNotFoundException\"");
  }

  @Test
  void aRequestWithoutSignature_isRefused() throws Exception {
    String body = "{\"StreamName\":\"any\",\"PartitionKey\":\"a\",\"Data\":\"dGV4dA==\"}";
    HttpResponse<String> refusal = post("PutRecord", body, Map.of());
    assertThat(refusal.statusCode()).isEqualTo(400);
    assertThat(refusal.body()).contains("\"__type\":\"MissingAuthenticationTokenException\"");
  }

  HttpResponse<String> postJson(String operation, String body) throws Exception {
    return post(
        operation,
        body,
        Map.of(
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=local/20261124/us-east-1/kinesis/aws4_request,"
                + " SignedHeaders=host, Signature=00",
            "X-Amz-Date",
            "20261124T020000Z"));
  }

  private HttpResponse<String> post(String operation, String body, Map<String, String> headers)
      throws Exception {
    // Not HTTP/2, which the client would ask for by an upgrade that kinesis-local leaves
    // unanswered.
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(uri)
              .timeout(Duration.ofSeconds(20))
              .header("X-Amz-Target", "Kinesis_20131202." + operation)
              .header("Content-Type", "application/x-amz-json-1.1")
              .POST(HttpRequest.BodyPublishers.ofString(body));
      headers.forEach(request::header);
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  String streamArn(String stream) {
    return kinesis
        .describeStreamSummary(request -> request.streamName(stream))
        .streamDescriptionSummary()
        .streamARN();
  }

  String register(String stream, String name) {
    String streamArn = streamArn(stream);
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
}
