package dev.confab.load.simulation;

import dev.confab.consumer.Checkpoints;
import dev.confab.consumer.DeadLetters;
import dev.confab.consumer.ShardRun;
import dev.confab.consumer.Stage;
import dev.confab.consumer.WholeRecord;
import dev.confab.events.ChatEvent;
import dev.confab.events.DeadLetter;
import dev.confab.fanout.FanoutStage;
import dev.confab.fanout.Pushes;
import dev.confab.persist.PersistStage;
import dev.confab.table.ChatTable;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a simulated system is put together from: as it is, of the real parts. A test replaces one,
 * or wraps it, to plant a bug. Asked anew for each process, so that what an answer remembers is
 * that process' memory. One of it serves one run.
 */
public interface Parts {
  /** The real ones. */
  static Parts real() {
    return new Parts() {};
  }

  /** Whose process a part is for. */
  enum Owner {
    INGEST,
    PERSIST,
    FANOUT
  }

  /** The surroundings, for a part that needs them. */
  interface Surroundings {
    Clock clock();

    /** Does something beside the caller, which goes on. */
    void beside(Runnable action);
  }

  /** The stage that stores. */
  default Stage persist(PersistStage.Ports ports) {
    return new PersistStage(ports);
  }

  /** The stage that pushes. */
  default Stage fanout(FanoutStage.Ports ports, FanoutStage.Settings settings) {
    return new FanoutStage(ports, settings);
  }

  /** The table as a process sees it. */
  default ChatTable table(Owner owner, ChatTable table, Surroundings surroundings) {
    return table;
  }

  /** A stage's queue as a process sees it. */
  default DeadLetters deadLetters(Owner owner, DeadLetters queue) {
    return queue;
  }

  /** {@code @connections} as a process sees it. */
  default Pushes pushes(Pushes pushes, Surroundings surroundings) {
    return pushes;
  }

  /** Takes a batch through a stage. */
  default void process(ShardRun run, List<WholeRecord> batch, Checkpoints checkpoints) {
    run.process(batch, checkpoints);
  }

  /** Whether a stage begins with what is new when it first sees a shard that has no parents. */
  default boolean startsAtLatest() {
    return false;
  }

  /**
   * What a replay puts on the stream for a letter.
   *
   * @param decided by the real replayer; null where the letter stays
   */
  default @Nullable ChatEvent replay(DeadLetter letter, @Nullable ChatEvent decided) {
    return decided;
  }
}
