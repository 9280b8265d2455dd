package dev.confab.replay;

import java.time.Duration;

/** Waits. Injected, so that a test waits in no time. */
@FunctionalInterface
interface Pause {
  void pause(Duration time) throws InterruptedException;
}
