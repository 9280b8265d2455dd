package dev.confab.replay;

import dev.confab.events.DeadLetter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Letters out of the queue and into a file. */
@Command(
    name = "discard",
    description = {
      "Deletes letters, after it has written them to a file and asked.",
      "",
      "The file is on the disk before the first letter is deleted; import --requeue puts its letters"
          + " back. A placeholder that a letter left in its chat stays."
    })
final class DiscardCommand implements Callable<Integer> {
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);
  private static final DateTimeFormatter FILE_TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private final World world;

  @Mixin private final Target target = new Target();
  @Mixin private final Selection selection = new Selection();

  @Option(
      names = "--to",
      paramLabel = "FILE",
      description =
          "A file that isn't there yet. Default: confab-discarded-<UTC time>.jsonl in this folder.")
  private @Nullable Path to;

  @Option(
      names = "--max",
      paramLabel = "N",
      description = "Discard at most so many letters of each queue. Default: all.")
  private int max = Integer.MAX_VALUE;

  @Option(names = "--yes", description = "Don't ask.")
  private boolean yes;

  @Spec @Nullable CommandSpec spec;

  DiscardCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() {
    Options.atLeastOne(spec, "--max", max);
    return Session.run(world, target, Options.args(spec), false, this::work);
  }

  private int work(Session session) {
    List<Received> letters = new ArrayList<>();
    for (Survey.Found found : session.survey(selection, max)) {
      letters.addAll(found.letters());
      found
          .notOurs()
          .forEach(
              other ->
                  session
                      .ledger()
                      .left(other, Why.NOT_OURS, ((Received.NotOurs) other.content()).reason()));
    }
    if (world.stop().isRequested()) {
      return Exit.STOPPED;
    }
    String now = FILE_TIME.format(world.clock().instant());
    Path file = to == null ? Path.of("confab-discarded-%s.jsonl".formatted(now)) : to;
    if (letters.isEmpty() || !(yes || isWanted(session, letters, file))) {
      session.ledger().sum();
      session.report().say("nothing was discarded");
      return session.ledger().exitCode();
    }
    save(session, letters, file);
    for (Stage stage : Stage.values()) {
      discard(session, letters.stream().filter(letter -> letter.queue().stage() == stage).toList());
    }
    session.ledger().sum();
    session.report().say("what was discarded is in " + file);
    return session.ledger().exitCode();
  }

  private static void save(Session session, List<Received> letters, Path path) {
    Payloads payloads = new Payloads(session.services().records());
    try (LetterFile file = new LetterFile(path)) {
      for (Received received : letters) {
        DeadLetter letter = ((Received.Ours) received.content()).letter();
        file.write(
            LetterLine.write(
                received,
                letter instanceof DeadLetter.RecordLetter record ? payloads.of(record) : null));
        session.hand().keepAlive();
      }
      file.force();
    }
  }

  private void discard(Session session, List<Received> letters) {
    for (int from = 0; from < letters.size(); from += Letters.MAX_BATCH) {
      if (world.stop().isRequested()) {
        return;
      }
      List<Received> batch =
          letters.subList(from, Math.min(from + Letters.MAX_BATCH, letters.size()));
      List<Deletion.Kept> kept = Deletion.of(batch, session.hand());
      Set<String> keptIds = new HashSet<>();
      for (Deletion.Kept letter : kept) {
        keptIds.add(letter.received().message().id());
        session.ledger().left(letter.received(), Why.NOT_DELETED, letter.reason());
      }
      session
          .ledger()
          .done(
              batch.stream()
                  .filter(letter -> !keptIds.contains(letter.message().id()))
                  .map(letter -> new Ledger.Done(letter, Deed.DISCARDED, null))
                  .toList());
    }
  }

  /** Asks, with the letters kept in hand for as long as the operator thinks. */
  private boolean isWanted(Session session, List<Received> letters, Path file) {
    session
        .report()
        .note(
            "discard %s? They are written to %s first. [y/N]"
                .formatted(Ledger.count(letters.size()), file));
    CompletableFuture<Optional<String>> answer =
        CompletableFuture.supplyAsync(this::answer, world.executor());
    while (!answer.isDone() && session.hand().pause(BETWEEN_LOOKS)) {
      // the operator thinks
    }
    String line =
        answer
            .getNow(Optional.of("")) // stopped without an answer
            .orElseThrow(
                () ->
                    new CannotGoOnException(
                        "nobody is there to answer: give --yes to discard without being asked"));
    return line.strip().equalsIgnoreCase("y") || line.strip().equalsIgnoreCase("yes");
  }

  /** Nothing where there is nobody to give one. */
  private Optional<String> answer() {
    try {
      return Optional.ofNullable(world.in().readLine());
    } catch (IOException noInput) {
      return Optional.empty();
    }
  }
}
