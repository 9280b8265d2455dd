package dev.confab.kinesis;

import static dev.confab.kinesis.TestServer.FIRST_SHARD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.model.LimitExceededException;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StartingPosition;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/** The life of a subscription, on a clock that the test moves. */
final class SubscriptionsIT {
  private static final String STREAM = "stream";
  private TestServer test;
  private String consumer;

  @BeforeEach
  void start() throws Exception {
    test = TestServer.start();
    test.server.ensureStream(STREAM, 1);
    consumer = register("reader");
  }

  @AfterEach
  void stop() {
    test.close();
  }

  private String register(String name) {
    return test.kinesis
        .registerStreamConsumer(r -> r.streamARN(test.server.streamArn(STREAM)).consumerName(name))
        .consumer()
        .consumerARN();
  }

  /** What one subscription has received, and its end. */
  private record Subscribed(List<SubscribeToShardEvent> events, CompletableFuture<Void> end) {
    List<String> texts() {
      return events.stream()
          .flatMap(event -> event.records().stream())
          .map(record -> record.data().asUtf8String())
          .toList();
    }

    Subscribed awaitStart() {
      await().until(() -> !events.isEmpty());
      return this;
    }

    Throwable failure() throws Exception {
      try {
        end.get(20, TimeUnit.SECONDS);
      } catch (ExecutionException failed) {
        Throwable cause = failed.getCause();
        return cause == null ? failed : cause;
      }
      throw new AssertionError("the subscription ended in good order");
    }
  }

  private Subscribed subscribe(StartingPosition position) {
    return subscribe(FIRST_SHARD, position);
  }

  private Subscribed subscribe(String shardId) {
    return subscribe(
        shardId, StartingPosition.builder().type(ShardIteratorType.TRIM_HORIZON).build());
  }

  private Subscribed subscribe(String shardId, StartingPosition position) {
    List<SubscribeToShardEvent> events = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> end =
        test.async.subscribeToShard(
            r -> r.consumerARN(consumer).shardId(shardId).startingPosition(position),
            SubscribeToShardResponseHandler.builder()
                .subscriber(event -> events.add((SubscribeToShardEvent) event))
                .build());
    return new Subscribed(events, end);
  }

  private Subscribed subscribe(ShardIteratorType type) {
    return subscribe(StartingPosition.builder().type(type).build());
  }

  @Test
  void aSecondSubscription_isRefusedWithinFiveSeconds_andTakesOverLater() throws Exception {
    Subscribed first = subscribe(ShardIteratorType.TRIM_HORIZON).awaitStart();
    test.clock.advance(Duration.ofMillis(4_999));

    assertThat(subscribe(ShardIteratorType.TRIM_HORIZON).failure())
        .isInstanceOf(ResourceInUseException.class)
        .hasMessageContaining("Another active subscription exists for this consumer");
    test.put(STREAM, "k", "still the first's");
    await().until(() -> first.texts().contains("still the first's"));

    test.clock.advance(Duration.ofMillis(1));
    Subscribed second = subscribe(ShardIteratorType.LATEST).awaitStart();
    assertThat(first.failure()).isInstanceOf(ResourceInUseException.class);
    test.put(STREAM, "k", "the second's");
    await().until(() -> second.texts().contains("the second's"));
    assertThat(first.texts()).doesNotContain("the second's");
    assertThat(subscribe(ShardIteratorType.LATEST).failure())
        .as("the end of the first is not that of the second")
        .isInstanceOf(ResourceInUseException.class);
  }

  @Test
  void aConsumer_hasASubscriptionForEachShard() {
    test.kinesis.updateShardCount(
        r -> r.streamName(STREAM).targetShardCount(2).scalingType(ScalingType.UNIFORM_SCALING));

    Subscribed one = subscribe("shardId-000000000001").awaitStart();
    Subscribed two = subscribe("shardId-000000000002").awaitStart();

    assertThat(one.end()).isNotDone();
    assertThat(two.end()).isNotDone();
  }

  @Test
  void anotherConsumer_hasASubscriptionOfItsOwn() {
    Subscribed first = subscribe(ShardIteratorType.TRIM_HORIZON).awaitStart();
    consumer = register("another");
    Subscribed second = subscribe(ShardIteratorType.TRIM_HORIZON).awaitStart();

    test.put(STREAM, "k", "for both");

    await().until(() -> first.texts().contains("for both") && second.texts().contains("for both"));
  }

