package dev.confab.consumer;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;

/** The runs of all shards that a worker has now. Thread-safe. */
final class HostedRuns implements ShardCounts {
  private static final Logger LOG = LoggerFactory.getLogger(HostedRuns.class);

  private final Stage stage;
  private final RunPorts ports;
  private final StreamShards shards;
  private final Set<ShardRun> runs = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  HostedRuns(Stage stage, RunPorts ports, StreamShards shards) {
    this.stage = stage;
    this.ports = ports;
    this.shards = shards;
  }

  /**
   * Begins on a shard. Waits for as long as the stream can't be described: without a shard's range
   * nobody can tell what belongs there.
   *
   * @return null if the lease is lost or the worker stops
   */
  @Nullable ShardRun begin(String shardId, Lease lease) throws InterruptedException {
    for (int attempt = 1; lease.isHeld() && !stopping; attempt++) {
      try {
        HashRange range = shards.rangeOf(shardId);
        if (range == null) {
          LOG.warn("{}: the stream holds no such shard any more", shardId);
          range = HashRange.all();
        }
        var _ = shards.isAboveItsParents(shardId);
        ShardStart start = new ShardStart(shardId, range, lease, this);
        ShardRun run = new ShardRun(start, stage.open(start), ports);
        runs.add(run);
        if (stopping) { // meanwhile: stop() may not have seen it
          run.requestStop();
        }
        return run;
      } catch (SdkException unreachable) {
        LOG.warn("{}: can't list the stream's shards (attempt {})", shardId, attempt, unreachable);
        ports.pause().pause(ShardRun.LONGEST_SLICE);
      }
    }
    return null;
  }

  void end(ShardRun run) {
    runs.remove(run);
  }

  /** Has every run end its waits and take no more records. */
  void stop() {
    stopping = true;
    runs.forEach(ShardRun::requestStop);
  }

  /** Ends the process: memory has run out. */
  void halt() {
    ports.halt().run();
  }

  boolean isStopping() {
    return stopping;
  }

  @Override
  public int owned() {
    return runs.size();
  }

  @Override
  public int open() {
    return Math.max(runs.size(), shards.open());
  }
}
