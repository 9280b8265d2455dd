package dev.confab.consumer;

/**
 * A worker's right to a shard. KCL gives no sign of a lost lease while it waits for a batch to be
 * processed: whoever waits there asks.
 */
@FunctionalInterface
public interface Lease {

  /**
   * Whether the shard is still this worker's. From memory, at once, from any thread. Never true
   * again after it was false.
   */
  boolean isHeld();
}
