package dev.confab.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.events.Bytes;
import dev.confab.kinesis.Fault;
import dev.confab.kinesis.Operation;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KinesisRecordsIT {
  private static final AwsFaults FAULTS =
      new AwsFaults("Kinesis", "the stream confab", "--stream or --stack", "us-east-1", null);

  private LocalServices services;
  private Records records;

  @BeforeAll
  void start() throws Exception {
    services = new LocalServices();
    records =
        new KinesisRecords(
            services.kinesis,
            FAULTS,
            LocalServices.STREAM,
            time -> services.kinesisClock.pass(time));
  }

  @AfterAll
  void stop() {
    services.close();
  }

  @BeforeEach
  void clear() {
    services.clear();
  }

  private static Records.NewRecord record(String key, String text) {
    return new Records.NewRecord(key, TestLetters.utf8(text));
  }

  private Records.Taken put(Bytes data) {
    return (Records.Taken) records.put(List.of(new Records.NewRecord("lobby", data))).getFirst();
  }

  @Test
  void putting_saysWhereEachIs_andWhichWereRefused() {
    services.kinesisServer.faults().next(Operation.PUT_RECORDS, 1, Fault.recordsThrottled(1));

    List<Records.Put> puts =
        records.put(List.of(record("a", "1"), record("b", "2"), record("c", "3")));

    assertThat(puts.get(0)).isInstanceOf(Records.Taken.class);
    assertThat(puts.get(1))
        .isInstanceOfSatisfying(
            Records.Refused.class,
            refused -> assertThat(refused.reason()).startsWith("ProvisionedThroughputExceeded"));
    assertThat(puts.get(2)).isInstanceOf(Records.Taken.class);
    assertThat(services.records()).containsExactlyInAnyOrder(record("a", "1"), record("c", "3"));
  }

  @Test
  void aStreamInTrouble_refusesAll_andIsNoFault() {
    try (var _ = services.kinesisServer.faults().whenever(_ -> true, Fault.internalFailure())) {
      assertThat(records.put(List.of(record("a", "1"), record("b", "2"))))
          .hasSize(2)
          .allMatch(put -> put instanceof Records.Refused);
    }
  }

  @Test
  void aStreamThatIsNotThere_isSaidToBeSo() {
    Records none =
        new KinesisRecords(
            services.kinesis, FAULTS, "nothing", time -> services.kinesisClock.pass(time));

    assertThatThrownBy(none::shards)
        .isInstanceOf(CannotGoOnException.class)
        .hasMessageContaining("the stream confab does not exist in us-east-1")
        .hasMessageContaining("--stream or --stack");
    assertThatThrownBy(() -> none.put(List.of(record("a", "1"))))
        .isInstanceOf(CannotGoOnException.class);
  }

  @Test
  void shards_haveTheirRanges() {
    Shards shards = records.shards();

    assertThat(shards.ranges()).hasSize(2);
    assertThat(shards.ranges().values())
        .anyMatch(range -> range.first().equals(BigInteger.ZERO))
        .anyMatch(range -> range.last().bitLength() == 128);
    Records.Taken taken = put(TestLetters.utf8("x"));
    assertThat(shards.ranges().keySet())
        .filteredOn(shard -> !shards.excludes(shard, "lobby"))
        .containsExactly(taken.shardId());
    assertThat(shards.excludes("shardId-000000000099", "lobby")).isFalse();
  }

  @Test
  void finding_givesTheRecord_alsoBetweenOthers() {
    List<Records.Taken> puts = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      puts.add(put(TestLetters.utf8("record " + i)));
    }

    for (int i = 0; i < 5; i++) {
      assertThat(records.find(puts.get(i).shardId(), puts.get(i).sequenceNumber()))
          .isEqualTo(new Records.Found(TestLetters.utf8("record " + i)));
    }
  }

  @Test
  void finding_survivesTheShardsLimitOfReads() {
    Records.Taken taken = put(TestLetters.utf8("x"));
    services.kinesisServer.faults().next(Operation.GET_RECORDS, 8, Fault.throttled());

    assertThat(records.find(taken.shardId(), taken.sequenceNumber()))
        .isEqualTo(new Records.Found(TestLetters.utf8("x")));
  }

  @Test
  void whatRetentionHasDropped_isGone() {
    Records.Taken taken = put(TestLetters.utf8("old"));
    services.kinesisClock.pass(Duration.ofDays(2));
    assertThat(records.find(taken.shardId(), taken.sequenceNumber()))
        .isInstanceOf(Records.Gone.class);

    put(TestLetters.utf8("young"));
    assertThat(records.find(taken.shardId(), taken.sequenceNumber()))
        .isInstanceOf(Records.Gone.class);
  }

  @Test
  void whatIsOfAnotherStreamOrShard_isGone() {
    assertThat(records.find("shardId-000000000077", TestLetters.position(1).sequenceNumber()))
        .isInstanceOf(Records.Gone.class);
    Records.Taken taken = put(TestLetters.utf8("x"));
    assertThat(records.find(taken.shardId(), TestLetters.position(1).sequenceNumber()))
        .isInstanceOf(Records.Gone.class);
  }
}
