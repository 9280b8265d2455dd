package dev.confab.consumer;

import java.time.Duration;

/** Waits. Injected, so that a test or a simulation waits in no time. */
@FunctionalInterface
public interface Pause {

  /**
   * Returns after the time given, or at once if it isn't positive.
   *
   * @throws InterruptedException when the worker is stopping
   */
  void pause(Duration time) throws InterruptedException;

  /** Puts the calling thread to sleep. */
  static Pause sleeping() {
    return Thread::sleep;
  }
}