  @Test
  void endsInGoodOrderAfterFiveMinutes_andResumesWithoutGapOrRepeat() throws Exception {
    test.put(STREAM, "k", "1");
    for (ShardIteratorType type :
        List.of(ShardIteratorType.AT_SEQUENCE_NUMBER, ShardIteratorType.AFTER_SEQUENCE_NUMBER)) {
      Subscribed before = subscribe(ShardIteratorType.LATEST).awaitStart();
      test.clock.advance(Duration.ofMinutes(5));
      before.end().get(20, TimeUnit.SECONDS);
      test.put(STREAM, "k", "while away");

      String continuation = before.events().getLast().continuationSequenceNumber();
      Subscribed after =
          subscribe(StartingPosition.builder().type(type).sequenceNumber(continuation).build());

      await().until(() -> !after.texts().isEmpty());
      assertThat(after.texts()).containsExactly("while away");
      test.clock.advance(Duration.ofMinutes(5));
      after.end().get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void afterRecords_theContinuationIsTheLastOne() throws Exception {
    test.put(STREAM, "k", "1");
    String second = test.put(STREAM, "k", "2").sequenceNumber();

    Subscribed subscribed = subscribe(ShardIteratorType.TRIM_HORIZON).awaitStart();

    assertThat(subscribed.events().getFirst().continuationSequenceNumber()).isEqualTo(second);
    test.server.faults().dropSubscriptions();
    assertThat(subscribed.failure()).isNotInstanceOf(ResourceInUseException.class);
    Subscribed resumed =
        subscribe(
                StartingPosition.builder()
                    .type(ShardIteratorType.AFTER_SEQUENCE_NUMBER)
                    .sequenceNumber(second)
                    .build())
            .awaitStart();
    test.put(STREAM, "k", "3");
    await().until(() -> resumed.texts().equals(List.of("3")));
  }

  @Test
  void deregisteringTheConsumer_orDeletingTheStream_endsIt() throws Exception {
    Subscribed first = subscribe(ShardIteratorType.LATEST).awaitStart();
    test.kinesis.deregisterStreamConsumer(r -> r.consumerARN(consumer));
    assertThat(first.failure())
        .isInstanceOf(ResourceNotFoundException.class)
        .hasMessageContaining("deregistered");
    assertThat(subscribe(ShardIteratorType.LATEST).failure())
        .isInstanceOf(ResourceNotFoundException.class);

    consumer = register("next");
    Subscribed second = subscribe(ShardIteratorType.LATEST).awaitStart();
    assertThatThrownBy(() -> test.kinesis.deleteStream(r -> r.streamName(STREAM)))
        .isInstanceOf(ResourceInUseException.class)
        .hasMessageContaining("EnforceConsumerDeletion");
    test.kinesis.deleteStream(r -> r.streamName(STREAM).enforceConsumerDeletion(true));
    assertThat(second.failure())
        .isInstanceOf(ResourceNotFoundException.class)
        .hasMessageContaining("deleted");
  }

  @Test
  void aSubscriptionIsPushedTwoMiBASecond() {
    SdkBytes nearlyAMiB = SdkBytes.fromByteArray(new byte[1024 * 1024 - 1]);
    for (int i = 0; i < 6; i++) {
      test.put(STREAM, "k", nearlyAMiB);
      test.clock.advance(Duration.ofSeconds(1));
    }
    Subscribed subscribed = subscribe(ShardIteratorType.TRIM_HORIZON);

    // The bucket holds two; a third goes while a few bytes are left and puts it in debt.
    await().until(() -> subscribed.texts().size() == 3);
    test.clock.advance(Duration.ofMillis(400));
    await().during(Duration.ofMillis(200)).until(() -> subscribed.texts().size() == 3);
    test.clock.advance(Duration.ofMillis(200));
    await().until(() -> subscribed.texts().size() == 4);
  }

  @Test
  void aSplitUnderASubscription_isItsLastEvent_andTheChildrenCanBeSubscribedTo() throws Exception {
    Subscribed subscribed = subscribe(ShardIteratorType.TRIM_HORIZON).awaitStart();
    test.kinesis.splitShard(
        r ->
            r.streamName(STREAM)
                .shardToSplit(FIRST_SHARD)
                .newStartingHashKey(BigInteger.ONE.shiftLeft(127).toString()));

    subscribed.end().get(20, TimeUnit.SECONDS);

    assertThat(subscribed.events().getLast().childShards())
        .extracting(child -> child.shardId(), child -> child.parentShards())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("shardId-000000000001", List.of(FIRST_SHARD)),
            org.assertj.core.groups.Tuple.tuple("shardId-000000000002", List.of(FIRST_SHARD)));
  }

  @Test
  void consumersHaveUniqueNames_andAreTwentyAtMost() {
    assertThatThrownBy(() -> register("reader")).isInstanceOf(ResourceInUseException.class);
    List<String> names = new ArrayList<>(List.of("reader"));
    for (int i = 1; i < 20; i++) {
      names.add("consumer-" + i);
      register("consumer-" + i);
    }
    assertThatThrownBy(() -> register("one-more")).isInstanceOf(LimitExceededException.class);

    String arn = test.server.streamArn(STREAM);
    var first = test.kinesis.listStreamConsumers(r -> r.streamARN(arn).maxResults(15));
    var second =
        test.kinesis.listStreamConsumers(r -> r.streamARN(arn).nextToken(first.nextToken()));
    List<String> listed = new ArrayList<>();
    first.consumers().forEach(each -> listed.add(each.consumerName()));
    second.consumers().forEach(each -> listed.add(each.consumerName()));
    assertThat(listed).isEqualTo(names);
    assertThat(second.nextToken()).isNull();
    assertThat(
            test.kinesis
                .describeStreamConsumer(r -> r.streamARN(arn).consumerName("reader"))
                .consumerDescription()
                .consumerARN())
        .isEqualTo(consumer);
  }
}
