package dev.confab.persist;

import dev.confab.consumer.ShardStage;
import dev.confab.consumer.ShardStart;
import dev.confab.consumer.Stage;
import dev.confab.table.Messages;
import java.util.concurrent.Executor;

/** Stores what was said: the stage {@code persist}. Thread-safe. */
public final class PersistStage implements Stage {
  private final Ports ports;

  /**
   * What the stage reaches the world by, so that a simulation can run the real thing. It has no
   * clock and no pause: what can't be done now is left to the host, which waits and asks its lease.
   *
   * @param messages where entries are stored
   * @param stream takes {@code repaired} events
   * @param executor for calls of the table side by side, a bounded number at a time: virtual
   *     threads, or one that runs what it is given at once
   */
  public record Ports(Messages messages, EventStream stream, Executor executor) {}

  public PersistStage(Ports ports) {
    this.ports = ports;
  }

  @Override
  public ShardStage open(ShardStart start) {
    return new PersistShard(ports, Chains.MAX_PLACES, start.measured());
  }
}
