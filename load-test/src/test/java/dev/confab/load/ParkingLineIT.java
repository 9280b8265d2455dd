package dev.confab.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.DeadLetter;
import dev.confab.events.JsonObject;
import dev.confab.events.Position;
import dev.confab.events.UserId;
import dev.confab.load.verify.Proxy.Reaction;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;

/**
 * Records that persist can't store, on a whole stack whose queue fails, or is too small for them.
 */
final class ParkingLineIT {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir static Path folder;
  private static final SetForward KINESIS_CLOCK = new SetForward();
  private static BreakableStack world;
  private static Operator operator;

  /** The system's clock, and as much more as a test lets pass. */
  private static final class SetForward extends Clock {
    private volatile Duration ahead = Duration.ZERO;

    @Override
    public Instant instant() {
      return Instant.now().plus(ahead);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }
  }

  @BeforeAll
  static void start() throws Exception {
    world = new BreakableStack(KINESIS_CLOCK);
    operator = new Operator(world.stack, folder);
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  @BeforeEach
  void nothingLeft() {
    world.queues.pass();
    world.backdoor.purge(Backdoor.PERSIST_DLQ);
  }

  static Stream<Reaction> outages() {
    return Stream.of(
        new Reaction.Answer(500, "{\"__type\":\"InternalFailure\",\"message\":\"down\"}"),
        new Reaction.Drop(() -> {}));
  }

  @ParameterizedTest
  @MethodSource("outages")
  void queueOutage_holdsBackTheCheckpoint_andNothingIsSkipped(Reaction outage) throws Exception {
    AtomicInteger refused = new AtomicInteger();
    world.queues.react(
        call -> {
          refused.incrementAndGet();
          return outage;
        });
    byte[] garbage = "no event\u0000".getBytes(StandardCharsets.UTF_8);
    PutRecordResponse poison = world.backdoor.put("poison", garbage);
    awaitMore(refused);
    String run = outage instanceof Reaction.Drop ? "dropped-" : "refused-";
    List<Sent> behind = new ArrayList<>();
    List<Sent> elsewhere = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Sent sent = say(new ChatId(run + i));
      (sent.record.shardId().equals(poison.shardId()) ? behind : elsewhere).add(sent);
    }
    assertThat(behind).isNotEmpty();
    assertThat(elsewhere).isNotEmpty();
    await().atMost(PATIENCE).until(() -> elsewhere.stream().allMatch(Sent::isStored));
    Sent passed = elsewhere.getLast(); // by when this shard's checkpoint was due too
    await()
        .atMost(PATIENCE)
        .until(() -> checkpointOf(passed.record).compareTo(numberOf(passed.record)) >= 0);
    awaitMore(refused);
    assertThat(checkpointOf(poison))
        .as("the checkpoint, while the letter is in no queue")
        .isLessThan(numberOf(poison));
    assertThat(world.backdoor.depth(Backdoor.PERSIST_DLQ)).isZero();

    world.queues.pass();

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(behind).allMatch(Sent::isStored);
              assertThat(checkpointOf(poison))
                  .isGreaterThanOrEqualTo(numberOf(behind.getLast().record));
            });
    assertThat(world.backdoor.letters(Backdoor.PERSIST_DLQ))
        .singleElement()
        .isInstanceOfSatisfying(
            DeadLetter.RecordLetter.class,
            letter -> {
              assertThat(letter.payload()).isEqualTo(new DeadLetter.Inline(Bytes.of(garbage)));
              assertThat(letter.position()).isEqualTo(Position.of(poison.sequenceNumber(), 0));
              assertThat(letter.shardId()).isEqualTo(poison.shardId());
              assertThat(letter.partitionKey()).isEqualTo("poison");
            });
  }

  /** Waits until the queue was asked in vain three times more: that is one try and its retries. */
  private static void awaitMore(AtomicInteger refused) {
    int before = refused.get();
    await().atMost(PATIENCE).until(() -> refused.get() >= before + 3);
  }

  private static BigInteger checkpointOf(PutRecordResponse record) {
    return world.backdoor.persistCheckpoint(record.shardId());
  }

  private static BigInteger numberOf(PutRecordResponse record) {
    return new BigInteger(record.sequenceNumber());
  }

  /** A message on the stream. */
  private record Sent(ChatId chat, PutRecordResponse record) {
    boolean isStored() {
      String key = "MESSAGE#" + Position.of(record.sequenceNumber(), 0).value();
      return world.backdoor.messageItems(chat).stream()
          .anyMatch(item -> Backdoor.text(item, "SK").equals(key) && item.containsKey("text"));
    }
  }

  private static Sent say(ChatId chat) {
    byte[] event =
        ChatEvents.encode(
            new ChatEvent.MessageSent(
                chat,
                new UserId("bot"),
                new ClientMessageId("c-" + chat),
                "good",
                false,
                Instant.parse("2026-11-24T02:04:05.123Z"),
                null));
    return new Sent(chat, world.backdoor.put(chat.value(), event));
  }

  @Test
  void aRecordTooLargeForTheQueue_isExportedWhole_whileTheStreamRetainsIt() throws Exception {
    byte[] garbage = new byte[900_000];
    new Random(1).nextBytes(garbage);
    PutRecordResponse put = world.backdoor.put("large", garbage);
    Sent after = say(new ChatId("large"));
    await().atMost(PATIENCE).until(after::isStored);
    List<DeadLetter> letters =
        await()
            .atMost(PATIENCE)
            .until(() -> world.backdoor.letters(Backdoor.PERSIST_DLQ), found -> !found.isEmpty());
    DeadLetter.RecordLetter letter = (DeadLetter.RecordLetter) letters.getFirst();
    assertThat(letter.position()).isEqualTo(Position.of(put.sequenceNumber(), 0));
    assertThat(letter.payload()).isEqualTo(new DeadLetter.Pointer(sha256(garbage), garbage.length));

    Operator.Ran peek = operator.run("peek");
    assertThat(peek.code()).as("%s", peek).isZero();
    assertThat(peek.out()).contains("900,000 bytes under key large, in the stream");
    Path whole = folder.resolve("whole.jsonl");
    assertThat(operator.run("export", "--to=" + whole).code()).isZero();
    JsonObject line = JsonObject.parse(Files.readString(whole), 4 * garbage.length);
    assertThat(Bytes.ofBase64(line.string("data"))).isEqualTo(Bytes.of(garbage));
    assertThat(operator.run("run", "--execute").code()).as("larger than an event").isEqualTo(4);

    KINESIS_CLOCK.ahead = Duration.ofDays(8); // the stream retains seven
    for (List<String> command :
        List.of(
            List.of("run", "--execute"),
            List.of("peek"),
            List.of("export", "--to=" + folder.resolve("lost.jsonl")))) {
      Operator.Ran lost = operator.run(command.toArray(String[]::new));
      assertThat(lost.out()).contains("unrecoverable");
      assertThat(lost.code()).as("%s: %s", command, lost).isEqualTo(5);
    }
    assertThat(world.backdoor.depth(Backdoor.PERSIST_DLQ)).isEqualTo(1);
  }

  private static String sha256(byte[] data) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
  }
}
