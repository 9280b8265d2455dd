package dev.confab.consumer;

/**
 * What a consumer does with the stream: stores it, or pushes it. One a worker; opened once for each
 * shard whose lease the worker gets. {@link #open} may be called from several threads.
 */
@FunctionalInterface
public interface Stage {

  /** Begins on a shard. Does no I/O: what it needs is read when records come. */
  ShardStage open(ShardStart start);
}
