package dev.confab.consumer;

import java.util.List;

/**
 * A stage's work on one shard for as long as this worker holds its lease. Called by one thread at a
 * time, one call after the other. Records come in the stream's order; after a crash or when a lease
 * moves they come again, from the last checkpoint on, perhaps while another worker, which doesn't
 * know yet that it lost the lease, still works on them.
 */
public interface ShardStage {

  /**
   * Does what is to be done with each record, in order.
   *
   * <p>Records with {@link Outcome.Retry} are offered again after a pause, they alone, in the same
   * order, and before any that wasn't offered yet. An exception counts as Retry for all of them:
   * it's for faults, not for what a record holds.
   *
   * @param records at least one
   * @return one outcome for each record, in the same order
   * @throws InterruptedException when the worker is stopping; nothing of {@code records} counts as
   *     done then
   */
  List<Outcome> process(List<StreamRecord> records) throws InterruptedException;

  /**
   * Hears that a record which this stage called {@link Outcome.Unprocessable} lies in the
   * dead-letter queue. Persist puts the placeholder here. An exception means once more: called
   * again, after a pause, until it returns.
   */
  void parked(StreamRecord record) throws InterruptedException;

  /** The lease is gone or the shard has ended. Does no I/O. */
  void close();
}
