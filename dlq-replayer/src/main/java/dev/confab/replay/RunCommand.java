package dev.confab.replay;

import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Puts letters back on the stream. */
@Command(
    name = "run",
    description = {
      "Replays letters: puts them back on the stream for the stage that parked them.",
      "",
      "A dry run unless --execute is given. A letter is deleted only after the stream has taken its"
          + " record; its chat's partition key is kept. persist stores a replayed message at its"
          + " original position, and nobody is shown it as new; a push letter is pushed to those of"
          + " its connections that are still there, marked as a replay. Replaying a letter twice has"
          + " the effect of once. Ctrl-C finishes the batch in hand and says where it stopped."
    })
final class RunCommand implements Callable<Integer> {
  private final World world;

  @Mixin private final Target target = new Target();
  @Mixin private final Selection selection = new Selection();

  @Option(names = "--execute", description = "Really replay. Without it nothing is changed.")
  private boolean execute;

  @Option(
      names = "--max",
      paramLabel = "N",
      description = "Replay at most so many letters. Default: all.")
  private long max = Long.MAX_VALUE;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Replay at most so many letters a second. Default: as fast as it goes.")
  private double rate = Double.POSITIVE_INFINITY;

  @Option(
      names = "--max-replays",
      paramLabel = "N",
      defaultValue = "3",
      description = "Leave letters that were replayed so many times. Default: ${DEFAULT-VALUE}.")
  private int maxReplays = Judge.Wish.DEFAULT_MAX_REPLAYS;

  @Option(
      names = "--as-new",
      description =
          "Post messages that lay in a wrong shard or under a wrong partition key as new messages:"
              + " they get a new position and are pushed. Their old place is no place in their chat.")
  private boolean asNew;

  @Option(
      names = "--try-malformed",
      description =
          "Replay messages too that this version's own rules refuse: for when the persist that is"
              + " deployed has other rules.")
  private boolean tryMalformed;

  @Spec @Nullable CommandSpec spec;

  RunCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() {
    Options.atLeastOne(spec, "--max", max);
    Options.atLeastOne(spec, "--max-replays", maxReplays);
    Options.check(spec, rate > 0, "--rate must be above 0, not " + rate);
    return Session.run(world, target, Options.args(spec), !execute, this::work);
  }

  private int work(Session session) {
    Report report = session.report();
    Instant startedAt = world.clock().instant();
    Records records = session.services().records();
    Judge judge =
        new Judge(
            new Judge.Wish(selection.filter(), maxReplays, asNew, tryMalformed, startedAt),
            records.shards(),
            new Payloads(records));
    Drain drain =
        new Drain(
            Drain.Plan.of(execute, max, rate, asNew),
            judge,
            session.hand(),
            session.puts(),
            new Pacer(world.clock(), rate),
            session.ledger(),
            report,
            world.stop(),
            session.workers());
    if (!execute) {
      report.say("dry run: nothing is put and nothing is deleted; --execute replays");
    }
    try {
      for (Stage stage : selection.stages()) {
        Letters queue = session.services().letters(stage);
        noteOthers(report, queue);
        drain.drain(queue);
      }
    } finally {
      sum(session, drain);
    }
    return session.ledger().exitCode();
  }

  private static void noteOthers(Report report, Letters queue) {
    long inHand = queue.depth().inHand();
    if (inHand > 0) {
      report.note(
          "%s of %s in other hands: of a replayer at work, or one killed less than %s ago"
              .formatted(Ledger.count(inHand), queue.name(), Times.text(Hand.HIDDEN)));
    }
  }

  private void sum(Session session, Drain drain) {
    session.ledger().sum();
    if (world.stop().isByOperator()) {
      session
          .report()
          .say(
              "stopped, with the batch in hand finished: %s; run the same command again to go on"
                  .formatted(session.ledger().soFar()));
    } else if (drain.isSpent()) {
      session.report().say("--max reached: there may be more");
    } else if (session.hand().isFull()) {
      session
          .report()
          .say(
              "as many letters are in hand as can be: there may be more; run again, without the"
                  + " filters or once these are dealt with");
    }
    session
        .report()
        .tell(
            json -> {
              json.writeStringField("type", "summary");
              json.writeBooleanField("dryRun", !execute);
              json.writeBooleanField("stopped", world.stop().isByOperator());
              json.writeBooleanField("maxReached", drain.isSpent());
              session.ledger().writeTotals(json);
            });
  }
}
