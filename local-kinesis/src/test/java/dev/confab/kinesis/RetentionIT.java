package dev.confab.kinesis;

import static dev.confab.kinesis.TestServer.FIRST_SHARD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.model.ExpiredIteratorException;
import software.amazon.awssdk.services.kinesis.model.ExpiredNextTokenException;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilter;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** What time does to records, shards, iterators and tokens, on a clock that the test moves. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RetentionIT {
  private static final String MIDDLE = BigInteger.ONE.shiftLeft(127).toString();
  private TestServer test;

  @BeforeAll
  void start() throws Exception {
    test = TestServer.start(options -> options.shardLimits(false));
  }

  @AfterAll
  void stop() {
    test.close();
  }

  private List<String> listed(String stream, ShardFilter filter) {
    return test
        .kinesis
        .listShards(request -> request.streamName(stream).shardFilter(filter))
        .shards()
        .stream()
        .map(Shard::shardId)
        .map(id -> id.substring(id.length() - 1))
        .toList();
  }

  private List<String> listed(String stream, ShardFilterType type) {
    return listed(stream, ShardFilter.builder().type(type).build());
  }

  private List<String> listed(String stream, ShardFilterType type, Instant time) {
    return listed(stream, ShardFilter.builder().type(type).timestamp(time).build());
  }

  private void split(String stream, String shard, String at) {
    test.kinesis.splitShard(
        request -> request.streamName(stream).shardToSplit(shard).newStartingHashKey(at));
  }

  @Test
  void recordsAreTrimmedByAge_andReadersGoOnAtTheHorizon() {
    test.server.ensureStream("trim", 1);
    PutRecordResponse old = test.put("trim", "k", "old");
    String atOld = test.iterator("trim", ShardIteratorType.TRIM_HORIZON);
    test.clock.advance(Duration.ofHours(23));
    test.put("trim", "k", "young");
    assertThat(test.texts("trim")).containsExactly("old", "young");

    test.clock.advance(Duration.ofHours(1).plusMillis(1));

    assertThat(test.texts("trim")).containsExactly("young");
    String afterOld =
        test.kinesis
            .getShardIterator(
                request ->
                    request
                        .streamName("trim")
                        .shardId(FIRST_SHARD)
                        .shardIteratorType(ShardIteratorType.AT_SEQUENCE_NUMBER)
                        .startingSequenceNumber(old.sequenceNumber()))
            .shardIterator();
    assertThat(test.get(afterOld).records()).hasSize(1);
    assertThatThrownBy(() -> test.get(atOld)).isInstanceOf(ExpiredIteratorException.class);
    assertThat(new BigInteger(test.put("trim", "k", "next").sequenceNumber()))
        .isGreaterThan(new BigInteger(old.sequenceNumber()));
  }

  @Test
  void retentionCanGrowAndShrink_withinADayAndAYear() {
    test.server.ensureStream("hours", 1);
    test.kinesis.increaseStreamRetentionPeriod(r -> r.streamName("hours").retentionPeriodHours(48));
    test.put("hours", "k", "kept");
    test.clock.advance(Duration.ofHours(30));
    assertThat(test.texts("hours")).containsExactly("kept");
    assertThat(
            test.kinesis
                .describeStreamSummary(r -> r.streamName("hours"))
                .streamDescriptionSummary()
                .retentionPeriodHours())
        .isEqualTo(48);

    test.kinesis.decreaseStreamRetentionPeriod(r -> r.streamName("hours").retentionPeriodHours(24));
    assertThat(test.texts("hours")).isEmpty();

    assertThatThrownBy(
            () ->
                test.kinesis.decreaseStreamRetentionPeriod(
                    r -> r.streamName("hours").retentionPeriodHours(25)))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("can not be longer than existing retention period (24 hours)");
    assertThatThrownBy(
            () ->
                test.kinesis.increaseStreamRetentionPeriod(
                    r -> r.streamName("hours").retentionPeriodHours(8761)))
        .hasMessageContaining("Maximum allowed retention period is 8760 hours");
    assertThatThrownBy(
            () ->
                test.kinesis.increaseStreamRetentionPeriod(
                    r -> r.streamName("hours").retentionPeriodHours(23)))
        .hasMessageContaining("Minimum allowed retention period is 24 hours");
  }

  @Test
  void shardFilters_chooseByTime_andExpiredShardsAreGone() {
    test.server.ensureStream("filters", 1);
    Instant created = test.clock.instant();
    test.clock.advance(Duration.ofHours(1));
    split("filters", FIRST_SHARD, MIDDLE); // 0 becomes 1 and 2
    Instant firstSplit = test.clock.instant();
    test.clock.advance(Duration.ofHours(1));
    split("filters", "shardId-000000000001", "1000"); // 1 becomes 3 and 4
    Instant secondSplit = test.clock.instant();

    assertThat(listed("filters", ShardFilterType.FROM_TRIM_HORIZON))
        .containsExactly("0", "1", "2", "3", "4");
    assertThat(listed("filters", ShardFilterType.AT_TRIM_HORIZON)).containsExactly("0");
    assertThat(listed("filters", ShardFilterType.AT_LATEST)).containsExactly("2", "3", "4");
    Instant between = firstSplit.plusSeconds(60);
    assertThat(listed("filters", ShardFilterType.AT_TIMESTAMP, between)).containsExactly("1", "2");
    assertThat(listed("filters", ShardFilterType.FROM_TIMESTAMP, between))
        .containsExactly("1", "2", "3", "4");
    assertThat(listed("filters", ShardFilterType.AT_TIMESTAMP, created.minusSeconds(9)))
        .containsExactly("0");
    assertThat(
            listed(
                "filters",
                ShardFilter.builder()
                    .type(ShardFilterType.AFTER_SHARD_ID)
                    .shardId("shardId-000000000002")
                    .build()))
        .containsExactly("3", "4");

    test.clock.advance(
        Duration.between(
            test.clock.instant(), firstSplit.plus(Duration.ofHours(24)).plusMillis(1)));
    assertThat(listed("filters", ShardFilterType.FROM_TRIM_HORIZON))
        .containsExactly("1", "2", "3", "4");
    assertThat(listed("filters", ShardFilterType.AT_TRIM_HORIZON)).containsExactly("1", "2");
    assertThatThrownBy(() -> test.iterator("filters", ShardIteratorType.TRIM_HORIZON))
        .isInstanceOf(ResourceNotFoundException.class)
        .hasMessageContaining(
            "Shard shardId-000000000000 in stream filters under account 000000000000 does not exist");
    test.clock.advance(
        Duration.between(
            test.clock.instant(), secondSplit.plus(Duration.ofHours(24)).plusMillis(1)));
    assertThat(listed("filters", ShardFilterType.FROM_TRIM_HORIZON)).containsExactly("2", "3", "4");
  }

  @Test
  void aSplitInTheMillisecondOfCreation_leavesTheParentAtTheHorizon() {
    test.server.ensureStream("at-once", 1);
    test.put("at-once", "k", "in the parent");
    split("at-once", FIRST_SHARD, MIDDLE);

    assertThat(listed("at-once", ShardFilterType.AT_TRIM_HORIZON)).containsExactly("0");
  }

  @Test
  void iteratorsExpireAfterFiveMinutes() {
    test.server.ensureStream("iterators", 1);
    String iterator = test.iterator("iterators", ShardIteratorType.LATEST);
    test.clock.advance(Duration.ofMinutes(5));
    test.get(iterator);
    test.clock.advance(Duration.ofMillis(1));

    assertThatThrownBy(() -> test.get(iterator))
        .isInstanceOf(ExpiredIteratorException.class)
        .hasMessageContaining("Iterator expired. The iterator was created at time ")
        .hasMessageContaining(
            "which is further in the future than the tolerated delay of 300000 milliseconds.");
  }

  @Test
  void nextTokensPageOn_andExpireAfter300Seconds() {
    test.server.ensureStream("pages", 5);
    var first = test.kinesis.listShards(r -> r.streamName("pages").maxResults(2));
    var second = test.kinesis.listShards(r -> r.nextToken(first.nextToken()).maxResults(2));
    var third = test.kinesis.listShards(r -> r.nextToken(second.nextToken()));
    assertThat(first.shards()).hasSize(2);
    assertThat(second.shards().getFirst().shardId()).isEqualTo("shardId-000000000002");
    assertThat(third.shards()).hasSize(1);
    assertThat(third.nextToken()).isNull();

    test.clock.advance(Duration.ofMillis(300_001));

    assertThatThrownBy(() -> test.kinesis.listShards(r -> r.nextToken(first.nextToken())))
        .isInstanceOf(ExpiredNextTokenException.class);
    assertThatThrownBy(
            () -> test.kinesis.listShards(r -> r.nextToken(first.nextToken()).streamName("pages")))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("cannot be provided together");
    assertThatThrownBy(() -> test.kinesis.listShards(r -> r.nextToken("rubbish")))
        .isInstanceOf(InvalidArgumentException.class);
  }

  @Test
  void aNextToken_isOfItsStream_notOfALaterOneOfTheSameName() {
    test.server.ensureStream("again", 3);
    String token = test.kinesis.listShards(r -> r.streamName("again").maxResults(1)).nextToken();
    test.kinesis.deleteStream(r -> r.streamName("again"));
    test.clock.advance(Duration.ofMillis(1));
    test.server.ensureStream("again", 3);

    assertThatThrownBy(() -> test.kinesis.listShards(r -> r.nextToken(token)))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("earlier stream");
  }

  @Test
  void aNumberForOrdering_isOneThatCanHaveBeenGivenOut() {
    test.server.ensureStream("ordering", 1);
    String first = putAfter(number(0));
    assertThat(new BigInteger(putAfter(first))).isGreaterThan(new BigInteger(first));

    assertThatThrownBy(() -> putAfter(number(1)))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("is invalid");
  }

  private String number(long secondsFromNow) {
    long now = test.clock.instant().getEpochSecond();
    return new SequenceNumber(now, 0, 1, now + secondsFromNow).toString();
  }

  private String putAfter(String sequenceNumber) {
    return test.kinesis
        .putRecord(
            r ->
                r.streamName("ordering")
                    .partitionKey("k")
                    .sequenceNumberForOrdering(sequenceNumber)
                    .data(SdkBytes.fromUtf8String("x")))
        .sequenceNumber();
  }

  @Test
  void atTimestamp_startsAtTheFirstRecordThatArrivedThenOrLater() {
    test.server.ensureStream("times", 1);
    test.put("times", "k", "1");
    test.clock.advance(Duration.ofMillis(10));
    Instant second = test.clock.instant();
    test.put("times", "k", "2");
    test.clock.advance(Duration.ofMillis(10));
    test.put("times", "k", "3");

    String iterator =
        test.kinesis
            .getShardIterator(
                r ->
                    r.streamName("times")
                        .shardId(FIRST_SHARD)
                        .shardIteratorType(ShardIteratorType.AT_TIMESTAMP)
                        .timestamp(second))
            .shardIterator();
    var records = test.get(iterator).records();

    assertThat(records).hasSize(2);
    assertThat(records.getFirst().approximateArrivalTimestamp()).isEqualTo(second);
  }
}
