package dev.confab.kinesis;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A change to a stream's shards, worked out on paper: splits and merges one after another, then
 * {@link #result}. Not thread-safe.
 */
final class Resharding {
  private final Map<Integer, ShardInfo> all = new TreeMap<>();
  private final NavigableMap<BigInteger, ShardInfo> open = new TreeMap<>();
  private final long nowMillis;
  private int nextIndex;

  /**
   * @param nextIndex the index of the next shard to be made
   */
  Resharding(List<ShardInfo> shards, int nextIndex, long nowMillis) {
    this.nowMillis = nowMillis;
    this.nextIndex = nextIndex;
    shards.forEach(this::put);
  }

  /** The shards of a new stream. */
  static List<ShardInfo> initial(int count, long nowMillis) {
    Resharding none = new Resharding(List.of(), 0, nowMillis);
    List<BigInteger> starts = HashKeyRange.uniformStarts(count);
    for (int i = 0; i < count; i++) {
      BigInteger limit = i + 1 < count ? starts.get(i + 1) : HashKeyRange.LIMIT;
      HashKeyRange range = new HashKeyRange(starts.get(i), limit.subtract(BigInteger.ONE));
      none.add(range, null, null);
    }
    return none.result();
  }

  /** Every shard, in order of index, those that closed on the way included. */
  List<ShardInfo> result() {
    return List.copyOf(all.values());
  }

  int nextIndex() {
    return nextIndex;
  }

  /** Replaces an open shard by two, the second of which starts at a hash key inside it. */
  void split(ShardInfo parent, BigInteger secondStart) {
    close(parent);
    add(parent.range().upTo(secondStart), parent, null);
    add(parent.range().from(secondStart), parent, null);
  }

  /** Replaces two open shards, of which the second starts where the first ends, by one. */
  void merge(ShardInfo parent, ShardInfo adjacent) {
    close(parent);
    close(adjacent);
    HashKeyRange both = new HashKeyRange(parent.range().start(), adjacent.range().end());
    add(both, parent, adjacent);
  }

  /** Splits and merges until there are so many shards of one size. */
  void scaleTo(int count) {
    TreeSet<BigInteger> starts = new TreeSet<>(HashKeyRange.uniformStarts(count));
    for (BigInteger start : starts) {
      ShardInfo holder = open.floorEntry(start).getValue();
      if (!holder.range().start().equals(start)) {
        split(holder, start);
      }
    }
    for (BigInteger start : new ArrayList<>(open.keySet())) {
      if (!starts.contains(start)) {
        merge(open.lowerEntry(start).getValue(), open.floorEntry(start).getValue());
      }
    }
  }

  private void add(HashKeyRange range, @Nullable ShardInfo parent, @Nullable ShardInfo adjacent) {
    long seconds = Math.max(0, nowMillis / 1000);
    for (ShardInfo ancestor : new @Nullable ShardInfo[] {parent, adjacent}) {
      if (ancestor != null) {
        seconds = Math.max(seconds, ancestor.createdSeconds() + 1);
      }
    }
    put(
        new ShardInfo(
            nextIndex++,
            range,
            parent == null ? null : parent.index(),
            adjacent == null ? null : adjacent.index(),
            seconds,
            nowMillis,
            null));
  }

  private void close(ShardInfo parent) {
    open.remove(parent.range().start());
    all.put(parent.index(), parent.closedAt(nowMillis));
  }

  private void put(ShardInfo info) {
    all.put(info.index(), info);
    if (info.isOpen()) {
      open.put(info.range().start(), info);
    }
  }
}
