package dev.confab.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.DeadLetter;
import dev.confab.events.DeadLetterCodec;
import dev.confab.events.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code export}, {@code discard} and {@code import}: letters to a file and back. */
final class FilesTest {
  @TempDir Path folder;
  private Bench bench;
  private Path file;

  @BeforeEach
  void begin() {
    bench = new Bench(folder);
    file = folder.resolve("letters.jsonl");
  }

  private String to() {
    return "--to=" + file;
  }

  @Test
  void export_copies_andConsumesNothing() throws Exception {
    DeadLetter.RecordLetter letter = TestLetters.letter("lobby", 1);
    bench.persist.add(letter);
    bench.fanout.add(TestLetters.push("team", 2));

    Bench.Ran ran = bench.run("export", to());

    assertThat(ran.code()).isEqualTo(Exit.DONE);
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(2);
    assertThat(lines.getFirst())
        .startsWith("{\"v\":1,\"stage\":\"persist\",\"queue\":\"confab-persist-dlq\"")
        .contains("\"record\":{\"v\":1,\"type\":\"message\",\"chatId\":\"lobby\"")
        .endsWith("\"body\":\"" + DeadLetterCodec.encode(letter) + "\"}");
    assertThat(bench.persist.depth()).isEqualTo(new Letters.Depth(1, 0));
    assertThat(bench.fanout.depth()).isEqualTo(new Letters.Depth(1, 0));
    if (LetterFile.isPosix()) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void export_overwritesNothing() throws IOException {
    Files.writeString(file, "precious");
    bench.persist.add(TestLetters.letter("lobby", 1));

    Bench.Ran ran = bench.run("export", to());

    assertThat(ran.code()).isEqualTo(Exit.CANNOT_GO_ON);
    assertThat(ran.err()).contains("exists").contains("nothing is overwritten");
    assertThat(file).hasContent("precious");
  }

  @Test
  void export_toStandardOutput_isNothingButLines() throws Exception {
    bench.persist.add(TestLetters.letter("lobby", 1));
    bench.persist.add(TestLetters.letter("lobby", 2));

    Bench.Ran ran = bench.run("export", "--to=-");

    assertThat(ran.outLines()).hasSize(2);
    for (String line : ran.outLines()) {
      assertThat(LetterLine.read(line, bench.time.instant()))
          .isInstanceOf(LetterLine.Unedited.class);
    }
  }

  @Test
  void export_holdsWhatAPointerMeans_whole() throws Exception {
    Bytes data = TestLetters.utf8("x".repeat(900_000));
    DeadLetter.RecordLetter letter = TestLetters.pointer("lobby", 1, data);
    bench.persist.add(letter);
    bench.records.at(letter.position().sequenceNumber(), new Records.Found(data));

    assertThat(bench.run("export", to()).code()).isEqualTo(Exit.DONE);
    JsonObject line = JsonObject.parse(Files.readString(file));
    assertThat(line.parsed("data", Bytes::ofBase64)).isEqualTo(data);
  }

  @Test
  void export_ofAPointerToWhatIsGone_saysSo() throws Exception {
    bench.persist.add(TestLetters.pointer("lobby", 1, TestLetters.utf8("x")));

    Bench.Ran ran = bench.run("export", to());

    assertThat(ran.code()).isEqualTo(Exit.UNRECOVERABLE);
    assertThat(Files.readString(file)).contains("\"unrecoverable\":\"its retention has ended\"");
  }

  @Test
  void garbage_exported_edited_imported_isANewMessage() throws Exception {
    bench.persist.add(TestLetters.letter("lobby", 1, "Malformed", TestLetters.utf8("hello")));
    bench.run("export", to());
    assertThat(Files.readString(file)).contains("\"record\":\"hello\"");

    edit(
        "\"record\":\"hello\"",
        "\"record\":{\"chatId\":\"lobby\",\"senderId\":\"ana\",\"text\":\"hello\"}");
    Bench.Ran dry = bench.run("import", file.toString());
    assertThat(dry.code()).isEqualTo(Exit.DONE);
    assertThat(dry.out())
        .contains("line 1  a new message of ana in chat lobby, clientMessageId edited-")
        .contains("would post 1 letter as new messages");
    assertThat(bench.records.records()).isEmpty();

    Bench.Ran ran = bench.run("import", "--execute", file.toString());
    assertThat(ran.code()).isEqualTo(Exit.DONE);
    ChatEvent.MessageSent posted = (ChatEvent.MessageSent) bench.records.events().getFirst();
    assertThat(posted.chatId().value()).isEqualTo("lobby");
    assertThat(posted.text()).isEqualTo("hello");
    assertThat(posted.resend()).isTrue();
    assertThat(posted.clientMessageId().value()).startsWith("edited-");
    // The export was a copy.
    assertThat(bench.persist.depth()).isEqualTo(new Letters.Depth(1, 0));
  }

  @Test
  void importingTwice_putsTheSameMessage() throws Exception {
    bench.persist.add(TestLetters.letter("lobby", 1));
    bench.run("export", to());
    edit("text 1", "text one");

    bench.run("import", "--execute", file.toString());
    bench.run("import", "--execute", file.toString());

    List<ChatEvent> events = bench.records.events();
    assertThat(events).hasSize(2);
    assertThat(events.get(1)).isEqualTo(events.get(0));
  }

  @Test
  void anEditedMessage_isNotTakenForTheOneThatClientsHoldAPlaceFor() throws Exception {
    bench.persist.add(TestLetters.letter("lobby", 1));
    bench.persist.add(TestLetters.letter("lobby", 2));
    bench.run("export", to());
    edit("text 1", "text one");
    edit("\"c-2\"", "\"mine\"");

    bench.run("import", "--execute", file.toString());

    assertThat(bench.records.events())
        .extracting(event -> ((ChatEvent.MessageSent) event).clientMessageId().value())
        .satisfiesExactly(
            id -> assertThat(id).startsWith("edited-"), id -> assertThat(id).isEqualTo("mine"));
  }

  @Test
  void blanksAndTheOrderOfFields_areNoEdit() throws Exception {
    bench.persist.add(TestLetters.letter("lobby", 1));
    bench.run("export", to());
    edit(
        "\"record\":{\"v\":1,\"type\":\"message\",",
        "\"record\": { \"type\": \"message\", \"v\": 1.0, ");

    Bench.Ran ran = bench.run("import", "--execute", file.toString());

    assertThat(ran.out()).contains("1 letter not edited, and so left alone");
    assertThat(bench.records.records()).isEmpty();
  }

  @Test
  void oneBadLine_andNothingIsImported() throws Exception {
    bench.persist.add(TestLetters.letter("lobby", 1));
    bench.persist.add(TestLetters.letter("lobby", 2));
    bench.persist.add(TestLetters.letter("lobby", 3));
    bench.run("export", to());
    edit("text 1", "text one");
    edit("\"text\":\"text 2\"", "\"text\":\"\"");
    edit("\"senderId\":\"ana\",\"clientMessageId\":\"c-3\"", "\"clientMessageId\":\"c-3\"");
    Files.writeString(file, Files.readString(file) + "\nhello\n{\"v\":1}\n");

    Bench.Ran ran = bench.run("import", "--execute", file.toString());

    assertThat(ran.code()).isEqualTo(Exit.CANNOT_GO_ON);
    assertThat(ran.err())
        .contains("nothing was imported: mend 4 lines")
        .contains("line 2: text must not be empty")
        .contains("line 3: senderId is missing")
        .contains("line 5: not valid JSON")
        .contains("line 6: stage must be persist or fanout");
    assertThat(bench.records.records()).isEmpty();
  }

  @Test
  void aFileThatCannotBeRead_isOneLine() throws IOException {
    Bench.Ran none = bench.run("import", folder.resolve("none").toString());
    assertThat(none.code()).isEqualTo(Exit.CANNOT_GO_ON);
    assertThat(none.err()).contains("cannot read").contains("no such file or folder");

    Files.write(file, new byte[] {(byte) 0xff, 10});
    assertThat(bench.run("import", file.toString()).err()).contains("is not UTF-8");
  }

  @Test
  void discard_asks_andTakesNoForAnAnswer() {
    bench.persist.add(TestLetters.letter("lobby", 1));
    bench.input = "n\n";

    Bench.Ran ran = bench.run("discard", to());

    assertThat(ran.code()).isEqualTo(Exit.DONE);
    assertThat(ran.err()).contains("discard 1 letter? They are written to " + file);
    assertThat(ran.out()).contains("nothing was discarded");
    assertThat(file).doesNotExist();
    assertThat(bench.persist.depth()).isEqualTo(new Letters.Depth(1, 0));
  }

  @Test
  void discard_withNobodyThere_wantsYes() {
    bench.persist.add(TestLetters.letter("lobby", 1));

    Bench.Ran ran = bench.run("discard", to());

    assertThat(ran.code()).isEqualTo(Exit.CANNOT_GO_ON);
    assertThat(ran.err()).contains("nobody is there to answer: give --yes");
    assertThat(bench.persist.depth()).isEqualTo(new Letters.Depth(1, 0));
  }

  @Test
  void discard_deletesOnlyWhatIsInTheFile() throws Exception {
    for (int i = 0; i < 25; i++) {
      bench.persist.add(TestLetters.letter("lobby", i));
    }
    bench.persist.add("not ours");
    bench.input = "y\n";
    List<Integer> linesBeforeEachDelete = new ArrayList<>();
    bench.persist.beforeDelete(() -> linesBeforeEachDelete.add(lines()));

    Bench.Ran ran = bench.run("discard", to());

    assertThat(ran.code()).isEqualTo(Exit.LETTERS_LEFT);
    assertThat(ran.out())
        .contains("discarded 25 letters")
        .contains("left 1 letter: no letter of ours");
    assertThat(linesBeforeEachDelete).containsExactly(25, 25, 25);
    assertThat(bench.persist.bodies()).containsExactly("not ours");
    assertThat(
            bench.auditLines().stream().filter(line -> line.contains("\"result\":\"discarded\"")))
        .hasSize(25);
  }

  private int lines() {
    try {
      return Files.readAllLines(file).size();
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  @Test
  void discard_thatCannotWrite_deletesNothing() throws IOException {
    Files.writeString(file, "precious");
    bench.persist.add(TestLetters.letter("lobby", 1));

    Bench.Ran ran = bench.run("discard", "--yes", to());

    assertThat(ran.code()).isEqualTo(Exit.CANNOT_GO_ON);
    assertThat(bench.persist.depth()).isEqualTo(new Letters.Depth(1, 0));
  }

  @Test
  void discarded_andRequeued_isTheSameLetter() throws Exception {
    DeadLetter.RecordLetter letter = TestLetters.letter("lobby", 1);
    DeadLetter.PushLetter push = TestLetters.push("team", 2);
    bench.persist.add(letter);
    bench.fanout.add(push);
    assertThat(bench.run("discard", "--yes", to()).code()).isEqualTo(Exit.DONE);
    assertThat(bench.persist.bodies()).isEmpty();
    assertThat(bench.fanout.bodies()).isEmpty();

    Bench.Ran alone = bench.run("import", "--execute", file.toString());
    assertThat(alone.out()).contains("2 letters not edited");
    assertThat(bench.persist.bodies()).isEmpty();

    Bench.Ran ran = bench.run("import", "--execute", "--requeue", file.toString());

    assertThat(ran.code()).isEqualTo(Exit.DONE);
    assertThat(bench.persist.letters()).containsExactly(letter);
    assertThat(bench.fanout.letters()).containsExactly(push);
    assertThat(bench.records.records()).isEmpty();
  }

  @Test
  void discard_withFilters_leavesTheRest() {
    bench.persist.add(TestLetters.letter("lobby", 1));
    bench.persist.add(TestLetters.letter("team", 2));

    bench.run("discard", "--yes", "--chat=team", to());

    assertThat(bench.persist.letters()).containsExactly(TestLetters.letter("lobby", 1));
  }

  private void edit(String before, String after) throws IOException {
    String text = Files.readString(file);
    assertThat(text).contains(before);
    Files.writeString(file, text.replace(before, after));
  }
}
