package dev.confab.events;

import org.jspecify.annotations.Nullable;

/** Checks that several records of the contract share. */
final class Checks {
  private Checks() {}

  static void generation(long generation) {
    if (generation < 1) {
      throw new IllegalArgumentException("generation must be 1 or more");
    }
  }

  static void replayCount(int replayCount) {
    if (replayCount < 1) {
      throw new IllegalArgumentException("replayCount must be 1 or more");
    }
  }

  static void traceId(@Nullable String traceId) {
    if (traceId != null) {
      Texts.check("traceId", traceId, ChatEvent.MAX_TRACE_ID_BYTES);
    }
  }

  static void notNegative(String name, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " must be 0 or more");
    }
  }

  static void size(String name, int size, int max) {
    if (size < 1 || size > max) {
      throw new IllegalArgumentException(name + " must hold 1 to " + max + " entries");
    }
  }
}
