package dev.confab.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Decoded;
import dev.confab.events.Position;
import dev.confab.events.UserId;
import dev.confab.kinesis.Fault;
import dev.confab.kinesis.LocalKinesis;
import dev.confab.kinesis.Operation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** The stream as the handlers' own client sees it. */
class KinesisStreamIT {
  private static LocalKinesis server;
  private static KinesisClient client;
  private static int streams;

  private String streamName;
  private KinesisStream stream;

  @BeforeAll
  static void start() throws IOException {
    System.setProperty("aws.accessKeyId", "local");
    System.setProperty("aws.secretAccessKey", "local");
    server = LocalKinesis.builder().start();
    client =
        Ingest.kinesis(
            new IngestConfig(
                "confab", "confab", "us-east-1", server.endpoint(), null, 10, 50, "off"),
            Ingest.Services.real());
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  @BeforeEach
  void newStream() {
    streamName = "confab-" + ++streams;
    server.ensureStream(streamName, 1);
    stream = new KinesisStream(client, streamName);
  }

  @AfterEach
  void mend() {
    server.faults().clear();
  }

  private static ChatEvent.MessageSent message(int number) {
    return new ChatEvent.MessageSent(
        new ChatId("chat-" + number),
        new UserId("ana"),
        new ClientMessageId("c-" + number),
        "hello",
        false,
        Backend.NOW,
        null);
  }

  private List<Record> records() {
    String iterator =
        client
            .getShardIterator(
                get ->
                    get.streamName(streamName)
                        .shardId("shardId-000000000000")
                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
            .shardIterator();
    return client.getRecords(get -> get.shardIterator(iterator)).records();
  }

  private List<ChatEvent> events() {
    List<ChatEvent> events = new ArrayList<>();
    for (Record record : records()) {
      var decoded = ChatEvents.decode(record.partitionKey(), record.data().asByteArray());
      assertThat(decoded).isInstanceOf(Decoded.Event.class);
      events.add(((Decoded.Event) decoded).event());
    }
    return events;
  }

  private static Publisher publisher() {
    MutableClock clock = new MutableClock(Backend.NOW);
    return new Publisher(
        new KinesisStream(client, "confab-" + streams),
        new Retries(clock, new SplittableRandom(1), clock::advance));
  }

  @Test
  void put_isInTheChatsPartition_atThePositionAnswered() {
    Stream.Put put = stream.put(message(1));

    Record record = records().getFirst();
    assertThat(record.partitionKey()).isEqualTo("chat-1");
    assertThat(put).isEqualTo(new Stream.Taken(Position.of(record.sequenceNumber(), 0)));
    assertThat(events()).containsExactly(message(1));
  }

  /**
   * The JDK's HTTP client sends a POST again by itself if a kept connection breaks, unless its
   * length was told before. That would be a second copy that nobody marked.
   */
  @Test
  void ackThatIsLost_isUnknown_andNothingSendsItAgainByItself() {
    stream.put(message(1)); // so that the connection is a kept one
    server.faults().next(Operation.PUT_RECORD, 1, new Fault.ResetAfter());

    assertThat(stream.put(message(2))).isInstanceOf(Stream.Unknown.class);
    assertThat(events()).containsExactly(message(1), message(2));
  }

  @Test
  void connectionThatBreaks_isUnknown_andNothingIsThere() {
    stream.put(message(1));
    server.faults().next(Operation.PUT_RECORD, 1, new Fault.ResetBefore());
    assertThat(stream.put(message(2))).isInstanceOf(Stream.Unknown.class);
    server.faults().next(Operation.PUT_RECORDS, 1, new Fault.ResetBefore());
    assertThat(stream.putAll(List.of(message(3), message(4))))
        .hasSize(2)
        .allMatch(Stream.Unknown.class::isInstance);
    assertThat(events()).containsExactly(message(1));
  }

  @Test
  void throttledAndFailing_areUnknown_onOneTryEach() {
    for (Fault fault : List.of(Fault.throttled(), Fault.internalFailure())) {
      server.faults().next(Operation.PUT_RECORD, 1, fault);
      assertThat(stream.put(message(1))).isInstanceOf(Stream.Unknown.class);
    }
    server
        .faults()
        .next(
            Operation.PUT_RECORD, 1, new Fault.ErrorAnswer("ServiceUnavailable", 503, "try later"));
    assertThat(stream.put(message(1)))
        .isEqualTo(new Stream.Unknown("ServiceUnavailable 503: try later"));
    assertThat(events()).isEmpty();
  }

  @Test
  void whatNoRetryMends_isAFault() {
    KinesisStream none = new KinesisStream(client, "none");
    assertThatThrownBy(() -> none.put(message(1))).isInstanceOf(ResourceNotFoundException.class);
    assertThatThrownBy(() -> none.putAll(List.of(message(1))))
        .isInstanceOf(ResourceNotFoundException.class);
    server
        .faults()
        .next(Operation.PUT_RECORD, 1, new Fault.ErrorAnswer("AccessDeniedException", 400, "no"));
    assertThatThrownBy(() -> stream.put(message(1))).hasMessageContaining("no");
  }

  @Test
  void putsThatPartlyFail_areToldApart() {
    server.faults().next(Operation.PUT_RECORDS, 1, Fault.recordsThrottled(0, 2));

    List<Stream.Put> puts = stream.putAll(List.of(message(0), message(1), message(2), message(3)));

    assertThat(puts.get(0)).isInstanceOf(Stream.Unknown.class);
    assertThat(puts.get(1)).isInstanceOf(Stream.Taken.class);
    assertThat(puts.get(2)).isInstanceOf(Stream.Unknown.class);
    assertThat(puts.get(3)).isInstanceOf(Stream.Taken.class);
    assertThat(events()).containsExactlyInAnyOrder(message(1), message(3));
  }

  @Test
  void publisher_marksTheCopyThatItSendsAgain() {
    server.faults().next(Operation.PUT_RECORD, 1, new Fault.ResetAfter());

    Stream.Put put = publisher().send(message(1), Backend.NOW.plusSeconds(10));

    assertThat(events())
        .extracting(event -> ((ChatEvent.MessageSent) event).resend())
        .containsExactly(false, true);
    assertThat(put)
        .as("the position of the copy that was answered")
        .isEqualTo(new Stream.Taken(Position.of(records().getLast().sequenceNumber(), 0)));
  }

  @Test
  void publisher_sendsAgainWhatFailed_andNothingElse() {
    server.faults().next(Operation.PUT_RECORDS, 1, Fault.recordsThrottled(5, 7, 199));
    server.faults().next(Operation.PUT_RECORDS, 1, Fault.throttled());
    List<ChatEvent> all =
        IntStream.range(0, 200).<ChatEvent>mapToObj(KinesisStreamIT::message).toList();

    List<Stream.Put> puts = publisher().publishAll(all, Backend.NOW.plusSeconds(10));

    assertThat(puts).hasSize(200).allMatch(Stream.Taken.class::isInstance);
    assertThat(events()).containsExactlyInAnyOrderElementsOf(all);
  }
}
