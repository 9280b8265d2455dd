package dev.confab.consumer;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far a checkpoint may go: past the whole records of which, and of all before which, every part
 * is done or parked. For one thread.
 */
final class Progress {
  private final ArrayDeque<String> inOrder = new ArrayDeque<>();
  private final Map<String, Integer> unfinishedParts = new HashMap<>();
  private @Nullable String passable;

  /** A part of a whole record is to be worked on. Whole records begin in the stream's order. */
  void begin(String sequenceNumber) {
    if (unfinishedParts.merge(sequenceNumber, 1, Integer::sum) == 1) {
      inOrder.add(sequenceNumber);
    }
  }

  /** A part that began is done or parked. */
  void finish(String sequenceNumber) {
    unfinishedParts.merge(sequenceNumber, -1, Integer::sum);
    while (!inOrder.isEmpty() && unfinishedParts.getOrDefault(inOrder.peek(), 0) == 0) {
      String whole = inOrder.remove();
      unfinishedParts.remove(whole);
      passable = whole;
    }
  }

  /** The last whole record that a checkpoint may pass; null while it may pass none. */
  @Nullable String passable() {
    return passable;
  }

  /** Whether anything that began isn't finished. */
  boolean isUnfinished() {
    return !inOrder.isEmpty();
  }
}
