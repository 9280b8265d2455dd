package dev.confab.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

final class FaultsIT {
  private static final String STREAM = "stream";
  private TestServer test;

  @BeforeEach
  void start() throws Exception {
    test = TestServer.start();
    test.server.ensureStream(STREAM, 1);
  }

  @AfterEach
  void stop() {
    test.close();
  }

  private PutRecordsResponse putRecords(int count) {
    List<PutRecordsRequestEntry> entries =
        IntStream.range(0, count)
            .mapToObj(
                i ->
                    PutRecordsRequestEntry.builder()
                        .partitionKey("key-" + i)
                        .data(SdkBytes.fromUtf8String("" + i))
                        .build())
            .toList();
    return test.kinesis.putRecords(request -> request.streamName(STREAM).records(entries));
  }

  @Test
  void theNextCallsFail_asOftenAsWanted_andThenNoMore() {
    test.server.faults().next(Operation.PUT_RECORD, 2, Fault.throttled());
    test.server.faults().next(Operation.PUT_RECORD, 1, Fault.internalFailure());

    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> test.put(STREAM, "k", "lost"))
          .isInstanceOf(ProvisionedThroughputExceededException.class);
    }
    assertThatThrownBy(() -> test.put(STREAM, "k", "lost"))
        .isInstanceOf(KinesisException.class)
        .satisfies(error -> assertThat(((KinesisException) error).statusCode()).isEqualTo(500));
    test.put(STREAM, "k", "kept");

    assertThat(test.texts(STREAM)).containsExactly("kept");
  }

  @Test
  void aConnectionResetBefore_losesTheRecord_andResetAfter_onlyTheAck() {
    test.server.faults().next(Operation.PUT_RECORD, 1, new Fault.ResetBefore());
    test.server.faults().next(Operation.PUT_RECORD, 1, new Fault.ResetAfter());

    assertThatThrownBy(() -> test.put(STREAM, "k", "never arrived"))
        .isInstanceOf(SdkClientException.class);
    assertThatThrownBy(() -> test.put(STREAM, "k", "arrived"))
        .isInstanceOf(SdkClientException.class);

    assertThat(test.texts(STREAM)).containsExactly("arrived");
  }

  @Test
  void someRecordsOfAPutRecordsFail_theOthersAreIn() {
    test.server.faults().next(Operation.PUT_RECORDS, 1, Fault.recordsThrottled(1, 3));

    PutRecordsResponse response = putRecords(5);

    assertThat(response.failedRecordCount()).isEqualTo(2);
    assertThat(response.records().get(1).errorCode())
        .isEqualTo("ProvisionedThroughputExceededException");
    assertThat(response.records().get(3).sequenceNumber()).isNull();
    assertThat(response.records().get(4).sequenceNumber()).isNotNull();
    assertThat(test.texts(STREAM)).containsExactly("0", "2", "4");
    assertThat(
            test.get(test.iterator(STREAM, ShardIteratorType.TRIM_HORIZON)).records().stream()
                .map(record -> record.sequenceNumber()))
        .containsExactly(
            response.records().get(0).sequenceNumber(),
            response.records().get(2).sequenceNumber(),
            response.records().get(4).sequenceNumber());
  }

  @Test
  void randomFailures_areTheSameForTheSameSeed() {
    for (int round = 0; round < 2; round++) {
      test.server.faults().next(Operation.PUT_RECORDS, 1, Fault.recordsThrottledAtRandom(0.3, 42));
    }

    List<String> first = putRecords(50).records().stream().map(r -> "" + r.errorCode()).toList();
    List<String> second = putRecords(50).records().stream().map(r -> "" + r.errorCode()).toList();

    assertThat(first).isEqualTo(second);
    assertThat(first).contains("null", "ProvisionedThroughputExceededException");
  }

  @Test
  void aHookHoldsACall_whileOthersPass() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Runnable hold =
        () -> {
          reached.countDown();
          try {
            release.await();
          } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
          }
        };
    test.server.faults().next(Operation.PUT_RECORD, 1, new Fault.HeldBy(hold));

    CompletableFuture<PutRecordResponse> held =
        test.async.putRecord(
            r -> r.streamName(STREAM).partitionKey("k").data(SdkBytes.fromUtf8String("held")));
    assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();
    test.put(STREAM, "k", "passed");
    assertThat(held).isNotDone();
    release.countDown();
    held.get(20, TimeUnit.SECONDS);

    assertThat(test.texts(STREAM)).containsExactly("passed", "held");
  }

  @Test
  void aRuleInAScope_picksByStream_untilItIsClosed() {
    test.server.ensureStream("other", 1);
    try (Faults.Scope _ =
        test.server
            .faults()
            .whenever(call -> call.streamName().equals("other"), Fault.throttled())) {
      test.put(STREAM, "k", "passed");
      assertThatThrownBy(() -> test.put("other", "k", "refused"))
          .isInstanceOf(ProvisionedThroughputExceededException.class);
    }
    test.put("other", "k", "passed");
  }
}
