package dev.confab.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.DeadLetter;
import dev.confab.events.DeadLetterCodec;
import dev.confab.events.Position;
import dev.confab.kinesis.Fault;
import dev.confab.kinesis.Operation;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.SdkBytes;

/** The command line against SQS and Kinesis over HTTP, in this JVM and as the jar of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ReplayIT {
  private static final Path JAR = Path.of("target", "dlq-replayer.jar");
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path folder;
  private LocalServices services;

  @BeforeAll
  void start() throws Exception {
    services = new LocalServices();
  }

  @AfterAll
  void stop() {
    services.close();
  }

  @BeforeEach
  void clear() {
    services.clear();
  }

  private Bench.Ran run(String... args) {
    return run(services.environment(), args);
  }

  private Bench.Ran run(Map<String, String> environment, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--audit", folder.resolve("audit.jsonl").toString()));
    int code =
        Replay.run(
            all.toArray(String[]::new), environment, new PrintWriter(out), new PrintWriter(err));
    return new Bench.Ran(code, out.toString(), err.toString());
  }

  private void send(Stage stage, List<? extends DeadLetter> letters) {
    Letters queue = services.letters(stage);
    for (int from = 0; from < letters.size(); from += Letters.MAX_BATCH) {
      int to = Math.min(from + Letters.MAX_BATCH, letters.size());
      assertThat(
              queue.send(letters.subList(from, to).stream().map(DeadLetterCodec::encode).toList()))
          .containsOnly("");
    }
  }

  /** Letters of messages that lie in the shards where their chats hash to. */
  private List<DeadLetter.RecordLetter> letters(int count, int chats) {
    Shards shards =
        new KinesisRecords(
                services.kinesis,
                new AwsFaults("Kinesis", "", "", "", null),
                LocalServices.STREAM,
                Thread::sleep)
            .shards();
    List<DeadLetter.RecordLetter> letters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      letters.add(TestLetters.inItsShard("chat-" + i % chats, i, shards));
    }
    return letters;
  }

  private static Records.NewRecord record(DeadLetter.RecordLetter letter) {
    return new Records.NewRecord(
        letter.partitionKey(), Bytes.of(ChatEvents.encode(TestLetters.replayOf(letter))));
  }

  private Letters.Depth depth(Stage stage) {
    return services.letters(stage).depth();
  }

  @Test
  void dryRun_thenTheRealOne() {
    List<DeadLetter.RecordLetter> letters = letters(137, 20);
    DeadLetter.PushLetter push = TestLetters.push("team", 1);
    send(Stage.PERSIST, letters);
    send(Stage.FANOUT, List.of(push));

    Bench.Ran dry = run("run");
    assertThat(dry.code()).as(dry.err()).isEqualTo(Exit.DONE);
    assertThat(dry.out()).contains("would replay 138 letters (persist 137, fanout 1)");
    assertThat(services.records()).isEmpty();
    assertThat(depth(Stage.PERSIST)).isEqualTo(new Letters.Depth(137, 0));

    Bench.Ran ran = run("run", "--execute");
    assertThat(ran.code()).as(ran.err()).isEqualTo(Exit.DONE);
    List<Records.NewRecord> expected =
        new ArrayList<>(letters.stream().map(ReplayIT::record).toList());
    expected.add(
        new Records.NewRecord(
            "team",
            Bytes.of(
                ChatEvents.encode(
                    new ChatEvent.PushReplay(
                        push.chatId(), push.positions(), push.connectionIds(), 1)))));
    assertThat(services.records()).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(depth(Stage.PERSIST)).isEqualTo(new Letters.Depth(0, 0));
    assertThat(depth(Stage.FANOUT)).isEqualTo(new Letters.Depth(0, 0));
  }

  @Test
  void aThrottledStream_getsEachOnceAllTheSame() {
    List<DeadLetter.RecordLetter> letters = letters(100, 10);
    send(Stage.PERSIST, letters);
    try (var _ =
        services
            .kinesisServer
            .faults()
            .whenever(
                call -> call.operation() == Operation.PUT_RECORDS,
                Fault.recordsThrottledAtRandom(0.4, 7))) {
      assertThat(run("run", "--execute").code()).isEqualTo(Exit.DONE);
    }

    assertThat(services.records())
        .containsExactlyInAnyOrderElementsOf(letters.stream().map(ReplayIT::record).toList());
    assertThat(depth(Stage.PERSIST)).isEqualTo(new Letters.Depth(0, 0));
  }

  @Test
  void twoReplayersAtATime_replayEachLetterOnce() throws Exception {
    List<DeadLetter.RecordLetter> letters = letters(400, 30);
    send(Stage.PERSIST, letters);

    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      var one = CompletableFuture.supplyAsync(() -> run("run", "--execute"), threads);
      var other = CompletableFuture.supplyAsync(() -> run("run", "--execute"), threads);
      assertThat(one.get().code()).isEqualTo(Exit.DONE);
      assertThat(other.get().code()).isEqualTo(Exit.DONE);
    }

    assertThat(services.records())
        .containsExactlyInAnyOrderElementsOf(letters.stream().map(ReplayIT::record).toList());
    assertThat(depth(Stage.PERSIST)).isEqualTo(new Letters.Depth(0, 0));
  }

  @Test
  void statusAndPeek_consumeNothing() {
    send(Stage.PERSIST, letters(12, 3));
    services.letters(Stage.PERSIST).send(List.of("{}"));

    Bench.Ran status = run("status");
    assertThat(status.code()).as(status.err()).isEqualTo(Exit.DONE);
    assertThat(status.out()).contains("about 13 letters").contains("not ours: 1 letter");
    Bench.Ran peek = run("peek", "--max=20");
    assertThat(peek.out()).contains("chat chat-2").contains("is no letter of ours");
    assertThat(depth(Stage.PERSIST)).isEqualTo(new Letters.Depth(13, 0));
    assertThat(services.records()).isEmpty();
  }

  @Test
  void garbage_exported_edited_imported_andDiscarded() throws Exception {
    send(
        Stage.PERSIST,
        List.of(TestLetters.letter("lobby", 1, "Malformed", TestLetters.utf8("hello"))));
    Path file = folder.resolve("garbage.jsonl");

    assertThat(run("export", "--to=" + file).code()).isEqualTo(Exit.DONE);
    Files.writeString(
        file,
        Files.readString(file)
            .replace(
                "\"record\":\"hello\"",
                "\"record\":{\"chatId\":\"lobby\",\"senderId\":\"ana\",\"text\":\"hello\"}"));
    assertThat(run("import", "--execute", file.toString()).code()).isEqualTo(Exit.DONE);
    Path gone = folder.resolve("gone.jsonl");
    assertThat(run("discard", "--yes", "--to=" + gone).code()).isEqualTo(Exit.DONE);

    assertThat(services.records())
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.partitionKey()).isEqualTo("lobby");
              assertThat(new String(record.data().toArray(), StandardCharsets.UTF_8))
                  .contains("\"type\":\"message\"")
                  .contains("\"text\":\"hello\"");
            });
    assertThat(depth(Stage.PERSIST)).isEqualTo(new Letters.Depth(0, 0));

    assertThat(run("import", "--execute", "--requeue", gone.toString()).code())
        .isEqualTo(Exit.DONE);
    assertThat(depth(Stage.PERSIST)).isEqualTo(new Letters.Depth(1, 0));
  }

  @Test
  void aPointer_isPeekedAndExportedWhole_andLaterUnrecoverable() throws Exception {
    Bytes data = TestLetters.utf8("x".repeat(900_000));
    var put =
        services.kinesis.putRecord(
            p ->
                p.streamName(LocalServices.STREAM)
                    .partitionKey("lobby")
                    .data(SdkBytes.fromByteArray(data.toArray())));
    send(
        Stage.PERSIST,
        List.of(
            new DeadLetter.RecordLetter(
                TestLetters.failure("Malformed"),
                put.shardId(),
                Position.of(put.sequenceNumber(), 0),
                "lobby",
                null,
                null,
                0,
                new DeadLetter.Pointer(Payloads.sha256(data), data.size()))));

    Bench.Ran peek = run("peek");
    assertThat(peek.code()).as(peek.err()).isEqualTo(Exit.DONE);
    assertThat(peek.out()).contains("900,000 bytes under key lobby, in the stream");
    Path file = folder.resolve("whole.jsonl");
    assertThat(run("export", "--to=" + file).code()).isEqualTo(Exit.DONE);
    assertThat(Files.readString(file)).contains("\"data\":\"" + data.base64() + "\"");
    assertThat(run("run", "--execute").code()).isEqualTo(Exit.LETTERS_LEFT);

    services.kinesisClock.pass(Duration.ofDays(2));
    Bench.Ran gone = run("run", "--execute");
    assertThat(gone.code()).isEqualTo(Exit.UNRECOVERABLE);
    assertThat(gone.out()).contains("unrecoverable: the stream no longer has the record");
    assertThat(run("peek").code()).isEqualTo(Exit.UNRECOVERABLE);
    assertThat(depth(Stage.PERSIST)).isEqualTo(new Letters.Depth(1, 0));
  }

  @Test
  void whatIsMissing_isOneLineThatSaysWhatToDo() {
    assertThat(run("status", "--stack=other").err())
        .startsWith("replay: the queue other-persist-dlq does not exist in http://127.0.0.1:")
        .contains("--persist-queue or --stack");
    Bench.Ran noStream = run("run", "--stream=other");
    assertThat(noStream.code()).isEqualTo(Exit.CANNOT_GO_ON);
    assertThat(noStream.err())
        .startsWith("replay: the stream other does not exist in http://127.0.0.1:")
        .contains("--stream or --stack");
    assertThat(noStream.err().lines()).hasSize(1);

    Map<String, String> down = new HashMap<>(services.environment());
    down.put("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:9");
    Bench.Ran unreachable = run(down, "status");
    assertThat(unreachable.code()).isEqualTo(Exit.CANNOT_GO_ON);
    assertThat(unreachable.err())
        .isEqualToIgnoringNewLines(
            "replay: cannot reach SQS at http://127.0.0.1:9: is it running? The address is from"
                + " AWS_ENDPOINT_URL_SQS");

    down.put("AWS_ENDPOINT_URL_SQS", "localhost:9324");
    assertThat(run(down, "status").err()).contains("must be a URL like http://localhost:9324");
  }

  private Process process(Map<String, String> environment, String... args) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Duser.home=" + folder,
                "-jar",
                JAR.toAbsolutePath().toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(folder.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
    builder.environment().put("AWS_EC2_METADATA_DISABLED", "true");
    builder.environment().putAll(environment);
    builder.redirectOutput(folder.resolve("out").toFile());
    builder.redirectError(folder.resolve("err").toFile());
    return builder.start();
  }

  private Map<String, String> withCredentials() {
    Map<String, String> environment = new HashMap<>(services.environment());
    environment.put("AWS_ACCESS_KEY_ID", "local");
    environment.put("AWS_SECRET_ACCESS_KEY", "local");
    return environment;
  }

  private int end(Process process) throws Exception {
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private String out() throws Exception {
    return Files.readString(folder.resolve("out"));
  }

  private String err() throws Exception {
    return Files.readString(folder.resolve("err"));
  }

  @Test
  void theJar_isQuiet_andExitsAsItSays() throws Exception {
    send(Stage.PERSIST, letters(3, 1));
    services.letters(Stage.FANOUT).send(List.of("junk!"));

    assertThat(end(process(withCredentials(), "run", "--execute"))).isEqualTo(Exit.LETTERS_LEFT);

    assertThat(err()).isEmpty();
    assertThat(out()).contains("replayed 3 letters (persist 3)").contains("left 1 letter");
    assertThat(folder.resolve(Target.DEFAULT_AUDIT)).isRegularFile();
    assertThat(services.records()).hasSize(3);
  }

  @Test
  void withoutCredentials_orRegion_itSaysWhatToDo() throws Exception {
    assertThat(end(process(services.environment(), "status"))).isEqualTo(Exit.CANNOT_GO_ON);
    assertThat(err()).startsWith("replay: no AWS credentials: log in").hasLineCount(1);

    Map<String, String> nowhere = new HashMap<>(withCredentials());
    nowhere.remove("AWS_REGION");
    assertThat(end(process(nowhere, "status"))).isEqualTo(Exit.CANNOT_GO_ON);
    assertThat(err())
        .isEqualToIgnoringNewLines("replay: no AWS region: give --region, or set AWS_REGION");
  }

  @Test
  void killedBetweenPutAndDelete_replaysTheSameEvents() throws Exception {
    List<DeadLetter.RecordLetter> letters = letters(30, 5);
    send(Stage.PERSIST, letters);
    // The records are in and nobody is told: no letter can be deleted.
    var ackLost =
        services
            .kinesisServer
            .faults()
            .whenever(call -> call.operation() == Operation.PUT_RECORDS, new Fault.ResetAfter());
    Process replayer = process(withCredentials(), "run", "--execute");
    Awaitility.await().atMost(LIMIT).until(() -> !services.records().isEmpty());
    replayer.destroyForcibly();
    end(replayer);
    ackLost.close();
    long inHand = depth(Stage.PERSIST).inHand();
    assertThat(inHand).isPositive();

    services.sqsClock.pass(Hand.HIDDEN.plusSeconds(1));
    assertThat(run("run", "--execute").code()).isEqualTo(Exit.DONE);

    List<Records.NewRecord> records = services.records();
    assertThat(records).hasSizeGreaterThan(30);
    assertThat(new HashSet<>(records))
        .containsExactlyInAnyOrderElementsOf(letters.stream().map(ReplayIT::record).toList());
    assertThat(depth(Stage.PERSIST)).isEqualTo(new Letters.Depth(0, 0));
  }

  @Test
  void toldToEnd_itFinishesTheBatchInHand_andGivesTheRestBack() throws Exception {
    List<DeadLetter.RecordLetter> letters = letters(60, 5);
    send(Stage.PERSIST, letters);
    Process replayer = process(withCredentials(), "run", "--execute", "--rate=2");
    Awaitility.await().atMost(LIMIT).until(() -> !services.records().isEmpty());

    replayer.destroy(); // SIGTERM, which ends it as Ctrl-C does

    assertThat(end(replayer)).isEqualTo(143);
    assertThat(out()).contains("stopped, with the batch in hand finished");
    int replayed = services.records().size();
    assertThat(replayed).isLessThan(60);
    assertThat(depth(Stage.PERSIST)).isEqualTo(new Letters.Depth(60 - replayed, 0));
    assertThat(Files.readAllLines(folder.resolve(Target.DEFAULT_AUDIT)).getLast())
        .contains("\"type\":\"ended\",\"exitCode\":130");
  }
}
