package dev.confab.consumer;

/** The counts of a stream's only shard. */
record OneShard() implements ShardCounts {
  @Override
  public int owned() {
    return 1;
  }

  @Override
  public int open() {
    return 1;
  }
}
