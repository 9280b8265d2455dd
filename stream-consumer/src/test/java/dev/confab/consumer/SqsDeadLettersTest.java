package dev.confab.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Bytes;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.DeadLetter;
import dev.confab.events.DeadLetterCodec;
import dev.confab.events.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResultEntry;

class SqsDeadLettersTest {
  private static final Instant NOW = Instant.parse("2026-11-24T02:04:05.123Z");
  private final List<List<String>> batches = new ArrayList<>();

  /** SQS, of which only the one call is there. */
  private DeadLetters queue(Function<SendMessageBatchRequestEntry, String> errorOf) {
    return new SqsDeadLetters(
        new SqsClient() {
          @Override
          public SendMessageBatchResponse sendMessageBatch(SendMessageBatchRequest request) {
            batches.add(request.entries().stream().map(SendMessageBatchRequestEntry::id).toList());
            SendMessageBatchResponse.Builder response = SendMessageBatchResponse.builder();
            List<SendMessageBatchResultEntry> successful = new ArrayList<>();
            List<BatchResultErrorEntry> failed = new ArrayList<>();
            for (SendMessageBatchRequestEntry entry : request.entries()) {
              String error = errorOf.apply(entry);
              switch (error) {
                case "" ->
                    successful.add(SendMessageBatchResultEntry.builder().id(entry.id()).build());
                case "forgotten" -> {}
                default ->
                    failed.add(
                        BatchResultErrorEntry.builder()
                            .id(entry.id())
                            .code(error)
                            .message("busy")
                            .build());
              }
            }
            return response.successful(successful).failed(failed).build();
          }

          @Override
          public String serviceName() {
            return SERVICE_NAME;
          }

          @Override
          public void close() {}
        },
        "https://sqs.example/queue");
  }

  @Test
  void entryThatFailed_isRefused_thoughTheCallSucceeded() {
    DeadLetters queue = queue(entry -> entry.id().equals("1") ? "InternalError" : "");

    assertThat(queue.send(letters(11)))
        .isEqualTo(new DeadLetters.Refused(List.of(letters(11).get(1)), "InternalError: busy"));
    assertThat(batches).hasSize(2); // no reason to hold back the others
  }

  @Test
  void entryThatTheAnswerDoesNotMention_isRefused() {
    DeadLetters queue = queue(entry -> entry.id().equals("2") ? "forgotten" : "");

    assertThat(queue.send(letters(3)))
        .isEqualTo(
            new DeadLetters.Refused(
                List.of(letters(3).get(2)), "SQS did not say what became of a letter"));
  }

  @Test
  void batches_holdTenAtMost() {
    assertThat(queue(_ -> "").send(letters(25))).isEqualTo(new DeadLetters.Taken());
    assertThat(batches).extracting(List::size).containsExactly(10, 10, 5);
  }

  @Test
  void batches_holdNoMoreBytesThanAMessageMay() {
    DeadLetter large = record(new byte[300_000]); // 533,000 bytes as a message

    assertThat(queue(_ -> "").send(List.of(letter(1), large, large, letter(2))))
        .isEqualTo(new DeadLetters.Taken());

    assertThat(batches).extracting(List::size).containsExactly(2, 2);
  }

  @Test
  void letterThatJustFits_isInline_andOneALittleLargerIsAPointer() {
    int fits = 500_000;
    for (int step = 1 << 17; step > 0; step /= 2) {
      if (DeadLetterCodec.encode(record(new byte[fits + step])).length()
          <= SqsDeadLetters.MAX_BYTES) {
        fits += step;
      }
    }
    List<String> bodies = new ArrayList<>();
    DeadLetters queue =
        queue(
            entry -> {
              bodies.add(entry.messageBody());
              return "";
            });

    var _ = queue.send(List.of(record(new byte[fits])));
    var _ = queue.send(List.of(record(new byte[fits + 1])));

    assertThat(bodies.get(0)).hasSizeGreaterThan(SqsDeadLetters.MAX_BYTES - 8);
    assertThat(bodies.get(0)).isEqualTo(DeadLetterCodec.encode(record(new byte[fits])));
    assertThat(bodies.get(1)).hasSizeLessThan(1_000);
  }

  @Test
  void queueThatIsDown_isTriedOnceAndRefusesAll() {
    DeadLetters queue =
        queue(
            _ -> {
              throw SdkClientException.create("time-out");
            });

    assertThat(queue.send(letters(25))).isEqualTo(new DeadLetters.Refused(letters(25), "time-out"));
    assertThat(batches).hasSize(1);
  }

  @Test
  void nothing_isTaken() {
    assertThat(queue(_ -> "").send(List.of())).isEqualTo(new DeadLetters.Taken());
    assertThat(batches).isEmpty();
  }

  private static List<DeadLetter> letters(int count) {
    return IntStream.range(0, count).<DeadLetter>mapToObj(SqsDeadLettersTest::letter).toList();
  }

  private static DeadLetter record(byte[] data) {
    return new DeadLetter.RecordLetter(
        new DeadLetter.Failure("Malformed", "no text", 1, NOW, NOW),
        "shardId-000000000000",
        Position.of("1", 0),
        "lobby",
        null,
        null,
        0,
        new DeadLetter.Inline(Bytes.of(data)));
  }

  private static DeadLetter letter(int sequenceNumber) {
    return new DeadLetter.PushLetter(
        new DeadLetter.Failure("Throttled", "429", 3, NOW, NOW),
        "shardId-000000000000",
        new ChatId("lobby"),
        List.of(Position.of(String.valueOf(sequenceNumber), 0)),
        List.of(new ConnectionId("abc=")),
        0);
  }
}
