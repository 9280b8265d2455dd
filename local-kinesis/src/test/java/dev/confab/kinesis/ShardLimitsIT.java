package dev.confab.kinesis;

import static dev.confab.kinesis.TestServer.FIRST_SHARD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** What a shard takes and gives in a second, on a clock that the test moves. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ShardLimitsIT {
  private static final SdkBytes HALF_A_MIB = SdkBytes.fromByteArray(new byte[512 * 1024 - 1]);
  private TestServer test;

  @BeforeAll
  void start() throws Exception {
    test = TestServer.start();
  }

  @AfterAll
  void stop() {
    test.close();
  }

  private static List<PutRecordsRequestEntry> entries(int count, SdkBytes data) {
    return Collections.nCopies(
        count, PutRecordsRequestEntry.builder().partitionKey("k").data(data).build());
  }

  private PutRecordsResponse putRecords(String stream, int count, SdkBytes data) {
    return test.kinesis.putRecords(
        request -> request.streamName(stream).records(entries(count, data)));
  }

  @Test
  void aShardTakesOneMiBASecond_keysIncluded() {
    test.server.ensureStream("bytes", 1);
    test.put("bytes", "k", HALF_A_MIB);
    test.put("bytes", "k", HALF_A_MIB);

    assertThatThrownBy(() -> test.put("bytes", "k", "x"))
        .isInstanceOf(ProvisionedThroughputExceededException.class)
        .hasMessageContaining(
            "Rate exceeded for shard shardId-000000000000 in stream bytes under account 000000000000.");
    test.clock.advance(Duration.ofSeconds(1));
    test.put("bytes", "k", HALF_A_MIB);
  }

  @Test
  void aShardTakes1000RecordsASecond_andPutRecordsFailsInPart() {
    test.server.ensureStream("records", 1);
    SdkBytes one = SdkBytes.fromUtf8String("x");
    assertThat(putRecords("records", 500, one).failedRecordCount()).isZero();
    assertThat(putRecords("records", 400, one).failedRecordCount()).isZero();

    PutRecordsResponse response = putRecords("records", 150, one);

    assertThat(response.failedRecordCount()).isEqualTo(50);
    assertThat(response.records().subList(0, 100))
        .allMatch(result -> result.sequenceNumber() != null && result.errorCode() == null);
    assertThat(response.records().subList(100, 150))
        .allMatch(
            result ->
                result.errorCode().equals("ProvisionedThroughputExceededException")
                    && result.errorMessage().startsWith("Rate exceeded for shard")
                    && result.sequenceNumber() == null);
    test.clock.advance(Duration.ofMillis(50));
    assertThat(putRecords("records", 150, one).failedRecordCount()).isEqualTo(100);
  }

  @Test
  void aShardIsReadFiveTimesASecond() {
    test.server.ensureStream("reads", 1);
    String iterator = test.iterator("reads", ShardIteratorType.TRIM_HORIZON);
    for (int i = 0; i < 5; i++) {
      test.get(iterator);
    }

    assertThatThrownBy(() -> test.get(iterator))
        .isInstanceOf(ProvisionedThroughputExceededException.class);
    test.clock.advance(Duration.ofMillis(200));
    test.get(iterator);
  }

  @Test
  void aReadOfTenMiB_blocksTheShardForFiveSeconds() {
    test.server.ensureStream("large", 1);
    for (int i = 0; i < 24; i++) {
      test.put("large", "k", HALF_A_MIB);
      test.clock.advance(Duration.ofSeconds(1));
    }
    String iterator = test.iterator("large", ShardIteratorType.TRIM_HORIZON);

    var read = test.get(iterator);

    assertThat(read.records()).hasSize(20);
    test.clock.advance(Duration.ofMillis(3_900));
    assertThatThrownBy(() -> test.get(read.nextShardIterator()))
        .isInstanceOf(ProvisionedThroughputExceededException.class);
    test.clock.advance(Duration.ofMillis(200));
    assertThat(test.get(read.nextShardIterator()).records()).hasSize(4);
  }

  @Test
  void limitsAreAShardsOwn_andCanBeSwitchedOff() throws Exception {
    test.server.ensureStream("two", 2);
    for (String hashKey : new String[] {"0", "340282366920938463463374607431768211455"}) {
      test.kinesis.putRecord(
          request ->
              request
                  .streamName("two")
                  .partitionKey("k")
                  .explicitHashKey(hashKey)
                  .data(SdkBytes.fromByteArray(new byte[1_000_000])));
    }
    try (TestServer unlimited = TestServer.start(options -> options.shardLimits(false))) {
      unlimited.server.ensureStream("free", 1);
      for (int i = 0; i < 4; i++) {
        unlimited.kinesis.putRecords(
            request ->
                request
                    .streamName("free")
                    .records(entries(500, SdkBytes.fromByteArray(new byte[2_000]))));
      }
      String iterator = unlimited.iterator("free", ShardIteratorType.TRIM_HORIZON);
      for (int i = 0; i < 10; i++) {
        assertThat(unlimited.get(iterator).records()).hasSize(2_000);
      }
    }
  }

  @Test
  void aRequestHas500RecordsAtMost_and10MiB() {
    test.server.ensureStream("request", 1);
    assertThatThrownBy(() -> putRecords("request", 501, SdkBytes.fromUtf8String("x")))
        .isInstanceOf(KinesisException.class)
        .hasMessageContaining(
            "'records' failed to satisfy constraint: Member must have length less than or equal to 500");
    assertThatThrownBy(() -> putRecords("request", 11, SdkBytes.fromByteArray(new byte[1_000_000])))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("Records size exceeds 10 MB limit");
  }

  @Test
  void aRecordHasOneMiBAtMost_unlessTheStreamAllowsMore() {
    SdkBytes tooLarge = SdkBytes.fromByteArray(new byte[1024 * 1024 + 1]);
    test.server.ensureStream("size", 1);
    assertThatThrownBy(() -> test.put("size", "k", tooLarge))
        .isInstanceOf(KinesisException.class)
        .hasMessageContaining("Member must have length less than or equal to 1048576");

    test.kinesis.updateMaxRecordSize(
        request -> request.streamARN(test.server.streamArn("size")).maxRecordSizeInKiB(10_240));

    assertThat(test.put("size", "k", tooLarge).shardId()).isEqualTo(FIRST_SHARD);
    test.clock.advance(Duration.ofSeconds(60));
    test.put("size", "k", SdkBytes.fromByteArray(new byte[10 * 1024 * 1024]));
    test.clock.advance(Duration.ofSeconds(5));
    assertThatThrownBy(() -> test.put("size", "k", "throttled: the shard is in debt"))
        .isInstanceOf(ProvisionedThroughputExceededException.class);
  }
}
