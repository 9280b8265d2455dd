package dev.confab.load.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;

/**
 * Nothing of ours is logged until it is closed: the stages tell of each fault they meet, and a
 * simulation has thousands of them. Does nothing where the log isn't Logback's.
 */
public final class QuietLog implements AutoCloseable {
  private final @Nullable Logger ours;
  private final @Nullable Level before;

  public QuietLog() {
    ILoggerFactory factory = LoggerFactory.getILoggerFactory();
    ours = factory instanceof LoggerContext context ? context.getLogger("dev.confab") : null;
    before = ours == null ? null : ours.getLevel();
    if (ours != null) {
      ours.setLevel(Level.OFF);
    }
  }

  @Override
  public void close() {
    if (ours != null) {
      ours.setLevel(before);
    }
  }
}
