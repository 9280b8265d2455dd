package dev.confab.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Bytes;
import dev.confab.events.DeadLetter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code status} and {@code peek}: they show, and change nothing. */
final class LooksTest {
  @TempDir Path folder;
  private Bench bench;

  @BeforeEach
  void begin() {
    bench = new Bench(folder);
  }

  @Test
  void status_breaksTheSampleDown() {
    for (int i = 0; i < 12; i++) {
      bench.persist.add(
          TestLetters.letter(i < 8 ? "lobby" : "team", i, i < 3 ? "Malformed" : "Throttled", 0));
    }
    bench.persist.add("not ours");
    bench.fanout.add(TestLetters.push("lobby", 1));
    bench.time.pause(Duration.ofHours(3).plusMinutes(5));

    Bench.Ran ran = bench.run("status");

    assertThat(ran.code()).isEqualTo(Exit.DONE);
    assertThat(ran.outLines())
        .containsSequence(
            "persist  confab-persist-dlq: about 13 letters, and 0 in hand elsewhere",
            "  of 12 letters seen, the oldest was sent 3 h 5 min ago",
            "  error        9  Throttled",
            "  error        3  Malformed",
            "  chat         8  lobby",
            "  chat         4  team")
        .contains("fanout   confab-fanout-dlq: about 1 letter, and 0 in hand elsewhere");
    assertThat(ran.out()).contains("not ours: 1 letter");
    assertThat(bench.persist.depth()).isEqualTo(new Letters.Depth(13, 0));
    assertThat(bench.fanout.depth()).isEqualTo(new Letters.Depth(1, 0));
  }

  @Test
  void status_ofASample_looksAtNoMore() {
    for (int i = 0; i < 50; i++) {
      bench.persist.add(TestLetters.letter("lobby", i));
    }

    Bench.Ran ran = bench.run("status", "--stage=persist", "--sample=20", "--json");

    assertThat(ran.outLines())
        .containsExactly(
            "{\"type\":\"queue\",\"stage\":\"persist\",\"queue\":\"confab-persist-dlq\","
                + "\"visible\":50,\"inHand\":0,\"seen\":20,\"notOurs\":0,"
                + "\"oldestSeenSentAt\":\"2026-11-24T02:04:05.123Z\","
                + "\"errors\":{\"ValidationException\":20},\"chats\":{\"lobby\":20}}");
    assertThat(bench.persist.depth()).isEqualTo(new Letters.Depth(50, 0));
  }

  @Test
  void peek_hidesWhatPeopleWrote_unlessAsked() {
    bench.persist.add(TestLetters.letter("lobby", 1));
    bench.persist.add(
        TestLetters.letter("lobby", 2, "Malformed", TestLetters.utf8("a secret, not JSON")));
    bench.persist.add(
        TestLetters.letter(
            "lobby",
            3,
            "Malformed",
            TestLetters.utf8("{\"note\":\"secret\",\"chatId\":\"lobby\"}")));

    Bench.Ran hidden = bench.run("peek");
    assertThat(hidden.code()).isEqualTo(Exit.DONE);
    assertThat(hidden.out())
        .contains("\"clientMessageId\":\"c-1\"")
        .contains("\"hidden\":\"text\"")
        .contains("\"hidden\":\"note\"")
        .contains("text that is no JSON object (--show-text shows it)")
        .contains("run     would replay it")
        .contains("run     would leave it: holds no message")
        .doesNotContain("secret")
        .doesNotContain("text 1");
    assertThat(bench.run("peek", "--json").out()).doesNotContain("secret").doesNotContain("text 1");

    Bench.Ran shown = bench.run("peek", "--show-text");
    assertThat(shown.out()).contains("\"text\":\"text 1\"").contains("a secret, not JSON");
    assertThat(bench.persist.depth()).isEqualTo(new Letters.Depth(3, 0));
    assertThat(bench.records.records()).isEmpty();
  }

