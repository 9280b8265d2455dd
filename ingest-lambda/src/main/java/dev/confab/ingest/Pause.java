package dev.confab.ingest;

import java.time.Duration;

/** Lets time pass between two tries, so that tests need not. */
@FunctionalInterface
interface Pause {
  void pause(Duration duration);

  /** The real one. */
  static Pause sleeping() {
    return duration -> {
      try {
        Thread.sleep(duration);
      } catch (InterruptedException stopping) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting to try again", stopping);
      }
    };
  }
}
