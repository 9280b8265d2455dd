package dev.confab.consumer;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * How far a checkpoint may go: past the whole records of which, and of all before which, every part
 * is done or parked. For one thread.
 */
final class Progress {
  /** Of each whole record that no checkpoint may pass yet, in the stream's order. */
  private final SequencedMap<String, Integer> unfinishedParts = new LinkedHashMap<>();

  private @Nullable String passable;

  /** A part of a whole record is to be worked on. Whole records begin in the stream's order. */
  void begin(String sequenceNumber) {
    unfinishedParts.merge(sequenceNumber, 1, Integer::sum);
  }

  /** A part that began is done or parked. */
  void finish(String sequenceNumber) {
    unfinishedParts.merge(sequenceNumber, -1, Integer::sum);
    while (!unfinishedParts.isEmpty() && unfinishedParts.firstEntry().getValue() == 0) {
      passable = unfinishedParts.pollFirstEntry().getKey();
    }
  }

  /** The last whole record that a checkpoint may pass; null while it may pass none. */
  @Nullable String passable() {
    return passable;
  }

  /** Whether anything that began isn't finished. */
  boolean isUnfinished() {
    return !unfinishedParts.isEmpty();
  }
}
