package dev.confab.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.DeadLetter;
import dev.confab.events.Decoded;
import dev.confab.load.verify.Proxy.Reaction;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Messages that the persist of the day could not store, and an operator who has them stored after
 * all, on a whole stack with people in the chats: in the end it is as if nothing had failed.
 */
final class ReplayLineIT {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir static Path folder;
  private static BreakableStack world;
  private static Operator operator;

  @BeforeAll
  static void start() throws Exception {
    world = new BreakableStack(Clock.systemUTC());
    operator = new Operator(world.stack, folder);
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  @BeforeEach
  void noLetters() {
    world.backdoor.purge(Backdoor.PERSIST_DLQ);
  }

  private static void replay() {
    Operator.Ran ran = operator.run("run", "--execute");
    assertThat(ran.code()).as("%s", ran).isZero();
  }

  @Test
  void once() throws Exception {
    try (ParkedScene scene = new ParkedScene(world, "once")) {
      scene.deployPersistThatIsMended();
      replay();
      scene.checkRepaired();
    }
  }

  @Test
  void tooEarly_andThenInTime() throws Exception {
    try (ParkedScene scene = new ParkedScene(world, "early")) {
      Set<DeadLetter.Payload> before = payloads();
      // 0 or 4, as it may still be there to see them come back
      assertThat(operator.run("run", "--execute").out())
          .contains("replayed " + ParkedScene.LETTERS);
      scene.awaitParked(1);
      assertThat(payloads()).as("the original records, not the replays").isEqualTo(before);
      scene.deployPersistThatIsMended();
      replay();
      scene.checkRepaired();
    }
  }

  private static Set<DeadLetter.Payload> payloads() throws Exception {
    return Set.copyOf(
        world.backdoor.letters(Backdoor.PERSIST_DLQ).stream()
            .map(letter -> ((DeadLetter.RecordLetter) letter).payload())
            .toList());
  }

  @Test
  void twice() throws Exception {
    try (ParkedScene scene = new ParkedScene(world, "twice")) {
      scene.deployPersistThatIsMended();
      String file = export("twice");
      replay();
      putBack(file);
      replay();
      scene.checkRepaired();
    }
  }

  @Test
  void concurrently_byTwoReplayers_thatHoldTheSameLetters() throws Exception {
    try (ParkedScene scene = new ParkedScene(world, "both")) {
      scene.deployPersistThatIsMended();
      putBack(export("both")); // so that each lies there twice
      assertThat(world.backdoor.depth(Backdoor.PERSIST_DLQ)).isEqualTo(2 * ParkedScene.LETTERS);
      try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
        var one = CompletableFuture.runAsync(ReplayLineIT::replay, threads);
        var other = CompletableFuture.runAsync(ReplayLineIT::replay, threads);
        CompletableFuture.allOf(one, other).get();
      }
      scene.checkRepaired();
    }
  }

  private static String export(String name) {
    String file = folder.resolve(name + ".jsonl").toString();
    assertThat(operator.run("export", "--to=" + file).code()).isZero();
    return file;
  }

  private static void putBack(String file) {
    assertThat(operator.run("import", "--execute", "--requeue", file).code()).isZero();
  }

  @Test
  void duringLiveTraffic() throws Exception {
    try (ParkedScene scene = new ParkedScene(world, "live")) {
      scene.deployPersistThatIsMended();
      try (Talk talk = new Talk(List.of(scene.ana, scene.ben), scene.chats)) {
        talk.awaitMore();
        assertThat(operator.run("run", "--execute", "--rate=3").code()).isZero();
        talk.awaitMore();
        talk.end();
      }
      scene.checkRepaired();
    }
  }

  @Test
  void afterAReplayerWasKilledBetweenPutAndDelete() throws Exception {
    try (ParkedScene scene = new ParkedScene(world, "killed");
        Breaker queue =
            new Breaker(URI.create(world.stack.environment().get("AWS_ENDPOINT_URL_SQS")))) {
      scene.deployPersistThatIsMended();
      CountDownLatch deletes = new CountDownLatch(1);
      queue.react(
          call ->
              switch (call.operation()) {
                case "ReceiveMessage" ->
                    new Reaction.Pass( // else they would come back after two minutes
                        call.body().replace("\"VisibilityTimeout\":120", "\"VisibilityTimeout\":5"),
                        answer -> answer);
                case "DeleteMessageBatch" -> {
                  deletes.countDown();
                  yield new Reaction.Silence();
                }
                default -> Reaction.pass(call);
              });
      Process replayer = operator.start(queue.uri(), "run", "--execute");
      try {
        assertThat(deletes.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      } finally {
        replayer.destroyForcibly().waitFor();
      }
      assertThat(replaysOf(scene.chats)).isPositive();
      await()
          .atMost(PATIENCE)
          .until(() -> world.backdoor.letters(Backdoor.PERSIST_DLQ).size() == ParkedScene.LETTERS);

      replay();
      assertThat(replaysOf(scene.chats)).isGreaterThan(ParkedScene.LETTERS);
      scene.checkRepaired();
    }
  }

  /** How many replays the stream holds. */
  private static long replaysOf(List<ChatId> chats) {
    return world.backdoor.records().values().stream()
        .flatMap(List::stream)
        .map(record -> ChatEvents.decode(record.partitionKey(), record.data().asByteArray()))
        .filter(
            decoded ->
                decoded instanceof Decoded.Event(ChatEvent.Replay replay)
                    && chats.contains(replay.chatId()))
        .count();
  }
}
