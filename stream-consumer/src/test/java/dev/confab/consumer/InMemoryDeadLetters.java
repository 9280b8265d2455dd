package dev.confab.consumer;

import dev.confab.events.DeadLetter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** A dead-letter queue in memory, with outages. */
public final class InMemoryDeadLetters implements DeadLetters {
  private final List<DeadLetter> taken = new ArrayList<>();
  private Predicate<DeadLetter> refuses = _ -> false;
  private int sends;

  /** From now on it refuses the letters that match; asked once for each that is sent. */
  public synchronized void refuse(Predicate<DeadLetter> letters) {
    refuses = letters;
  }

  /** From now on it takes nothing. */
  public void goDown() {
    refuse(_ -> true);
  }

  /** From now on it takes everything. */
  public void comeUp() {
    refuse(_ -> false);
  }

  @Override
  public synchronized Receipt send(List<DeadLetter> letters) {
    sends++;
    List<DeadLetter> refused = new ArrayList<>();
    for (DeadLetter letter : letters) {
      (refuses.test(letter) ? refused : taken).add(letter);
    }
    return refused.isEmpty() ? new Taken() : new Refused(refused, "out of order");
  }

  /** What lies in the queue, in the order it came. */
  public synchronized List<DeadLetter> taken() {
    return List.copyOf(taken);
  }

  /** How often {@link #send} was called. */
  public synchronized int sends() {
    return sends;
  }
}
