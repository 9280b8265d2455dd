package dev.confab.consumer;

import dev.confab.consumer.Deaggregation.Arrival;
import dev.confab.events.DeadLetter;
import dev.confab.metrics.Measurements;
import dev.confab.metrics.Metric;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One shard's records on their way through a stage: taken apart, offered, offered again, parked,
 * and only then passed by a checkpoint. Knows nothing of KCL, which calls it through a thin adapter
 * as a simulation does without one.
 *
 * <p>Called by one thread at a time, except {@link #requestStop}. No call throws: KCL skips, for
 * good, the records of a call that does.
 */
public final class ShardRun {

  /** Records offered to the stage in one call, if no single Kinesis record holds more. */
  static final int MAX_OFFERED = 1_000;

  /** Of a wait. A lost lease or a stop is seen within it. */
  static final Duration LONGEST_SLICE = Duration.ofSeconds(1);

  /** A worker that stops doesn't wait for a table that is down: what is lost is done twice. */
  private static final int LAST_CHECKPOINT_ATTEMPTS = 3;

  private static final int MAX_ERROR_TEXT = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(ShardRun.class);

  private enum State {
    RUNNING,
    /** Takes no more records; a last checkpoint may follow. */
    STOPPED,
    /** The shard may be another worker's: never checkpoints again. */
    LOST
  }

  /** Unwinds the work on a batch: the run is no longer {@link State#RUNNING}. */
  private static final class Stopped extends Exception {
    private static final long serialVersionUID = 1;
  }

  /** A record on its way. */
  private static final class Task {
    final StreamRecord record;
    final boolean isForStage;
    int attempts;
    @Nullable Instant firstFailedAt;
    @Nullable Outcome outcome;

    Task(Arrival arrival) {
      record = arrival.record();
      isForStage = arrival.defect() == null;
      outcome = arrival.defect();
    }

    boolean isDone() {
      return outcome instanceof Outcome.Done;
    }

    boolean isRefused() {
      return outcome instanceof Outcome.Unprocessable;
    }

    boolean isToRetry() {
      return outcome instanceof Outcome.Retry;
    }
  }

  /** Something that is tried until it works. */
  @FunctionalInterface
  private interface Attempt {
    /**
     * @return null when it worked, else why it didn't
     */
    @Nullable String run() throws InterruptedException;
  }

  private final String shardId;
  private final Lease lease;
  private final ShardStage stage;
  private final RunPorts ports;
  private final Measurements measured;
  private final Deaggregation deaggregation;
  private final Progress progress = new Progress();
  private volatile boolean stopRequested;
  private State state = State.RUNNING;
  private boolean isStageClosed;
  private Instant checkpointedAt;
  private @Nullable String keptUpTo;

  /**
   * @param stage opened for this shard; the run closes it
   */
  public ShardRun(ShardStart start, ShardStage stage, RunPorts ports) {
    this.shardId = start.shardId();
    this.lease = start.lease();
    this.stage = stage;
    this.ports = ports;
    this.measured = start.measured();
    this.deaggregation = new Deaggregation(shardId, start.hashRange());
    this.checkpointedAt = ports.clock().instant();
  }

  /**
   * Takes the next records through the stage. Returns when each is done or parked, however long a
   * service is down, or when the run is over.
   *
   * @param records in the stream's order, following those of the call before; none is a chance to
   *     checkpoint what came before
   */
  public void process(List<WholeRecord> records, Checkpoints checkpoints) {
    process(() -> records, checkpoints);
  }

  /** The same, for records whose making may fail too: copying a batch takes memory. */
  void process(Supplier<List<WholeRecord>> records, Checkpoints checkpoints) {
    guarded(
        () -> {
          try {
            takeThrough(records.get(), checkpoints);
          } finally {
            ports.metrics().write(measured);
          }
        });
  }

  private void takeThrough(List<WholeRecord> records, Checkpoints checkpoints)
      throws Stopped, InterruptedException {
    List<Task> tasks = new ArrayList<>();
    int batchSize = 0;
    for (WholeRecord whole : records) {
      for (Arrival arrival : deaggregation.arrivals(whole)) {
        progress.begin(whole.sequenceNumber());
        tasks.add(new Task(arrival));
        batchSize++;
      }
      if (tasks.size() >= MAX_OFFERED) {
        finish(tasks, checkpoints);
        tasks = new ArrayList<>();
      }
    }
    if (batchSize > 0) {
      measured.add(Metric.BATCH_SIZE, batchSize);
    }
    finish(tasks, checkpoints);
  }

  /**
   * The shard has ended and all of its records went through {@link #process}. Returns when that is
   * kept, so that work on the shard's children can begin, or when the run is over.
   *
   * @return whether it is kept
   */
  public boolean shardEnded(Checkpoints checkpoints) {
    return guarded(
        () -> {
          if (progress.isUnfinished()) {
            throw new IllegalStateException("records are left at the end of the shard");
          }
          untilItWorks(
              "checkpoint the shard's end", () -> reasonOf(checkpoints.shardEnd()), checkpoints);
          LOG.info("{}: the shard has ended and all of it is done or parked", shardId);
          end(State.STOPPED);
        });
  }

  /** The worker stops: checkpoints what is done or parked and ends the run. */
  public void shutdownRequested(Checkpoints checkpoints) {
    end(State.STOPPED);
    try {
      for (int i = 0; i < LAST_CHECKPOINT_ATTEMPTS; i++) {
        if (i > 0) {
          ports.pause().pause(ports.retries().delayAfter(i));
        }
        if (checkpoint(checkpoints)) {
          return;
        }
      }
    } catch (InterruptedException workerIsGone) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException notKept) {
      LOG.error(
          "{}: the last checkpoint failed; what it would keep is done again", shardId, notKept);
    }
  }

  /** Another worker has the shard now: ends the run without a checkpoint. */
  public void leaseLost() {
    end(State.LOST);
  }

  /**
   * Has a wait in {@link #process} end, so that a worker can stop while a service is down: the call
   * returns and the run takes no more records. Any thread.
   */
  public void requestStop() {
    stopRequested = true;
  }

  /**
   * Whether the run takes no more records. What it was given and didn't finish must be read again,
   * from the checkpoint on, by another run.
   */
  public boolean isOver() {
    return state != State.RUNNING;
  }

  private interface Work {
    void run() throws Stopped, InterruptedException;
  }

  /**
   * Lets nothing escape. Does nothing when the run is over.
   *
   * @return whether all of the work was done
   */
  private boolean guarded(Work work) {
    if (state != State.RUNNING) {
      return false;
    }
    try {
      work.run();
      return true;
    } catch (Stopped over) {
      LOG.info("{}: the run is over: {}", shardId, state);
    } catch (InterruptedException workerIsGone) {
      Thread.currentThread().interrupt();
      end(State.STOPPED);
    } catch (OutOfMemoryError noMemory) {
      ports.halt().run(); // whatever is half done in memory must not go on
      end(State.LOST);
    } catch (Throwable bug) {
      LOG.error("{}: a fault of the run itself; gives the shard up", shardId, bug);
      end(State.STOPPED);
    }
    return false;
  }

  private void end(State next) {
    if (state != State.LOST) {
      state = next;
    }
    if (!isStageClosed) {
      isStageClosed = true;
      try {
        stage.close();
      } catch (RuntimeException fault) {
        LOG.error("{}: the stage failed to close", shardId, fault);
      }
    }
  }

  private void goOnOrStop() throws Stopped {
    if (!lease.isHeld()) {
      LOG.warn("{}: the lease is lost", shardId);
      end(State.LOST);
    } else if (stopRequested) {
      end(State.STOPPED);
    }
    if (state != State.RUNNING) {
      throw new Stopped();
    }
  }

  /** Works until each of the tasks is done or parked. */
  private void finish(List<Task> tasks, Checkpoints checkpoints)
      throws Stopped, InterruptedException {
    List<Task> open = tasks;
    for (int attempt = 1; !open.isEmpty(); attempt++) {
      goOnOrStop();
      offer(open.stream().filter(task -> !task.isRefused()).toList());
      open.stream().filter(Task::isDone).forEach(this::pass);
      park(open.stream().filter(Task::isRefused).toList(), checkpoints);
      open = open.stream().filter(Task::isToRetry).toList();
      if (!open.isEmpty()) {
        measured.add(Metric.RETRIED, open.size());
        LOG.warn(
            "{}: {} of {} records are to be tried again after attempt {}; the first: {}",
            shardId,
            open.size(),
            tasks.size(),
            attempt,
            open.getFirst().outcome);
        waitAfter(attempt, checkpoints);
      }
    }
    checkpointIfDue(checkpoints);
  }

  private void pass(Task task) {
    progress.finish(task.record.position().sequenceNumber());
  }

  private void offer(List<Task> tasks) throws InterruptedException {
    if (tasks.isEmpty()) {
      return;
    }
    List<Outcome> outcomes = outcomesOf(tasks);
    Instant now = ports.clock().instant();
    for (int i = 0; i < tasks.size(); i++) {
      Task task = tasks.get(i);
      task.attempts++;
      task.outcome = outcomes.get(i);
      if (task.firstFailedAt == null) {
        task.firstFailedAt = now;
      }
    }
  }

  /** What the stage says of each; a fault of the stage is a reason to try again. */
  private List<Outcome> outcomesOf(List<Task> tasks) throws InterruptedException {
    List<StreamRecord> records = tasks.stream().map(task -> task.record).toList();
    try {
      List<Outcome> outcomes = stage.process(records);
      if (outcomes.size() != records.size()) {
        throw new IllegalStateException(
            outcomes.size() + " outcomes for " + records.size() + " records");
      }
      return outcomes;
    } catch (InterruptedException | OutOfMemoryError notTheStages) {
      throw notTheStages;
    } catch (StackOverflowError tooDeep) {
      return tasks.size() == 1 ? List.of(tooDeep()) : outcomesOneByOne(tasks);
    } catch (Throwable fault) {
      LOG.error("{}: the stage failed on {} records", shardId, records.size(), fault);
      return Collections.nCopies(records.size(), new Outcome.Retry(fault.getClass().getName()));
    }
  }

  /**
   * So that one record too deeply nested to be read doesn't take others with it. Stops at one that
   * is to be tried again: a later record of its chat must not come before it.
   */
  private List<Outcome> outcomesOneByOne(List<Task> tasks) throws InterruptedException {
    List<Outcome> outcomes = new ArrayList<>(tasks.size());
    for (Task task : tasks) {
      boolean isHeldUp = !outcomes.isEmpty() && outcomes.getLast() instanceof Outcome.Retry;
      outcomes.add(isHeldUp ? outcomes.getLast() : outcomesOf(List.of(task)).getFirst());
    }
    return outcomes;
  }

  private static Outcome tooDeep() {
    return new Outcome.Unprocessable("StackOverflowError", "nested too deeply to be read");
  }

  /** Doesn't go on until the letters lie in the queue: a record passed without one is lost. */
  private void park(List<Task> tasks, Checkpoints checkpoints)
      throws Stopped, InterruptedException {
    if (tasks.isEmpty()) {
      return;
    }
    List<DeadLetter> letters = new ArrayList<>(tasks.stream().map(this::letter).toList());
    untilItWorks("send " + letters.size() + " dead letters", () -> send(letters), checkpoints);
    for (Task task : tasks) {
      if (task.isForStage) {
        untilItWorks("mark a record as parked", () -> markParked(task.record), checkpoints);
      }
      pass(task);
    }
  }

  private DeadLetter letter(Task task) {
    if (!(task.outcome instanceof Outcome.Unprocessable refused)) {
      throw new IllegalStateException("only what is refused gets a letter");
    }
    Instant now = ports.clock().instant();
    LOG.warn(
        "{}: parks {} at {}: {}",
        shardId,
        refused.errorClass(),
        task.record.position(),
        refused.errorText());
    return Letters.of(
        task.record,
        new DeadLetter.Failure(
            refused.errorClass(),
            refused
                .errorText()
                .substring(0, Math.min(MAX_ERROR_TEXT, refused.errorText().length())),
            Math.max(1, task.attempts),
            task.firstFailedAt == null ? now : task.firstFailedAt,
            now));
  }

  private @Nullable String send(List<DeadLetter> letters) {
    switch (ports.deadLetters().send(List.copyOf(letters))) {
      case DeadLetters.Taken() -> {
        return null;
      }
      case DeadLetters.Refused(List<DeadLetter> refused, String reason) -> {
        letters.clear(); // not retainAll, which compares each with each
        letters.addAll(refused);
        return reason;
      }
    }
  }

  private @Nullable String markParked(StreamRecord record) throws InterruptedException {
    stage.parked(record);
    return null;
  }

  private void untilItWorks(String what, Attempt attempt, Checkpoints checkpoints)
      throws Stopped, InterruptedException {
    for (int i = 1; ; i++) {
      String reason = reasonOf(attempt);
      if (reason == null) {
        return;
      }
      LOG.error("{}: can't {} (attempt {}), and won't go on without: {}", shardId, what, i, reason);
      waitAfter(i, checkpoints);
    }
  }

  private @Nullable String reasonOf(Attempt attempt) throws InterruptedException {
    try {
      return attempt.run();
    } catch (RuntimeException fault) {
      LOG.error("{}: a fault", shardId, fault);
      return fault.getClass().getName();
    }
  }

  /** Waits in slices: a lost lease tells nobody, it has to be asked for. */
  private void waitAfter(int attempt, Checkpoints checkpoints)
      throws Stopped, InterruptedException {
    ports.metrics().write(measured);
    Duration left = ports.retries().delayAfter(attempt);
    do {
      goOnOrStop();
      Duration slice = left.compareTo(LONGEST_SLICE) < 0 ? left : LONGEST_SLICE;
      ports.pause().pause(slice);
      left = left.minus(slice);
      checkpointIfDue(checkpoints);
    } while (left.isPositive());
    goOnOrStop();
  }

  private void checkpointIfDue(Checkpoints checkpoints) {
    Duration since = Duration.between(checkpointedAt, ports.clock().instant());
    boolean clockWentBack = since.isNegative();
    if (clockWentBack || since.compareTo(ports.checkpointInterval()) >= 0) {
      checkpoint(checkpoints);
    }
  }

  /** Keeps how far the shard is done or parked, if that is news; false if it wasn't kept. */
  private boolean checkpoint(Checkpoints checkpoints) {
    String upTo = progress.passable();
    if (state == State.LOST || upTo == null || upTo.equals(keptUpTo)) {
      return true;
    }
    checkpointedAt = ports.clock().instant();
    String reason = reasonOf(checkpoints.upTo(upTo));
    if (reason == null) {
      keptUpTo = upTo;
      return true;
    }
    LOG.warn("{}: no checkpoint at {}, will try again: {}", shardId, upTo, reason);
    return false;
  }

  private @Nullable String reasonOf(Checkpoints.Result result) {
    return switch (result) {
      case Checkpoints.Kept() -> null;
      case Checkpoints.LeaseMoved() -> {
        end(State.LOST);
        yield "the lease moved";
      }
      case Checkpoints.Unavailable(String reason) -> reason;
    };
  }
}
