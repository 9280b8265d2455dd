package dev.confab.consumer;

import dev.confab.events.DeadLetter;
import java.util.List;

/**
 * A dead-letter queue. Safe for use by several threads. At least once: a letter whose answer was
 * lost may lie there twice, which a replay survives.
 */
public interface DeadLetters {

  /**
   * Sends letters. Tries once: whoever must not go on without them waits and sends the refused ones
   * again, while asking its {@link Lease}.
   *
   * @param letters any number, in no order that matters
   */
  Receipt send(List<DeadLetter> letters);

  /** What became of letters. */
  sealed interface Receipt {}

  /** All of them lie in the queue. */
  record Taken() implements Receipt {}

  /**
   * Some don't.
   *
   * @param letters those that don't, at least one
   * @param reason of one of them, for the log
   */
  record Refused(List<DeadLetter> letters, String reason) implements Receipt {
    public Refused {
      letters = List.copyOf(letters);
    }
  }
}
