package dev.confab.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatId;
import dev.confab.events.DeadLetter;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunCommandTest {
  @TempDir Path folder;
  private Bench bench;

  @BeforeEach
  void begin() {
    bench = new Bench(folder);
  }

  @Test
  void dryRun_changesNothing_andGivesEverythingBack() {
    bench.persist.add(TestLetters.letter("lobby", 1));
    bench.fanout.add(TestLetters.push("lobby", 1));
    List<String> before = bench.persist.bodies();

    Bench.Ran ran = bench.run("run");

    assertThat(ran.code()).isEqualTo(Exit.DONE);
    assertThat(ran.out())
        .contains("dry run")
        .contains("would replay 2 letters (persist 1, fanout 1)");
    assertThat(bench.records.records()).isEmpty();
    assertThat(bench.persist.bodies()).isEqualTo(before);
    assertThat(bench.persist.depth()).isEqualTo(new Letters.Depth(1, 0));
    assertThat(bench.fanout.depth()).isEqualTo(new Letters.Depth(1, 0));
  }

  @Test
  void execute_putsEachLetterBackToItsChat_andDeletesIt() {
    DeadLetter.RecordLetter letter = TestLetters.letter("lobby", 1, "ValidationException", 1);
    DeadLetter.PushLetter push = TestLetters.push("team", 7);
    bench.persist.add(letter);
    bench.fanout.add(push);

    Bench.Ran ran = bench.run("run", "--execute");

    assertThat(ran.code()).isEqualTo(Exit.DONE);
    assertThat(ran.out())
        .contains("replayed 2 letters (persist 1, fanout 1)")
        .contains("of 2 chats");
    assertThat(bench.records.events())
        .containsExactly(
            TestLetters.replayOf(letter),
            new ChatEvent.PushReplay(push.chatId(), push.positions(), push.connectionIds(), 1));
    assertThat(bench.records.records())
        .extracting(Records.NewRecord::partitionKey)
        .containsExactly("lobby", "team");
    assertThat(bench.persist.bodies()).isEmpty();
    assertThat(bench.fanout.bodies()).isEmpty();
  }

  @Test
  void nothingIsDeletedBeforeTheStreamHasIt() {
    for (int i = 0; i < 25; i++) {
      bench.persist.add(TestLetters.letter("lobby", i));
    }
    List<Integer> onStreamBeforeEachDelete = new ArrayList<>();
    bench.persist.beforeDelete(() -> onStreamBeforeEachDelete.add(bench.records.records().size()));

    bench.run("run", "--execute");

    assertThat(onStreamBeforeEachDelete).containsExactly(10, 20, 25);
  }

  @Test
  void killedBetweenPutAndDelete_replaysTheSameEventAgain() {
    bench.persist.add(TestLetters.letter("lobby", 1));
    AtomicBoolean killed = new AtomicBoolean();
    bench.persist.beforeDelete(
        () -> {
          if (!killed.getAndSet(true)) {
            bench.persist.outage("a killed process does nothing more");
            throw new AssertionError("killed");
          }
        });

    assertThat(bench.run("run", "--execute").code()).isEqualTo(Exit.FAULT);
    bench.persist.outage("");
    assertThat(bench.persist.depth()).isEqualTo(new Letters.Depth(0, 1));
    bench.time.pause(Hand.HIDDEN);
    Bench.Ran second = bench.run("run", "--execute");

    assertThat(second.code()).isEqualTo(Exit.DONE);
    List<Records.NewRecord> puts = bench.records.records();
    assertThat(puts).hasSize(2);
    assertThat(puts.get(1)).isEqualTo(puts.get(0));
    assertThat(bench.persist.bodies()).isEmpty();
  }

  @Test
  void twoReplayersAtATime_replayEachLetterOnce() throws Exception {
    for (int i = 0; i < 500; i++) {
      bench.persist.add(TestLetters.letter("chat-" + i % 7, i));
    }
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      bench.executor = threads;
      CompletableFuture<Bench.Ran> one =
          CompletableFuture.supplyAsync(() -> bench.run("run", "--execute"), threads);
      CompletableFuture<Bench.Ran> other =
          CompletableFuture.supplyAsync(() -> bench.run("run", "--execute"), threads);
      assertThat(one.get().code()).isEqualTo(Exit.DONE);
      assertThat(other.get().code()).isEqualTo(Exit.DONE);
    }

    assertThat(bench.records.records()).hasSize(500);
    assertThat(new HashSet<>(bench.records.records())).hasSize(500);
    assertThat(bench.persist.bodies()).isEmpty();
  }

  @Test
  void aReplayerThatSlept_andOneThatTookOver_putTheSameEvent() {
    bench.persist.add(TestLetters.letter("lobby", 1));
    List<Bench.Ran> takeover = new ArrayList<>();
    bench.persist.beforeDelete(
        () -> {
          if (takeover.isEmpty()) {
            takeover.add(new Bench.Ran(0, "", ""));
            bench.time.pause(Hand.HIDDEN);
            takeover.set(0, bench.run("run", "--execute"));
          }
        });

    Bench.Ran slept = bench.run("run", "--execute");

    assertThat(slept.code()).isEqualTo(Exit.DONE);
    assertThat(takeover.getFirst().code()).isEqualTo(Exit.DONE);
    assertThat(bench.records.records()).hasSize(2);
    assertThat(new HashSet<>(bench.records.records())).hasSize(1);
    assertThat(bench.persist.bodies()).isEmpty();
  }

  @Test
  void filters_meanOnlyWhatMatches() {
    DeadLetter.RecordLetter meant =
        TestLetters.failedAt(
            TestLetters.letter("lobby", 1, "Throttled", 0), TestLetters.FAILED_AT.plusSeconds(60));
    bench.persist.add(meant);
    bench.persist.add(TestLetters.letter("team", 2, "Throttled", 0)); // another chat
    bench.persist.add(TestLetters.letter("lobby", 3, "Malformed", 0)); // another error
    bench.persist.add(TestLetters.letter("lobby", 4, "Throttled", 0)); // before
    bench.persist.add(
        TestLetters.failedAt(
            TestLetters.letter("lobby", 5, "Throttled", 0),
            TestLetters.FAILED_AT.plusSeconds(120))); // not before the end
    bench.fanout.add(TestLetters.push("lobby", 6)); // another stage

    Bench.Ran ran =
        bench.run(
            "run",
            "--execute",
            "--stage=persist",
            "--chat=lobby",
            "--error=Throttled",
            "--since=2026-11-24T01:01:00Z",
            "--until=2026-11-24T01:02:00Z");

    assertThat(ran.code()).isEqualTo(Exit.DONE);
    assertThat(bench.records.events()).containsExactly(TestLetters.replayOf(meant));
    assertThat(bench.persist.depth()).isEqualTo(new Letters.Depth(4, 0));
    assertThat(bench.fanout.depth()).isEqualTo(new Letters.Depth(1, 0));
    assertThat(ran.out()).contains("passed over 4 letters");
  }

  @Test
  void severalChats_areAllMeant() {
    bench.persist.add(TestLetters.letter("a", 1));
    bench.persist.add(TestLetters.letter("b", 2));
    bench.persist.add(TestLetters.letter("c", 3));

    bench.run("run", "--execute", "--chat=a", "--chat=c");

    assertThat(bench.records.records())
        .extracting(Records.NewRecord::partitionKey)
        .containsExactlyInAnyOrder("a", "c");
  }

  @Test
  void max_isNeverExceeded_andTheRestGoesBack() {
    for (int i = 0; i < 40; i++) {
      bench.persist.add(TestLetters.letter("lobby", i));
    }

    Bench.Ran ran = bench.run("run", "--execute", "--max=13");

    assertThat(ran.code()).isEqualTo(Exit.DONE);
    assertThat(ran.out()).contains("--max reached");
    assertThat(bench.records.records()).hasSize(13);
    assertThat(bench.persist.depth()).isEqualTo(new Letters.Depth(27, 0));
  }

  @Test
  void rate_isKept_inEverySecond() {
    int letters = 100;
    for (int i = 0; i < letters; i++) {
      bench.persist.add(TestLetters.letter("chat-" + i % 20, i));
    }
    List<Instant> putAt = new ArrayList<>();
    bench.records.refuse(
        (_, _) -> {
          putAt.add(bench.time.instant());
          return "";
        });
    Instant before = bench.time.instant();

    Bench.Ran ran = bench.run("run", "--execute", "--rate=4");

    assertThat(ran.code()).isEqualTo(Exit.DONE);
    assertThat(putAt).hasSize(letters);
    for (Instant start : putAt) {
      Instant end = start.plusSeconds(1);
      assertThat(putAt.stream().filter(at -> !at.isBefore(start) && at.isBefore(end)))
          .hasSizeLessThanOrEqualTo(4);
    }
    // 25 bursts of 4, the first at once.
    assertThat(Duration.between(before, bench.time.instant()))
        .isBetween(Duration.ofSeconds(24), Duration.ofSeconds(25));
  }

  @Test
  void progress_isOfOneQueueAtATime() {
    for (int i = 0; i < 25; i++) {
      bench.persist.add(TestLetters.letter("lobby", i));
      bench.fanout.add(TestLetters.push("lobby", i));
    }

    Bench.Ran ran = bench.run("run", "--execute", "--rate=1");

    assertThat(ran.err().lines())
        .containsExactly(
            "persist: 11 of about 25, 0 left",
            "persist: 21 of about 25, 0 left",
            "fanout: 6 of about 25, 0 left",
            "fanout: 16 of about 25, 0 left");
  }

  @Test
  void rate_belowOneASecond_isKept() {
    for (int i = 0; i < 5; i++) {
      bench.persist.add(TestLetters.letter("lobby", i));
    }
    Instant before = bench.time.instant();

    bench.run("run", "--execute", "--rate=0.5");

    assertThat(bench.records.batches()).containsExactly(1, 1, 1, 1, 1);
    assertThat(Duration.between(before, bench.time.instant()))
        .isBetween(Duration.ofSeconds(8), Duration.ofSeconds(9));
  }

  @Test
  void max_isNeverExceeded_byLanesThatWorkAtATime() {
    for (int i = 0; i < 400; i++) {
      bench.persist.add(TestLetters.letter("lobby", i));
    }
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      bench.executor = threads;

      assertThat(bench.run("run", "--execute", "--max=53").code()).isEqualTo(Exit.DONE);
    }

    assertThat(bench.records.records()).hasSize(53);
    assertThat(bench.persist.depth()).isEqualTo(new Letters.Depth(347, 0));
  }

  @Test
  void lettersInHand_areNobodyElses_forAsLongAsItTakes() {
    for (int i = 0; i < 10; i++) {
      bench.persist.add(TestLetters.letter("other", i));
    }
    for (int i = 10; i < 610; i++) {
      bench.persist.add(TestLetters.letter("meant", i));
    }
    List<QueueMessage> elsewhere = new ArrayList<>();
    bench.time.after(
        Duration.ofMinutes(9),
        () -> elsewhere.addAll(bench.persist.receive(10, Hand.HIDDEN, Duration.ofSeconds(1))));

    Bench.Ran ran = bench.run("run", "--execute", "--rate=1", "--chat=meant");

    assertThat(ran.out())
        .contains("replayed 590 letters")
        .contains("passed over 10 letters that the filters don't mean");
    assertThat(elsewhere)
        .hasSize(10)
        .extracting(message -> Received.content(message.body()))
        .allSatisfy(
            content ->
                assertThat(((Received.Ours) content).letter())
                    .extracting(Filter::chatOf)
                    .isEqualTo(new ChatId("meant")));
  }

  @Test
  void lettersReplayedAsOftenAsAllowed_areLeft() {
    bench.persist.add(TestLetters.letter("lobby", 1, "ValidationException", 3));
    bench.persist.add(TestLetters.letter("lobby", 2, "ValidationException", 2));

    Bench.Ran ran = bench.run("run", "--execute");

    assertThat(ran.code()).isEqualTo(Exit.LETTERS_LEFT);
    assertThat(ran.out()).contains("left 1 letter: replayed as often as allowed");
    assertThat(bench.records.records()).hasSize(1);

    assertThat(bench.run("run", "--execute", "--max-replays=4").code()).isEqualTo(Exit.DONE);
    assertThat(bench.persist.bodies()).isEmpty();
  }

  @Test
  void aLetterThatFailsAgainDuringTheRun_isLeft() {
    bench.persist.add(TestLetters.letter("lobby", 1));
    // As persist does: the original record again, its count raised.
    bench.records.refuse(
        (_, _) -> {
          bench.time.pause(Duration.ofMillis(10));
          bench.persist.add(TestLetters.letter("lobby", 1, "ValidationException", 1));
          return "";
        });

    Bench.Ran ran = bench.run("run", "--execute");

    assertThat(ran.code()).isEqualTo(Exit.LETTERS_LEFT);
    assertThat(ran.out()).contains("failed again after a replay");
    assertThat(bench.records.records()).hasSize(1);
    assertThat(bench.persist.depth()).isEqualTo(new Letters.Depth(1, 0));
  }

  @Test
  void whatIsNotOurs_isLeftAsItIs() {
    String other = bench.persist.add("{\"hello\":1}");
    bench.persist.add(TestLetters.letter("lobby", 1));

    Bench.Ran ran = bench.run("run", "--execute");

    assertThat(ran.code()).isEqualTo(Exit.LETTERS_LEFT);
    assertThat(ran.out()).contains("message " + other).contains("no letter of ours");
    assertThat(bench.persist.bodies()).containsExactly("{\"hello\":1}");
    assertThat(bench.persist.depth()).isEqualTo(new Letters.Depth(1, 0));
  }

  @Test
  void garbage_isLeft_forAnEditor() {
    bench.persist.add(TestLetters.letter("lobby", 1, "Malformed", TestLetters.utf8("hello")));

    Bench.Ran ran = bench.run("run", "--execute", "--as-new", "--try-malformed");

    assertThat(ran.code()).isEqualTo(Exit.LETTERS_LEFT);
    assertThat(ran.out()).contains("holds no message").contains("export, edit and import");
    assertThat(bench.records.records()).isEmpty();
  }

  @Test
  void aMessageThatThisVersionRefuses_isReplayedOnlyIfAsked() {
    Bytes empty =
        TestLetters.utf8(
            new String(
                    TestLetters.data(TestLetters.message("lobby", 1)).toArray(),
                    StandardCharsets.UTF_8)
                .replace("text 1", ""));
    DeadLetter.RecordLetter letter = TestLetters.letter("lobby", 1, "Malformed", empty);
    bench.persist.add(letter);

    Bench.Ran left = bench.run("run", "--execute");
    assertThat(left.code()).isEqualTo(Exit.LETTERS_LEFT);
    assertThat(left.out()).contains("persist would refuse it again: text must not be empty");
    assertThat(bench.records.records()).isEmpty();

    assertThat(bench.run("run", "--execute", "--try-malformed").code()).isEqualTo(Exit.DONE);
    assertThat(bench.records.events()).containsExactly(TestLetters.replayOf(letter));
  }

  @Test
  void misroutedMessages_areLeft_orPostedAsNew() {
    bench.persist.add(TestLetters.letter("lobby", 1, DeadLetter.Failure.MISROUTED, 0));

    Bench.Ran left = bench.run("run", "--execute");
    assertThat(left.code()).isEqualTo(Exit.LETTERS_LEFT);
    assertThat(left.out()).contains("a message in the wrong shard").contains("--as-new");
    assertThat(bench.records.records()).isEmpty();

    Bench.Ran posted = bench.run("run", "--execute", "--as-new");
    assertThat(posted.code()).isEqualTo(Exit.DONE);
    assertThat(posted.out()).contains("posted 1 letter as new messages");
    assertThat(bench.records.events())
        .containsExactly(NewMessages.again(TestLetters.message("lobby", 1)));
    assertThat(bench.persist.bodies()).isEmpty();
  }

  @Test
  void aShardThatCannotHoldTheKey_isMisroutingToo() {
    bench.persist.add(TestLetters.letter("lobby", 1));
    bench.records.shards(
        new Shards(
            Map.of(InMemoryRecords.SHARD, new Shards.Range(BigInteger.ZERO, BigInteger.ONE))));

    Bench.Ran ran = bench.run("run", "--execute");

    assertThat(ran.code()).isEqualTo(Exit.LETTERS_LEFT);
    assertThat(ran.out()).contains("a message in the wrong shard");
    assertThat(bench.records.records()).isEmpty();
  }

  @Test
  void mismatchedMessages_areLeft_orPostedToTheirChatAsNew() {
    bench.persist.add(
        TestLetters.letter(
            "other key", 1, "Malformed", TestLetters.data(TestLetters.message("lobby", 1))));

    Bench.Ran left = bench.run("run", "--execute");
    assertThat(left.code()).isEqualTo(Exit.LETTERS_LEFT);
    assertThat(left.out())
        .contains("a message under another partition key: key other key, chat lobby");

    assertThat(bench.run("run", "--execute", "--as-new").code()).isEqualTo(Exit.DONE);
    assertThat(bench.records.records())
        .containsExactly(
            new Records.NewRecord(
                "lobby", TestLetters.data(NewMessages.again(TestLetters.message("lobby", 1)))));
  }

  @Test
  void newMessagesOfAChat_goInTheOrderOfTheirPositions_alsoWhenTheStreamRefusesSome() {
    for (int n = 29; n >= 0; n--) {
      bench.persist.add(
          TestLetters.letter(n % 2 == 0 ? "a" : "b", n, DeadLetter.Failure.MISROUTED, 0));
    }
    // Now and then the stream refuses the first record of a call, and takes the others.
    AtomicInteger lastCall = new AtomicInteger();
    bench.records.refuse(
        (call, _) ->
            lastCall.getAndSet(call) != call && call % 3 == 1
                ? "ProvisionedThroughputExceeded"
                : "");

    Bench.Ran ran = bench.run("run", "--execute", "--as-new");

    assertThat(ran.code()).isEqualTo(Exit.DONE);
    for (String chat : List.of("a", "b")) {
      List<String> texts =
          bench.records.events().stream()
              .filter(event -> event.chatId().equals(new ChatId(chat)))
              .map(event -> ((ChatEvent.MessageSent) event).text())
              .toList();
      int first = chat.equals("a") ? 0 : 1;
      assertThat(texts)
          .isEqualTo(
              IntStream.iterate(first, n -> n < 30, n -> n + 2)
                  .mapToObj(n -> "text " + n)
                  .toList());
    }
  }

  @Test
  void newMessages_keepTheRate() {
    for (int n = 0; n < 10; n++) {
      bench.persist.add(TestLetters.letter("a", n, DeadLetter.Failure.MISROUTED, 0));
    }
    Instant before = bench.time.instant();

    bench.run("run", "--execute", "--as-new", "--rate=2");

    assertThat(Duration.between(before, bench.time.instant()))
        .isBetween(Duration.ofSeconds(4), Duration.ofSeconds(5));
  }

  @Test
  void aPointer_isReplayedIfTheStreamHasWhatItMeans() {
    Bytes data = TestLetters.data(TestLetters.message("lobby", 1));
    DeadLetter.RecordLetter letter = TestLetters.pointer("lobby", 1, data);
    bench.persist.add(letter);
    bench.records.at(letter.position().sequenceNumber(), new Records.Found(data));

    assertThat(bench.run("run", "--execute").code()).isEqualTo(Exit.DONE);
    assertThat(bench.records.events()).containsExactly(TestLetters.replayOf(letter, data));
  }

  @Test
  void aPointerToWhatIsGone_isUnrecoverable() {
    bench.persist.add(TestLetters.pointer("lobby", 1, TestLetters.utf8("x".repeat(900_000))));
    bench.persist.add(TestLetters.letter("lobby", 2));

    Bench.Ran ran = bench.run("run", "--execute");

    assertThat(ran.code()).isEqualTo(Exit.UNRECOVERABLE);
    assertThat(ran.out()).contains("unrecoverable").contains("its retention has ended");
    assertThat(bench.records.records()).hasSize(1);
    assertThat(bench.persist.depth()).isEqualTo(new Letters.Depth(1, 0));
  }

  @Test
  void aPointerToAnotherRecord_isUnrecoverable() {
    DeadLetter.RecordLetter letter = TestLetters.pointer("lobby", 1, TestLetters.utf8("this"));
    bench.persist.add(letter);
    bench.records.at(
        letter.position().sequenceNumber(), new Records.Found(TestLetters.utf8("that")));

    Bench.Ran ran = bench.run("run", "--execute");

    assertThat(ran.code()).isEqualTo(Exit.UNRECOVERABLE);
    assertThat(ran.out()).contains("SHA-256 differs");
  }

  @Test
  void aRecordLargerThanAnEvent_isNeverReplayed() {
    Bytes data = TestLetters.utf8("x".repeat(ChatEvent.MAX_EVENT_BYTES + 1));
    bench.persist.add(TestLetters.letter("lobby", 1, "Malformed", data));

    Bench.Ran ran = bench.run("run", "--execute", "--try-malformed");

    assertThat(ran.code()).isEqualTo(Exit.LETTERS_LEFT);
    assertThat(ran.out()).contains("too large to be an event");
    assertThat(bench.records.records()).isEmpty();
  }

  @Test
  void ctrlC_finishesTheBatchInHand_andGivesTheRestBack() {
    for (int i = 0; i < 50; i++) {
      bench.persist.add(TestLetters.letter("lobby", i));
    }
    bench.fanout.add(TestLetters.push("lobby", 1));
    bench.records.refuse(
        (call, _) -> {
          if (call == 2) {
            bench.stop.requestByOperator();
          }
          return "";
        });

    Bench.Ran ran = bench.run("run", "--execute");

    assertThat(ran.code()).isEqualTo(Exit.STOPPED);
    assertThat(ran.out()).contains("stopped, with the batch in hand finished: 20 letters done");
    assertThat(bench.records.records()).hasSize(20);
    assertThat(bench.persist.depth()).isEqualTo(new Letters.Depth(30, 0));
    assertThat(bench.fanout.depth()).isEqualTo(new Letters.Depth(1, 0));
  }

  @Test
  void ctrlC_endsTheWaitForTheRate() {
    for (int i = 0; i < 5; i++) {
      bench.persist.add(TestLetters.letter("lobby", i));
    }
    Instant before = bench.time.instant();
    bench.time.after(Duration.ofSeconds(100), () -> bench.stop.requestByOperator());

    Bench.Ran ran = bench.run("run", "--execute", "--rate=0.001");

    assertThat(ran.code()).isEqualTo(Exit.STOPPED);
    assertThat(Duration.between(before, bench.time.instant())).isLessThan(Duration.ofSeconds(102));
    assertThat(bench.records.records()).hasSize(1);
    assertThat(bench.persist.depth()).isEqualTo(new Letters.Depth(4, 0));
  }

  @Test
  void whatTheStreamRefuses_isTriedAgain_andOnlyThat() {
    for (int i = 0; i < 10; i++) {
      bench.persist.add(TestLetters.letter("chat-" + i, i));
    }
    bench.records.refuse(
        (call, record) ->
            call <= 3 && record.partitionKey().equals("chat-4") ? "InternalFailure" : "");

    Bench.Ran ran = bench.run("run", "--execute");

    assertThat(ran.code()).isEqualTo(Exit.DONE);
    assertThat(bench.records.batches()).containsExactly(10, 1, 1, 1);
    assertThat(bench.records.records()).hasSize(10);
    assertThat(bench.persist.bodies()).isEmpty();
  }

  @Test
  void aStreamThatTakesNothing_endsTheRun_andKeepsWhatItDidNotTake() {
    for (int i = 0; i < 10; i++) {
      bench.persist.add(TestLetters.letter("chat-" + i, i));
    }
    bench.records.refuse(
        (_, record) -> record.partitionKey().equals("chat-4") ? "InternalFailure: sorry" : "");
    Instant before = bench.time.instant();

    Bench.Ran ran = bench.run("run", "--execute");

    assertThat(ran.code()).isEqualTo(Exit.CANNOT_GO_ON);
    assertThat(ran.err()).contains("replay: the stream takes no records: InternalFailure: sorry");
    assertThat(Duration.between(before, bench.time.instant())).isGreaterThan(Puts.PATIENCE);
    assertThat(bench.persist.letters()).containsExactly(TestLetters.letter("chat-4", 4));
    assertThat(bench.persist.depth()).isEqualTo(new Letters.Depth(1, 0));
  }

  @Test
  void aLetterThatSqsDoesNotDelete_isReported() {
    String kept = bench.persist.add(TestLetters.letter("lobby", 1));
    bench.persist.add(TestLetters.letter("lobby", 2));
    bench.persist.refuseToDelete(kept, "InternalError");

    Bench.Ran ran = bench.run("run", "--execute");

    assertThat(ran.code()).isEqualTo(Exit.LETTERS_LEFT);
    assertThat(ran.out()).contains("done, but not deleted: InternalError");
    assertThat(bench.records.records()).hasSize(2);
    assertThat(bench.persist.bodies()).hasSize(1);
  }

  @Test
  void aQueueThatGoesAway_endsTheRunWithOneLine_afterTheAuditHasWhatWasPut() throws IOException {
    bench.persist.add(TestLetters.letter("lobby", 1));
    bench.persist.beforeDelete(() -> bench.persist.outage("cannot reach SQS"));

    Bench.Ran ran = bench.run("run", "--execute");

    assertThat(ran.code()).isEqualTo(Exit.CANNOT_GO_ON);
    assertThat(ran.err().lines().filter(line -> line.startsWith("replay: ")))
        .containsExactly("replay: cannot reach SQS");
    assertThat(bench.auditLines())
        .anyMatch(line -> line.contains("\"result\":\"replayed\""))
        .anyMatch(line -> line.contains("\"why\":\"not-deleted\""))
        .last()
        .asString()
        .contains("\"type\":\"ended\",\"exitCode\":3");
  }

  @Test
  void audit_saysWhoDidWhat_toWhich_andHowItEnded() throws IOException {
    bench.persist.add(TestLetters.letter("lobby", 1));
    bench.persist.add(TestLetters.letter("lobby", 2, "ValidationException", 3));

    bench.run("run", "--execute", "--chat=lobby");
    bench.run("run");

    List<String> lines = bench.auditLines();
    assertThat(lines).hasSize(6);
    assertThat(lines.get(0))
        .contains("\"type\":\"started\",\"who\":\"ana@desk\"")
        .contains("\"args\":[\"run\",\"--execute\",\"--chat=lobby\"")
        .contains("\"dryRun\":false")
        .contains("\"stream\":\"confab\"");
    assertThat(lines.get(1)).contains("\"result\":\"left\",\"why\":\"replayed-often\"");
    assertThat(lines.get(2))
        .contains("\"result\":\"replayed\"")
        .contains("\"chatId\":\"lobby\"")
        .contains("\"position\":\"" + TestLetters.position(1))
        .contains("\"toSequenceNumber\":\"1\"");
    assertThat(lines.get(3)).contains("\"type\":\"ended\",\"exitCode\":4");
    assertThat(lines.get(4)).contains("\"dryRun\":true");
    assertThat(lines.get(5)).contains("\"type\":\"ended\"");
  }

  @Test
  void json_isOneObjectALine() throws Exception {
    bench.persist.add(TestLetters.letter("lobby", 1));
    bench.persist.add("not ours");

    Bench.Ran ran = bench.run("run", "--execute", "--json");

    assertThat(ran.outLines()).isNotEmpty();
    for (String line : ran.outLines()) {
      assertThat(Json.parse(line)).isInstanceOf(Map.class);
    }
    assertThat(ran.outLines().getLast())
        .contains("\"type\":\"summary\",\"dryRun\":false")
        .contains("\"replayed\":{\"persist\":1}")
        .contains("\"left\":{\"not-ours\":1}");
  }

  @Test
  void wrongOptions_areSaidToBeSo() {
    assertThat(bench.run("run", "--rate=0").code()).isEqualTo(Exit.USAGE);
    assertThat(bench.run("run", "--max=0").code()).isEqualTo(Exit.USAGE);
    assertThat(bench.run("run", "--chat=a#b").err())
        .contains("chatId has a character that is not allowed at 1");
    assertThat(bench.run("run", "--since=yesterday").err())
        .contains("'yesterday' is neither a time like");
    assertThat(bench.run("run", "--stage=ingest").code()).isEqualTo(Exit.USAGE);
  }
}
