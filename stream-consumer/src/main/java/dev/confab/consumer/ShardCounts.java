package dev.confab.consumer;

/** How the stream's shards are spread, as last seen. From memory, at once, from any thread. */
public interface ShardCounts {

  /** Shards whose lease this worker holds; 0 or more. */
  int owned();

  /** Shards that take records now; 1 or more, never less than {@link #owned}. */
  int open();
}
