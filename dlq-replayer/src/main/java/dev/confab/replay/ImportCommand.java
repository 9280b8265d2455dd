package dev.confab.replay;

import dev.confab.events.ChatEvent;
import dev.confab.events.InvalidJsonException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Letters out of a file. */
@Command(
    name = "import",
    description = {
      "Posts the edited letters of a file as new messages, in the order of the file.",
      "",
      "A dry run unless --execute is given. A letter is edited if the field record of its line is. It"
          + " gets a new position and is pushed, since it was never sent as it now reads; a"
          + " clientMessageId that was not edited becomes a new one. Importing a file twice within"
          + " ten minutes posts its messages once. The letters that were exported stay in their"
          + " queues until they are discarded. Unedited lines are left alone, unless --requeue is"
          + " given. A line that cannot be understood stops the import before anything is done."
    })
final class ImportCommand implements Callable<Integer> {
  private static final String STANDARD_INPUT = "-";
  private static final int SHOWN_COMPLAINTS = 10;
  private static final int SHOWN_LINES = 20;

  /** SQS takes 1 MiB in one call, a little of which it needs itself. */
  private static final int MAX_SENT_CHARS = 1_000_000;

  private record Line(int number, LetterLine.Wanted wanted) {}

  private final World world;

  @Mixin private final Target target = new Target();

  @Parameters(
      paramLabel = "FILE",
      description = "What export or discard wrote, or - for standard input.")
  private String file = "";

  @Option(names = "--execute", description = "Really import. Without it nothing is changed.")
  private boolean execute;

  @Option(
      names = "--requeue",
      description = "Put unedited letters back into their queues: for those that were discarded.")
  private boolean requeue;

  @Spec @Nullable CommandSpec spec;

  ImportCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() {
    return Session.run(world, target, Options.args(spec), !execute, this::work);
  }

  private int work(Session session) throws IOException {
    List<Line> lines = read();
    List<Line> edited = new ArrayList<>();
    List<Line> unedited = new ArrayList<>();
    for (Line line : lines) {
      switch (line.wanted()) {
        case LetterLine.Edited _ -> edited.add(line);
        case LetterLine.Unedited _ -> unedited.add(line);
      }
    }
    if (!execute) {
      session.report().say("dry run: nothing is put and nothing is sent; --execute imports");
    }
    post(session, edited);
    if (requeue) {
      requeue(session, unedited);
    } else if (!unedited.isEmpty()) {
      session
          .report()
          .say(
              "%s not edited, and so left alone (--requeue puts them back into their queues)"
                  .formatted(Ledger.count(unedited.size())));
    }
    session.ledger().sum();
    return session.ledger().exitCode();
  }

  private List<Line> read() throws IOException {
    List<Line> lines = new ArrayList<>();
    List<String> complaints = new ArrayList<>();
    Instant now = world.clock().instant();
    try (BufferedReader reader =
        file.equals(STANDARD_INPUT)
            ? world.in()
            : Files.newBufferedReader(Path.of(file), StandardCharsets.UTF_8)) {
      int number = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        try {
          if (!line.isBlank()) {
            lines.add(new Line(number, LetterLine.read(line, now)));
          }
        } catch (InvalidJsonException notUnderstood) {
          complaints.add("line " + number + ": " + notUnderstood.getMessage());
        }
      }
    } catch (CharacterCodingException notUtf8) {
      throw new CannotGoOnException(file + " is not UTF-8: save it as UTF-8", notUtf8);
    } catch (IOException unreadable) {
      throw new CannotGoOnException(
          "cannot read " + file + ": " + LetterFile.reason(unreadable), unreadable);
    }
    if (!complaints.isEmpty()) {
      throw new CannotGoOnException(
          "nothing was imported: mend %s in %s: %s"
              .formatted(
                  complaints.size() == 1 ? "1 line" : complaints.size() + " lines",
                  file,
                  Plain.line(
                      String.join(
                          "; ",
                          complaints.subList(0, Math.min(SHOWN_COMPLAINTS, complaints.size()))))));
    }
    return lines;
  }

  private void post(Session session, List<Line> lines) {
    List<ChatEvent> events = new ArrayList<>();
    List<Received> letters = new ArrayList<>();
    for (Line line : lines) {
      LetterLine.Edited edited = (LetterLine.Edited) line.wanted();
      ChatEvent.MessageSent message = edited.message();
      if (events.size() < SHOWN_LINES) {
        session
            .report()
            .say(
                "line %d  a new message of %s in chat %s, clientMessageId %s"
                    .formatted(
                        line.number(),
                        Plain.line(message.senderId().value()),
                        message.chatId(),
                        message.clientMessageId().value()));
      }
      events.add(message);
      letters.add(
          asLetter(session, line.number(), edited.stage(), new Received.Ours(edited.letter())));
    }
    if (!execute) {
      session
          .ledger()
          .done(letters.stream().map(l -> new Ledger.Done(l, Deed.POSTED, null)).toList());
      return;
    }
    List<Records.Put> answers = session.puts().put(events);
    String refusal = null;
    for (int i = 0; i < answers.size(); i++) {
      switch (answers.get(i)) {
        case Records.Taken taken ->
            session.ledger().done(List.of(new Ledger.Done(letters.get(i), Deed.POSTED, taken)));
        case Records.Refused(String reason) -> {
          refusal = reason;
          session.ledger().left(letters.get(i), Why.NOT_TAKEN, reason);
        }
      }
    }
    if (refusal != null && !world.stop().isByOperator()) {
      session.ledger().sum();
      throw new CannotGoOnException(
          "the stream takes no records: %s; import the same file again when it is well"
              .formatted(Plain.line(refusal)));
    }
  }

  private void requeue(Session session, List<Line> lines) {
    for (Stage stage : Stage.values()) {
      List<Line> batch = new ArrayList<>();
      int chars = 0;
      for (Line line : lines) {
        if (!(line.wanted() instanceof LetterLine.Unedited(Stage its, String body))
            || its != stage) {
          continue;
        }
        if (batch.size() == Letters.MAX_BATCH || chars + body.length() > MAX_SENT_CHARS) {
          send(session, stage, batch);
          batch.clear();
          chars = 0;
        }
        batch.add(line);
        chars += body.length();
      }
      send(session, stage, batch);
    }
  }

  private void send(Session session, Stage stage, List<Line> lines) {
    if (lines.isEmpty() || world.stop().isRequested()) {
      return;
    }
    List<String> bodies =
        lines.stream().map(line -> ((LetterLine.Unedited) line.wanted()).body()).toList();
    List<String> refusals =
        execute
            ? session.services().letters(stage).send(bodies)
            : bodies.stream().map(_ -> "").toList();
    for (int i = 0; i < lines.size(); i++) {
      Received letter =
          asLetter(session, lines.get(i).number(), stage, Received.content(bodies.get(i)));
      if (refusals.get(i).isEmpty()) {
        session.ledger().done(List.of(new Ledger.Done(letter, Deed.REQUEUED, null)));
      } else {
        session.ledger().left(letter, Why.NOT_TAKEN, refusals.get(i));
      }
    }
  }

  /** For the account that is kept: a letter that comes from a line. */
  private Received asLetter(Session session, int line, Stage stage, Received.Content content) {
    return new Received(
        session.services().letters(stage),
        new QueueMessage("line " + line, "", "", world.clock().instant()),
        content);
  }
}
