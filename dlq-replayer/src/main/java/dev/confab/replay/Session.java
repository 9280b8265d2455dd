package dev.confab.replay;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.confab.events.JsonText;
import java.io.IOException;
import java.util.List;

/**
 * One command at work: what it says, keeps account of and has in hand. Whatever way it ends, what
 * is in hand goes back, and the audit file has its end.
 */
final class Session {

  /** A command's work. */
  @FunctionalInterface
  interface Work {
    /**
     * Works.
     *
     * @return the exit code
     * @throws CannotGoOnException for the operator
     */
    int in(Session session) throws IOException;
  }

  private final World world;
  private final Target target;
  private final Report report;
  private final Audit audit;
  private final Services services;
  private final Workers workers;
  private final Hand hand;
  private final Ledger ledger;

  private Session(World world, Target target, Audit audit, Services services, boolean isDryRun) {
    this.world = world;
    this.target = target;
    this.audit = audit;
    this.services = services;
    this.report =
        new Report(world.out(), world.err(), target.json, world.isTerminal(), world.clock());
    this.workers = new Workers(world.executor(), Drain.Plan.LANES);
    this.hand = new Hand(world.clock(), world.pause(), workers, world.stop());
    this.ledger = new Ledger(audit, report, isDryRun);
  }

  /**
   * Runs a command.
   *
   * @param args the command line, for the audit file
   * @param isDryRun whether it changes nothing
   */
  static int run(World world, Target target, List<String> args, boolean isDryRun, Work work) {
    try (Audit audit = new Audit(target.audit, world.clock(), world.ids().get());
        Services services = world.connect().apply(target)) {
      Session session = new Session(world, target, audit, services, isDryRun);
      audit.write(session.started(args, isDryRun));
      int code = Exit.FAULT;
      try {
        code = session.work(work);
        return code;
      } catch (CannotGoOnException fault) {
        code = Exit.CANNOT_GO_ON;
        throw fault;
      } finally {
        session.end(code);
      }
    }
  }

  private int work(Work work) {
    try {
      int code = work.in(this);
      return world.stop().isByOperator() ? Exit.STOPPED : code;
    } catch (IOException fault) {
      throw new CannotGoOnException("cannot read or write: " + LetterFile.reason(fault), fault);
    }
  }

  private void end(int code) {
    try {
      hand.giveBack();
    } catch (CannotGoOnException unreachable) {
      report.note(
          "letters in hand could not be given back (%s); they come back by themselves within %s"
              .formatted(unreachable.line(), Times.text(Hand.HIDDEN)));
    }
    audit.write(
        json -> {
          json.writeStringField("type", "ended");
          json.writeNumberField("exitCode", code);
          ledger.writeTotals(json);
        });
  }

  private JsonText.Fields started(List<String> args, boolean isDryRun) {
    return json -> {
      json.writeStringField("type", "started");
      json.writeStringField("who", world.who());
      writeStrings(json, "args", args);
      json.writeBooleanField("dryRun", isDryRun);
      json.writeStringField("stream", target.streamName());
      for (Stage stage : Stage.values()) {
        json.writeStringField(stage.word() + "Queue", target.queue(stage));
      }
    };
  }

  private static void writeStrings(JsonGenerator json, String name, List<String> values)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (String value : values) {
      json.writeString(value);
    }
    json.writeEndArray();
  }

  World world() {
    return world;
  }

  Report report() {
    return report;
  }

  Hand hand() {
    return hand;
  }

  Ledger ledger() {
    return ledger;
  }

  Services services() {
    return services;
  }

  Workers workers() {
    return workers;
  }

  Puts puts() {
    return new Puts(services.records(), hand, world.stop(), report, world.clock(), world.random());
  }

  /** Looks through the queues of stages; says where not all could be seen. */
  List<Survey.Found> survey(Selection selection, int max) {
    Filter filter = selection.filter();
    return selection.stages().stream()
        .map(stage -> Survey.of(services.letters(stage), filter, max, hand, world.stop()))
        .peek(this::noteEnd)
        .toList();
  }

  private void noteEnd(Survey.Found found) {
    switch (found.end()) {
      case ALL_SEEN, ENOUGH -> {} // what was asked for
      case FULL ->
          report.note(
              "not all letters could be looked at: as many are in hand as can be; run again with"
                  + " --stage, or after what was seen is dealt with");
      case STOPPED -> report.note("stopped before all letters were looked at");
    }
  }
}
