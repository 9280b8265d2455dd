package dev.confab.persist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.confab.consumer.LocalAws;
import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Cursor;
import dev.confab.events.DeadLetter;
import dev.confab.events.DeadLetterCodec;
import dev.confab.events.Decoded;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.UserId;
import dev.confab.table.DynamoDbChatTable;
import dev.confab.table.Messages;
import dev.confab.table.TableDefinition;
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
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.sqs.model.Message;

/** A whole worker: from the stream over KCL into the table. */
@Timeout(180)
class PersistConsumerIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ChatId LOBBY = new ChatId("lobby");

  private final LocalAws aws = new LocalAws(1);
  private final DynamoDbClient dynamoDb = aws.config().newDynamoDb();
  private final Map<String, String> environment = aws.environment();
  private final String table = "chats-of-" + aws.name();
  private final Messages messages =
      new DynamoDbChatTable(dynamoDb, table, Runnable::run).messages();

  @BeforeEach
  void makeTable() {
    TableDefinition.create(dynamoDb, table);
    environment.put("TABLE_NAME", table);
  }

  @AfterEach
  void stop() {
    dynamoDb.close();
    aws.close();
  }

  private Position put(ChatEvent event) {
    return put(ChatEvents.encode(event));
  }

  private Position put(byte[] data) {
    String number =
        aws.producer()
            .putRecord(
                request ->
                    request
                        .streamName(aws.name())
                        .partitionKey(LOBBY.value())
                        .data(SdkBytes.fromByteArray(data)))
            .join()
            .sequenceNumber();
    return Position.of(number, 0);
  }

  private static ChatEvent.MessageSent say(String text, boolean resend) {
    return new ChatEvent.MessageSent(
        LOBBY,
        new UserId("ana"),
        new ClientMessageId("c-" + text),
        text,
        resend,
        Instant.parse("2026-11-24T12:00:00Z"),
        null);
  }

  private static Entry posted(Position position, Cursor prev, String text) {
    return Entry.Posted.of(position, prev, say(text, false));
  }

  private void awaitEntries(Entry... entries) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(messages.after(LOBBY, Cursor.start(), 100)).containsExactly(entries));
  }

  private List<Message> queued() {
    return aws.sqs()
        .receiveMessage(request -> request.queueUrl(aws.queueUrl()).maxNumberOfMessages(10))
        .messages();
  }

  /** What is on the stream, oldest first. */
  private List<Record> records() {
    String shardId =
        aws.producer()
            .listShards(request -> request.streamName(aws.name()))
            .join()
            .shards()
            .getFirst()
            .shardId();
    String iterator =
        aws.producer()
            .getShardIterator(
                request ->
                    request
                        .streamName(aws.name())
                        .shardId(shardId)
                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
            .join()
            .shardIterator();
    return aws.producer().getRecords(request -> request.shardIterator(iterator)).join().records();
  }

  @Test
  void whatIsOnTheStream_isStored_acrossARestart() throws Exception {
    Position one = put(say("one", false));
    byte[] garbage = "garbage".getBytes(StandardCharsets.UTF_8);
    Position poison = put(garbage);
    Entry first = posted(one, Cursor.start(), "one");
    try (PersistConsumer _ = PersistConsumer.start(environment)) {
      awaitEntries(first);
      List<Message> letters = await().atMost(PATIENCE).until(this::queued, all -> !all.isEmpty());
      DeadLetter.RecordLetter letter =
          (DeadLetter.RecordLetter) DeadLetterCodec.decode(letters.getFirst().body());
      assertThat(letter.position()).isEqualTo(poison);
      assertThat(letter.payload()).isEqualTo(new DeadLetter.Inline(Bytes.of(garbage)));
    }
    Position again = put(say("one", true));
    Position two = put(say("two", false));
    Entry marker = new Entry.Duplicate(again, one, one);
    try (PersistConsumer _ = PersistConsumer.start(environment)) {
      awaitEntries(first, marker, posted(two, again, "two"));
    }
  }

  @Test
  void aReplay_isStoredWhereItsRecordWas_andTold() {
    Position one = put(say("one", false));
    Position lost = put("of a message that could not be stored".getBytes(StandardCharsets.UTF_8));
    Position two = put(say("two", false));
    Bytes record = Bytes.of(ChatEvents.encode(say("lost", false)));
    put(new ChatEvent.Replay(LOBBY, lost, 1, record));
    try (PersistConsumer _ = PersistConsumer.start(environment)) {
      awaitEntries(
          posted(one, Cursor.start(), "one"), posted(lost, one, "lost"), posted(two, one, "two"));
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(
                          ChatEvents.decode(
                              LOBBY.value(), records().getLast().data().asByteArray()))
                      .isEqualTo(new Decoded.Event(new ChatEvent.Repaired(LOBBY, lost))));
    }
  }
}
