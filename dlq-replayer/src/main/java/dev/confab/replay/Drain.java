package dev.confab.replay;

import dev.confab.events.ChatEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Empties queues into the stream: takes letters in hand, puts their events, and deletes a letter
 * only after the stream has taken its record. Several lanes work at a time, each on a batch of its
 * own; within a batch a chat's letters go in the order of their positions. Whatever isn't deleted
 * stays in hand, so that no letter is looked at twice; whoever called gives it back at the end.
 */
final class Drain {
  /**
   * How to go about it.
   *
   * @param execute false for a dry run, which puts and deletes nothing
   * @param max how many letters to replay at most
   * @param lettersPerSecond above 0; infinite for as fast as it goes
   * @param lanes how many batches at a time
   * @param batch letters in a batch, 1 or more; the more, the more of a chat goes in order
   */
  record Plan(boolean execute, long max, double lettersPerSecond, int lanes, int batch) {
    static final int LANES = 8;

    /** New messages are put in the order of their positions as far as they are in hand together. */
    static final int BATCH_OF_NEW_MESSAGES = 500;

    static Plan of(boolean execute, long max, double lettersPerSecond, boolean asNew) {
      if (asNew) {
        return new Plan(execute, max, lettersPerSecond, 1, BATCH_OF_NEW_MESSAGES);
      }
      int batch = (int) Math.clamp(lettersPerSecond, 1, Letters.MAX_BATCH);
      int lanesFed = (int) Math.clamp(Math.ceil(lettersPerSecond / batch), 1, LANES);
      return new Plan(execute, max, lettersPerSecond, execute ? lanesFed : LANES, batch);
    }

    /** How many letters go at once: no more than a second's worth. */
    int burst() {
      return (int) Math.clamp(lettersPerSecond, 1, batch);
    }
  }

  private record Job(Received received, Deed deed, ChatEvent event) {}

  private final Plan plan;
  private final Judge judge;
  private final Hand hand;
  private final Puts puts;
  private final Pacer pacer;
  private final Ledger ledger;
  private final Report report;
  private final Stop stop;
  private final Workers workers;
  private final AtomicLong budget;

  Drain(
      Plan plan,
      Judge judge,
      Hand hand,
      Puts puts,
      Pacer pacer,
      Ledger ledger,
      Report report,
      Stop stop,
      Workers workers) {
    this.plan = plan;
    this.judge = judge;
    this.hand = hand;
    this.puts = puts;
    this.pacer = pacer;
    this.ledger = ledger;
    this.report = report;
    this.stop = stop;
    this.workers = workers;
    this.budget = new AtomicLong(plan.max());
  }

  /**
   * Works until the queue has no more to give, the budget is spent, too much is in hand, or a stop
   * is requested.
   *
   * @throws CannotGoOnException when a service failed; what was in other lanes' hands is finished
   */
  void drain(Letters queue) {
    long about = Math.min(queue.depth().visible(), plan.max());
    long doneBefore = ledger.total();
    long leftBefore = ledger.totalLeft();
    Runnable tellProgress =
        () -> {
          long done = ledger.total() - doneBefore;
          long left = ledger.totalLeft() - leftBefore;
          report.progress(
              done + left,
              about,
              "%s: %,d of about %,d, %,d left".formatted(queue.stage().word(), done, about, left));
        };
    workers.run(
        plan.lanes(),
        () -> {
          try {
            lane(queue, tellProgress);
          } catch (RuntimeException failed) {
            stop.request();
            throw failed;
          }
        });
  }

  /** Whether as many letters were replayed as were allowed. */
  boolean isSpent() {
    return budget.get() <= 0;
  }

  private void lane(Letters queue, Runnable tellProgress) {
    while (!isSpent()) {
      List<Received> batch = take(queue);
      if (batch.isEmpty()) {
        return;
      }
      work(batch);
      hand.keepAlive();
      tellProgress.run();
    }
  }

  /** None when the queue has no more to give, too much is in hand, or a stop was requested. */
  private List<Received> take(Letters queue) {
    List<Received> batch = new ArrayList<>();
    while (batch.size() < plan.batch() && !stop.isRequested() && !hand.isFull()) {
      int room = (int) Math.min(plan.batch() - batch.size(), budget.get());
      List<Received> more = hand.receive(queue, Math.clamp(room, 1, Letters.MAX_BATCH));
      if (more.isEmpty()) {
        break;
      }
      batch.addAll(more);
      if (plan.batch() <= Letters.MAX_BATCH) {
        break;
      }
      hand.keepAlive();
    }
    batch.sort(LetterFields.BY_CHAT_AND_POSITION);
    return batch;
  }

  private void work(List<Received> batch) {
    List<Job> jobs = new ArrayList<>();
    for (Received received : batch) {
      switch (judge.judge(received)) {
        case Verdict.Leave(Why why, String detail) -> ledger.left(received, why, detail);
        case Verdict.PassOver() -> ledger.passedOver();
        case Verdict.PutBack(ChatEvent event) -> add(jobs, received, Deed.REPLAYED, event);
        case Verdict.PostAsNew(ChatEvent.MessageSent message) ->
            add(jobs, received, Deed.POSTED, message);
      }
    }
    if (jobs.isEmpty()) {
      return;
    }
    if (!plan.execute()) {
      ledger.done(
          jobs.stream().map(job -> new Ledger.Done(job.received(), job.deed(), null)).toList());
      return;
    }
    for (int from = 0; from < jobs.size(); from += plan.burst()) {
      List<Job> burst = jobs.subList(from, Math.min(from + plan.burst(), jobs.size()));
      if (!hand.pause(pacer.reserve(burst.size()))) {
        return; // stopped while waiting for their turn: they go back
      }
      execute(burst);
    }
  }

  private void add(List<Job> jobs, Received received, Deed deed, ChatEvent event) {
    if (budget.getAndDecrement() > 0) {
      jobs.add(new Job(received, deed, event));
    }
  }

  private void execute(List<Job> jobs) {
    List<Records.Put> answers = puts.put(jobs.stream().map(Job::event).toList());
    List<Ledger.Done> done = new ArrayList<>();
    String refusal = null;
    for (int i = 0; i < jobs.size(); i++) {
      Job job = jobs.get(i);
      switch (answers.get(i)) {
        case Records.Taken taken -> done.add(new Ledger.Done(job.received(), job.deed(), taken));
        case Records.Refused(String reason) -> {
          refusal = reason;
          ledger.left(job.received(), Why.NOT_TAKEN, reason);
        }
      }
    }
    if (!done.isEmpty()) {
      ledger.done(done);
      delete(done.stream().map(Ledger.Done::received).toList());
    }
    if (refusal != null && !stop.isByOperator()) {
      throw new CannotGoOnException(
          "the stream takes no records: "
              + Plain.line(refusal)
              + "; what was not replayed is still in the queue: run again when the stream is well");
    }
  }

  private void delete(List<Received> letters) {
    Deletion.of(letters, hand)
        .forEach(kept -> ledger.left(kept.received(), Why.NOT_DELETED, kept.reason()));
  }
}
