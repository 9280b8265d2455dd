package dev.confab.fanout;

import static dev.confab.fanout.FanoutWorld.LOBBY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.confab.consumer.LocalAws;
import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ClientMessageId;
import dev.confab.events.ConnectionId;
import dev.confab.events.DeadLetter;
import dev.confab.events.DeadLetterCodec;
import dev.confab.events.Entry;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.Position;
import dev.confab.events.Role;
import dev.confab.events.ServerFrame;
import dev.confab.events.ServerFrames;
import dev.confab.events.UserId;
import dev.confab.table.DynamoDbChatTable;
import dev.confab.table.TableDefinition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.sqs.model.Message;

/** A whole worker: from the stream over KCL to the wire. */
@Timeout(180)
class FanoutConsumerIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ConnectionId B1 = new ConnectionId("L0SM9cOFvHcCIhw=");

  private final LocalAws aws = new LocalAws(1);
  private final StubEndpoint endpoint = new StubEndpoint();
  private final DynamoDbClient dynamoDb = aws.config().newDynamoDb();
  private final Map<String, String> environment = aws.environment();

  @BeforeEach
  void makeTable() {
    String table = "chats-of-" + aws.name();
    TableDefinition.create(dynamoDb, table);
    new DynamoDbChatTable(dynamoDb, table, Runnable::run)
        .members()
        .add(LOBBY, new UserId("bob"), Role.MEMBER);
    environment.put("TABLE_NAME", table);
    environment.put("CONNECTIONS_ENDPOINT", endpoint.uri().toString());
    endpoint.open(B1);
  }

  @AfterEach
  void stop() throws IOException {
    dynamoDb.close();
    endpoint.close();
    aws.close();
  }

  private Position put(ChatEvent event) {
    return put(event.chatId().value(), ChatEvents.encode(event));
  }

  private Position put(String key, byte[] data) {
    String number =
        aws.producer()
            .putRecord(
                request ->
                    request
                        .streamName(aws.name())
                        .partitionKey(key)
                        .data(SdkBytes.fromByteArray(data)))
            .join()
            .sequenceNumber();
    return Position.of(number, 0);
  }

  private static ChatEvent subscribe() {
    Instant now = Instant.now();
    return new ChatEvent.Subscribed(
        LOBBY, new UserId("bob"), B1, 1, now.plusSeconds(3_600), "r-1", now, null);
  }

  private static ChatEvent say(String text) {
    return new ChatEvent.MessageSent(
        LOBBY,
        new UserId("ana"),
        new ClientMessageId("c-" + text),
        text,
        false,
        Instant.now(),
        null);
  }

  private List<ServerFrame> frames() {
    return endpoint.framesOf(B1).stream().map(FanoutConsumerIT::parse).toList();
  }

  private static ServerFrame parse(Bytes frame) {
    try {
      return ServerFrames.parse(new String(frame.toArray(), StandardCharsets.UTF_8));
    } catch (InvalidJsonException notOurs) {
      throw new AssertionError(notOurs);
    }
  }

  private List<Entry.Posted> messages() {
    return frames().stream()
        .filter(ServerFrame.Messages.class::isInstance)
        .flatMap(frame -> ((ServerFrame.Messages) frame).messages().stream())
        .toList();
  }

  private void awaitTexts(String... texts) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(messages()).extracting(Entry.Posted::text).containsExactly(texts));
  }

  private List<Message> queued() {
    return aws.sqs()
        .receiveMessage(request -> request.queueUrl(aws.queueUrl()).maxNumberOfMessages(10))
        .messages();
  }

  @Test
  void whatIsOnTheStream_reachesTheConnection_acrossARestart() {
    Position subscribed = put(subscribe());
    Position one = put(say("one"));
    put("lobby", "garbage".getBytes(StandardCharsets.UTF_8));
    try (FanoutConsumer _ = FanoutConsumer.start(environment)) {
      awaitTexts("one");
      Position two = put(say("two"));
      awaitTexts("one", "two");
      ServerFrame.Joined joined = (ServerFrame.Joined) frames().getFirst();
      assertThat(joined.position()).isEqualTo(subscribed);
      assertThat(joined.requestId()).isEqualTo("r-1");
      assertThat(messages()).extracting(Entry.Posted::position).containsExactly(one, two);
      assertThat(messages().getLast().prev()).isEqualTo(one);
    }
    put(say("three"));
    try (FanoutConsumer _ = FanoutConsumer.start(environment)) {
      awaitTexts("one", "two", "three"); // nothing again: the checkpoint was kept
      assertThat(messages().getLast().prev()).isNull();
    }
    assertThat(queued()).as("garbage is persist's to report").isEmpty();
  }

  @Test
  void whatCannotBePushed_liesInTheQueue() throws Exception {
    put(subscribe());
    try (FanoutConsumer _ = FanoutConsumer.start(environment)) {
      await().atMost(PATIENCE).until(() -> frames().size() == 1);
      endpoint.fail(
          line -> line.startsWith("POST") ? InMemoryPushes.Fault.SLOW : InMemoryPushes.Fault.NONE);
      Position missed = put(say("missed"));
      List<Message> letters = await().atMost(PATIENCE).until(this::queued, all -> !all.isEmpty());
      DeadLetter.PushLetter letter =
          (DeadLetter.PushLetter) DeadLetterCodec.decode(letters.getFirst().body());
      assertThat(letter.positions()).containsExactly(missed);
      assertThat(letter.connectionIds()).containsExactly(B1);
      assertThat(letter.failure().errorText()).isEqualTo("HTTP 429 LimitExceededException");
    }
  }
}
