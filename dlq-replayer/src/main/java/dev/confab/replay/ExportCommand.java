package dev.confab.replay;

import dev.confab.events.DeadLetter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Letters into a file. */
@Command(
    name = "export",
    description = {
      "Copies letters to a file, one JSON object a line, with what people wrote.",
      "",
      "The letters stay in their queues. Edit the field record of a line, and import posts it as a"
          + " new message."
    })
final class ExportCommand implements Callable<Integer> {
  private static final String STANDARD_OUTPUT = "-";

  private final World world;

  @Mixin private final Target target = new Target();
  @Mixin private final Selection selection = new Selection();

  @Option(
      names = "--to",
      paramLabel = "FILE",
      required = true,
      description = "A file that isn't there yet, or - for standard output.")
  private String to = "";

  @Option(
      names = "--max",
      paramLabel = "N",
      description = "Export at most so many letters of each queue. Default: all.")
  private int max = Integer.MAX_VALUE;

  @Spec @Nullable CommandSpec spec;

  ExportCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() {
    Options.atLeastOne(spec, "--max", max);
    boolean isToOutput = to.equals(STANDARD_OUTPUT);
    Options.check(
        spec, !(isToOutput && target.json), "--json and --to - both want standard output");
    return Session.run(
        world,
        target,
        Options.args(spec),
        false,
        session -> isToOutput ? toOutput(session) : toFile(session));
  }

  private int toFile(Session session) {
    try (LetterFile file = new LetterFile(Path.of(to))) {
      int code = export(session, file::write);
      file.force();
      session.ledger().sum();
      if (session.ledger().total() > 0) {
        session.report().say("they are in " + to + " and, still, in their queues");
      }
      return code;
    }
  }

  private int toOutput(Session session) {
    int code =
        export(
            session,
            line -> {
              world.out().println(line);
              world.out().flush();
            });
    session.report().note(session.ledger().soFar());
    return code;
  }

  private int export(Session session, Consumer<String> lines) {
    Payloads payloads = new Payloads(session.services().records());
    boolean isCut = false;
    for (Survey.Found found : session.survey(selection, max)) {
      for (Received received : found.letters()) {
        write(session, received, payloads, lines);
        session.hand().keepAlive();
      }
      found
          .notOurs()
          .forEach(
              other ->
                  session
                      .ledger()
                      .left(other, Why.NOT_OURS, ((Received.NotOurs) other.content()).reason()));
      isCut |= found.end() == Survey.End.FULL;
    }
    return isCut
        ? Math.max(Exit.LETTERS_LEFT, session.ledger().exitCode())
        : session.ledger().exitCode();
  }

  /** One line of a file, in which a lost record is said to be so. */
  static void write(Session session, Received received, Payloads payloads, Consumer<String> lines) {
    DeadLetter letter = ((Received.Ours) received.content()).letter();
    Payloads.Payload payload =
        letter instanceof DeadLetter.RecordLetter record ? payloads.of(record) : null;
    lines.accept(LetterLine.write(received, payload));
    if (payload instanceof Payloads.Lost(String reason)) {
      session.ledger().left(received, Why.UNRECOVERABLE, reason);
    } else {
      session.ledger().done(List.of(new Ledger.Done(received, Deed.EXPORTED, null)));
    }
  }
}
