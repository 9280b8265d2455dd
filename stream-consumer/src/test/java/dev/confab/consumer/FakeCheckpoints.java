package dev.confab.consumer;

import java.util.ArrayList;
import java.util.List;

/** Checkpoints in memory, with answers as a test wants them. */
public final class FakeCheckpoints implements Checkpoints {
  /** How {@link #shardEnd} shows in {@link #kept}. */
  public static final String SHARD_END = "SHARD_END";

  private final List<String> kept = new ArrayList<>();
  private Result answer = new Kept();
  private int calls;

  /** From now on this is the answer. */
  public void answer(Result result) {
    answer = result;
  }

  @Override
  public Result upTo(String sequenceNumber) {
    calls++;
    if (answer instanceof Kept) {
      kept.add(sequenceNumber);
    }
    return answer;
  }

  @Override
  public Result shardEnd() {
    return upTo(SHARD_END);
  }

  /** What was kept, in order. */
  public List<String> kept() {
    return List.copyOf(kept);
  }

  /** How often anything was to be kept. */
  public int calls() {
    return calls;
  }
}