  @Test
  void peek_sendsNoneOfWhatOthersWroteToTheTerminal() {
    bench.persist.add(
        TestLetters.letter(
            "key\u001b[2J\u202e",
            1,
            "Mal\u001b]0;formed\nleft",
            TestLetters.utf8("a\u001b[31mb\rc")));

    for (Bench.Ran ran :
        List.of(bench.run("peek", "--show-text"), bench.run("run"), bench.run("status"))) {
      assertThat(ran.out().replace("\n", ""))
          .doesNotContain("\u001b")
          .doesNotContain("\r")
          .doesNotContain("\u202e");
    }
    assertThat(bench.run("peek", "--show-text").out()).contains("a\\u001b[31mb\\u000dc");
  }

  @Test
  void peek_showsPushLetters_andWhatIsNotOurs() {
    bench.fanout.add(TestLetters.push("team", 1));
    String other = bench.fanout.add("{}");

    Bench.Ran ran = bench.run("peek", "--stage=fanout");

    assertThat(ran.out())
        .contains("fanout  Slow  chat team  " + TestLetters.position(1))
        .contains("holds   2 positions that 1 connection missed")
        .contains("fanout  message " + other + " is no letter of ours: not base64");
  }

  @Test
  void peek_fetchesWhatAPointerMeans_andSaysWhenItIsGone() {
    Bytes data = TestLetters.utf8("x".repeat(900_000));
    DeadLetter.RecordLetter letter = TestLetters.pointer("lobby", 1, data);
    bench.persist.add(letter);
    bench.records.at(letter.position().sequenceNumber(), new Records.Found(data));

    Bench.Ran there = bench.run("peek");
    assertThat(there.code()).isEqualTo(Exit.DONE);
    assertThat(there.out())
        .contains("900,000 bytes under key lobby, in the stream")
        .contains("too large to be an event");

    bench.records.at(
        letter.position().sequenceNumber(), new Records.Gone("its retention has ended"));
    Bench.Ran gone = bench.run("peek");
    assertThat(gone.code()).isEqualTo(Exit.UNRECOVERABLE);
    assertThat(gone.out()).contains("holds   unrecoverable: its retention has ended");
  }

  @Test
  void emptyQueues_areSaidToBeSo() {
    assertThat(bench.run("peek").out()).isEqualToIgnoringNewLines("no letters");
    assertThat(bench.run("run").out()).contains("no letters were looked at");
    assertThat(bench.run("status").out()).contains("about 0 letters");
  }

  @Test
  void aQueueThatIsNotThere_isOneLine() {
    bench.persist.outage("the queue confab-persist-dlq does not exist");

    for (String command : List.of("status", "peek", "run", "discard")) {
      Bench.Ran ran = bench.run(command);
      assertThat(ran.code()).isEqualTo(Exit.CANNOT_GO_ON);
      assertThat(ran.err())
          .isEqualToIgnoringNewLines("replay: the queue confab-persist-dlq does not exist");
    }
  }

  @Test
  void anAuditFileThatCannotBeWritten_stopsEverything() {
    bench.persist.add(TestLetters.letter("lobby", 1));

    Bench.Ran ran = bench.runWithAudit(folder.resolve("no/such/folder"), "run", "--execute");

    assertThat(ran.code()).isEqualTo(Exit.CANNOT_GO_ON);
    assertThat(ran.err()).contains("cannot write the audit file").contains("--audit");
    assertThat(bench.records.records()).isEmpty();
  }

  @Test
  void help_hasEveryExitCode() {
    for (String command : List.of("status", "peek", "run", "discard", "export", "import")) {
      Bench.Ran ran = bench.run(command, "--help");
      assertThat(ran.code()).isEqualTo(Exit.DONE);
      assertThat(ran.out()).contains("Exit codes:");
      Exit.meanings().keySet().forEach(code -> assertThat(ran.out()).contains("  " + code + "  "));
    }
  }

  @Test
  void noCommand_isAUsageError() {
    Bench.Ran ran = bench.runWithoutAudit();

    assertThat(ran.code()).isEqualTo(Exit.USAGE);
    assertThat(ran.err()).contains("name a command").contains("status").contains("import");
  }
}
