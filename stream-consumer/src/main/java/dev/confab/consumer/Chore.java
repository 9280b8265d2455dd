package dev.confab.consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a timer does again and again. An executor would drop a task that throws, for good and
 * without a word.
 *
 * @param name what it does, as in "can't …"
 * @param halt ends the process at once; called when memory has run out
 */
record Chore(String name, Runnable task, Runnable halt) implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Chore.class);

  @Override
  public void run() {
    try {
      task.run();
    } catch (OutOfMemoryError noMemory) {
      halt.run();
    } catch (Throwable fault) {
      LOG.warn("can't {}; tries again in its time", name, fault);
    }
  }
}
