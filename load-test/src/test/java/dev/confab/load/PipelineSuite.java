package dev.confab.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.confab.consumer.Aggregates;
import dev.confab.events.Access;
import dev.confab.events.Bytes;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientMessageId;
import dev.confab.events.DeadLetter;
import dev.confab.events.Entry;
import dev.confab.events.ServerFrame;
import dev.confab.local.LocalStack;
import dev.confab.metrics.EmfSpecification;
import dev.confab.metrics.Metric;
import dev.confab.metrics.StageName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Real messages through the whole pipeline, by real clients, on whichever Kinesis, DynamoDB and
 * SQS. What earlier runs left there doesn't matter.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PipelineSuite {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final String run = "-" + HexFormat.of().toHexDigits(new SecureRandom().nextInt());

  @TempDir private static Path folder;
  private LocalStack stack;
  private Backdoor backdoor;

  /** Starts a stack, which the suite stops. */
  abstract LocalStack start(Path metrics);

  @BeforeAll
  void startStack() {
    stack = start(metrics());
    backdoor = new Backdoor(stack);
  }

  @AfterAll
  void stopStack() {
    if (backdoor != null) { // else the stack did not start, and said why
      backdoor.close();
      stack.close();
    }
  }

  private static Path metrics() {
    return folder.resolve("metrics.jsonl");
  }

  private Frames connect(String user) {
    return Frames.connect(stack.webSocketUri(), stack.tokenFor(user));
  }

  private static ClientFrame send(String chat, String id, String text) {
    return new ClientFrame.SendMessage(
        "r-" + id, new ChatId(chat), new ClientMessageId(id), text, false);
  }

  /** Two members of a chat, both subscribed. */
  private record Pair(Frames ana, Frames ben) implements AutoCloseable {
    @Override
    public void close() {
      ana.close();
      ben.close();
    }
  }

  private Pair pairIn(String chat) throws InterruptedException {
    Frames ana = connect("ana");
    ana.send(new ClientFrame.CreateChat("r-1", new ChatId(chat), "Talk", Access.OPEN));
    assertThat(ana.next(ServerFrame.ChatCreated.class).requestId()).isEqualTo("r-1");
    ana.send(new ClientFrame.Join("r-2", new ChatId(chat)));
    assertThat(ana.next(ServerFrame.Joined.class).requestId()).isEqualTo("r-2");
    Frames ben = connect("ben");
    ben.send(new ClientFrame.Join("r-3", new ChatId(chat)));
    assertThat(ben.next(ServerFrame.Joined.class).requestId()).isEqualTo("r-3");
    return new Pair(ana, ben);
  }

  @Test
  void aMessageReachesBothClients_historyAndTheTable() throws InterruptedException {
    String lobby = "lobby" + run;
    try (Pair pair = pairIn(lobby)) {
      pair.ana().send(send(lobby, "m-1", "hello"));
      ServerFrame.Sent sent = first(pair.ana(), ServerFrame.Sent.class);
      Entry.Posted toAna = first(pair.ana(), ServerFrame.Messages.class).messages().getFirst();
      Entry.Posted toBen = pair.ben().next(ServerFrame.Messages.class).messages().getFirst();
      assertThat(toAna).isEqualTo(toBen);
      assertThat(toBen.position()).isEqualTo(sent.position());
      assertThat(toBen.text()).isEqualTo("hello");

      Entry.Shown stored =
          await()
              .atMost(PATIENCE)
              .until(() -> history(pair.ben(), lobby), page -> !page.messages().isEmpty())
              .messages()
              .getFirst();
      assertThat(stored).isInstanceOf(Entry.Posted.class);
      assertThat(stored.position()).isEqualTo(sent.position());

      Map<String, AttributeValue> item = backdoor.messageItems(new ChatId(lobby)).getFirst();
      assertThat(item)
          .containsEntry("SK", AttributeValue.fromS("MESSAGE#" + sent.position().value()))
          .containsEntry("GSI1PK", AttributeValue.fromS("USER#ana"));
    }
  }

  /** Wherever it came among the others: an answer and a live frame have no order. */
  private static <F extends ServerFrame> F first(Frames client, Class<F> kind) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> client.all().stream().filter(kind::isInstance).map(kind::cast).findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  private static ServerFrame.History history(Frames client, String chat)
      throws InterruptedException {
    client.send(new ClientFrame.History(null, new ChatId(chat), null, null, 50));
    return client.next(ServerFrame.History.class);
  }

  @Test
  void outsideProducersRecordsArrive_plainAndAggregated() throws Exception {
    String outside = "outside" + run;
    try (Pair pair = pairIn(outside)) {
      backdoor.put(outside, record(outside, "o-1", "plain"));
      assertThat(texts(pair.ben(), 1)).containsExactly("plain");

      Aggregates aggregate =
          new Aggregates()
              .add(outside, Bytes.of(record(outside, "o-2", "first")))
              .add(outside, Bytes.of(record(outside, "o-3", "second")));
      backdoor.put(outside, aggregate.build().toArray());
      assertThat(texts(pair.ben(), 2)).containsExactly("first", "second");

      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(history(pair.ben(), outside).messages()).hasSize(3));
    }
  }

  private static List<String> texts(Frames client, int count) throws InterruptedException {
    List<String> texts = new ArrayList<>();
    while (texts.size() < count) {
      client.next(ServerFrame.Messages.class).messages().forEach(one -> texts.add(one.text()));
    }
    return texts;
  }

  @Test
  void garbageIsParkedByteForByte_andDelaysNobody() throws InterruptedException {
    byte[] garbage = {(byte) 0xff, 0, 1, 2, '{', '"', (byte) 0xc0};
    String tidy = "tidy" + run;
    try (Pair pair = pairIn(tidy)) {
      backdoor.put(tidy, garbage);
      pair.ana().send(send(tidy, "t-1", "after the garbage"));
      assertThat(texts(pair.ben(), 1)).containsExactly("after the garbage");
      List<DeadLetter.RecordLetter> letters =
          await().atMost(PATIENCE).until(() -> lettersOf(tidy), found -> !found.isEmpty());
      assertThat(letters.getFirst().payload())
          .isInstanceOfSatisfying(
              DeadLetter.Inline.class,
              inline -> assertThat(inline.data().toArray()).isEqualTo(garbage));
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(history(pair.ben(), tidy).messages()).hasSize(1));
    }
  }

  private List<DeadLetter.RecordLetter> lettersOf(String partitionKey) throws Exception {
    List<DeadLetter.RecordLetter> letters = new ArrayList<>();
    for (DeadLetter one : backdoor.letters(Backdoor.PERSIST_DLQ)) {
      if (one instanceof DeadLetter.RecordLetter letter
          && letter.partitionKey().equals(partitionKey)) {
        letters.add(letter);
      }
    }
    return letters;
  }

  @Test
  void badFramesAreAnsweredWithACode() throws InterruptedException {
    try (Frames ana = connect("ana")) {
      ana.sendText("{\"action\":\"dance\",\"requestId\":\"r-9\"}");
      assertThat(ana.next(ServerFrame.Failed.class).code().name()).isEqualTo("UNKNOWN_ACTION");
      ana.sendText("not json");
      assertThat(ana.next(ServerFrame.Failed.class).code().name()).isEqualTo("INVALID_FRAME");
      ana.send(new ClientFrame.Join("r-8", new ChatId("nowhere" + run)));
      assertThat(ana.next(ServerFrame.Failed.class).code().name()).isEqualTo("CHAT_NOT_FOUND");
    }
  }

  /**
   * What the whole line says about itself, as CloudWatch would read it: an alarm on a metric that
   * never comes is worth nothing.
   */
  @Test
  void everyStageSaysHowItDoes_inLinesOfWhichCloudWatchMakesMetrics() throws Exception {
    String measured = "measured" + run;
    try (Pair pair = pairIn(measured)) {
      pair.ana().send(send(measured, "e-1", "secret words"));
      assertThat(texts(pair.ben(), 1)).containsExactly("secret words");
      pair.ana()
          .send(
              new ClientFrame.SendMessage(
                  null, new ChatId(measured), new ClientMessageId("e-1"), "secret words", true));
      pair.ana().sendText("{\"action\":\"dance\"}");
      backdoor.put(measured, "garbage".getBytes(StandardCharsets.UTF_8));
    }
    Set<String> expected =
        Set.of(
            "ingest Accepted",
            "ingest PutLatency",
            "ingest Rejected UNKNOWN_ACTION",
            "persist BatchSize",
            "persist MillisBehindLatest",
            "persist Persisted",
            "persist ResendsFound",
            "persist EndToEndAge",
            "persist DeadLettered",
            "persist is idle",
            "fanout is idle",
            "fanout BatchSize",
            "fanout MillisBehindLatest",
            "fanout Pushed",
            "fanout EndToEndAge");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(readings().keySet()).containsAll(expected));
    assertThat(Files.readString(metrics()))
        .doesNotContain("secret words", "measured", "ana", "ben");
  }

  /** Each metric of the lines written so far, after the lines are held against the format. */
  private static Map<String, EmfSpecification.Reading> readings() throws IOException {
    Map<String, EmfSpecification.Reading> readings = new HashMap<>();
    for (String line : Files.readAllLines(metrics())) {
      assertThat(EmfSpecification.breaches(line)).as(line).isEmpty();
      if (line.contains("MillisBehindLatest") && !line.contains("BatchSize")) {
        EmfSpecification.Reading alone = EmfSpecification.readings(line).getFirst();
        readings.put(alone.stage() + " is idle", alone); // said with no batch, by a timer
      }
      for (EmfSpecification.Reading reading : EmfSpecification.readings(line)) {
        assertThat(reading.namespace()).isEqualTo("Confab");
        assertThat(reading.stream()).isEqualTo("confab");
        assertThat(Metric.values())
            .as(line)
            .anySatisfy(
                metric -> {
                  assertThat(metric.title()).isEqualTo(reading.name());
                  assertThat(metric.unit().word()).isEqualTo(reading.unit());
                  assertThat(metric.stages()).extracting(StageName::word).contains(reading.stage());
                });
        readings.put(
            (reading.stage() + " " + reading.name() + " " + reading.code()).strip(), reading);
      }
    }
    return readings;
  }

  /** As docs/stream-record.schema.json has it. */
  private static byte[] record(String chat, String id, String text) {
    return """
        {"v":1,"type":"message","chatId":"%s","senderId":"bot","clientMessageId":"%s",
         "text":"%s","sentAt":"2026-11-24T02:04:05.123Z"}"""
        .formatted(chat, id, text)
        .getBytes(StandardCharsets.UTF_8);
  }
}
