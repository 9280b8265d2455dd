package dev.confab.persist;

import dev.confab.consumer.Pause;
import dev.confab.consumer.Retries;
import dev.confab.consumer.ShardStage;
import dev.confab.consumer.ShardStart;
import dev.confab.consumer.Stage;
import dev.confab.table.Messages;
import java.util.concurrent.Executor;

/** Stores what was said: the stage {@code persist}. Thread-safe. */
public final class PersistStage implements Stage {
  private final Ports ports;

  /**
   * What the stage reaches the world by, so that a simulation can run the real thing.
   *
   * @param messages where entries are stored
   * @param stream takes {@code repaired} events
   * @param executor for batches side by side: virtual threads, or one that runs what it is given at
   *     once
   * @param retries how long to wait before items that the table had no room for are written again
   * @param pause how to wait
   */
  public record Ports(
      Messages messages, EventStream stream, Executor executor, Retries retries, Pause pause) {}

  public PersistStage(Ports ports) {
    this.ports = ports;
  }

  @Override
  public ShardStage open(ShardStart start) {
    return new PersistShard(ports);
  }
}
