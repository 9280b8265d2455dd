package dev.confab.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Bytes;
import dev.confab.events.ChatId;
import dev.confab.events.DeadLetter;
import dev.confab.events.DeadLetterCodec;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.Message;

class SqsDeadLettersIT {
  private static final Instant NOW = Instant.parse("2026-11-24T02:04:05.123Z");
  private static LocalAws aws;
  private String queueUrl;
  private SqsDeadLetters letters;

  @BeforeAll
  static void start() {
    aws = new LocalAws(1);
  }

  @AfterAll
  static void stop() {
    aws.close();
  }

  @BeforeEach
  void queue() {
    queueUrl =
        aws.sqs().createQueue(request -> request.queueName("q" + System.nanoTime())).queueUrl();
    letters = new SqsDeadLetters(aws.sqs(), queueUrl);
  }

  @Test
  void letters_lieInTheQueueAsTheyWereSent() throws InvalidJsonException {
    List<DeadLetter> sent = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      sent.add(letter(i, Bytes.of(new byte[] {(byte) i, 0, -1})));
    }

    assertThat(letters.send(sent)).isEqualTo(new DeadLetters.Taken());

    assertThat(received()).containsExactlyInAnyOrderElementsOf(sent);
  }

  @Test
  void recordTooLargeForAMessage_isPointedTo() throws InvalidJsonException {
    byte[] data = new byte[1024 * 1024];
    Arrays.fill(data, (byte) 'x');

    assertThat(letters.send(List.of(letter(7, Bytes.of(data))))).isEqualTo(new DeadLetters.Taken());

    DeadLetter.RecordLetter received = (DeadLetter.RecordLetter) received().getFirst();
    assertThat(received.position()).isEqualTo(Position.of("7", 0));
    assertThat(received.shardId()).isEqualTo("shardId-000000000000");
    assertThat(received.payload())
        .isEqualTo( // head -c 1048576 /dev/zero | tr '\0' x | sha256sum
            new DeadLetter.Pointer(
                "8f990ba0b577b51cf009ea049368c16bbda1b21e1b93be07a824758bb253c39b", 1048576));
  }

  @Test
  void queueThatIsNotThere_refusesAll_withTheReason() {
    List<DeadLetter> sent =
        List.of(letter(1, Bytes.of(new byte[0])), letter(2, Bytes.of(new byte[0])));

    DeadLetters.Receipt receipt = new SqsDeadLetters(aws.sqs(), queueUrl + "x").send(sent);

    assertThat(receipt).isInstanceOf(DeadLetters.Refused.class);
    assertThat(((DeadLetters.Refused) receipt).letters()).isEqualTo(sent);
    assertThat(((DeadLetters.Refused) receipt).reason()).contains("queue");
  }

  private static DeadLetter letter(int sequenceNumber, Bytes data) {
    return new DeadLetter.RecordLetter(
        new DeadLetter.Failure("Malformed", "no text", 1, NOW, NOW),
        "shardId-000000000000",
        Position.of(String.valueOf(sequenceNumber), 0),
        "lobby",
        new ChatId("lobby"),
        null,
        0,
        new DeadLetter.Inline(data));
  }

  private List<DeadLetter> received() throws InvalidJsonException {
    List<DeadLetter> received = new ArrayList<>();
    while (true) {
      List<Message> messages =
          aws.sqs()
              .receiveMessage(request -> request.queueUrl(queueUrl).maxNumberOfMessages(10))
              .messages();
      if (messages.isEmpty()) {
        return received;
      }
      for (Message message : messages) {
        received.add(DeadLetterCodec.decode(message.body()));
      }
    }
  }
}
