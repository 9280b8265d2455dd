package dev.confab.table;

import java.util.List;
import java.util.Set;

/**
 * What goes wrong in an {@link InMemoryTable}: asked once a call, on the caller's thread, so that a
 * seeded one makes a run that can be repeated.
 */
public interface Faults {

  /** What goes wrong with a call. */
  enum Fault {
    NONE,
    /** Nothing happens, and the caller learns that it failed: throttled, or not reached. */
    NOT_DONE,
    /** What was asked for happens, but the caller learns that it failed: a time-out. */
    DONE_UNANSWERED
  }

  Faults NONE = _ -> Fault.NONE;

  Fault next(TableCall call);

  /**
   * The items of a batch that are left undone. The others are stored, also where the batch's fault
   * is {@link Fault#DONE_UNANSWERED}.
   */
  default Set<Messages.Stored> unprocessed(List<Messages.Stored> items) {
    return Set.of();
  }

  /**
   * Whether the table will never take an item: a batch that holds it is refused as a whole, and so
   * is its repair.
   */
  default boolean isRefused(Messages.Stored item) {
    return false;
  }
}
