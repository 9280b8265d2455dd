package dev.confab.consumer;

import dev.confab.metrics.Measurements;
import dev.confab.metrics.Metric;
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
  private final Set<Lag> lags = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  HostedRuns(Stage stage, RunPorts ports, StreamShards shards) {
    this.stage = stage;
    this.ports = ports;
    this.shards = shards;
  }

  /** From now on it is said how far the work on a shard is behind, until {@link #forget}. */
  Lag watch() {
    Lag lag = new Lag(ports.clock());
    lags.add(lag);
    return lag;
  }

  /** The shard is this worker's no longer. */
  void forget(Lag lag) {
    lags.remove(lag);
  }

  /** Says how far behind each shard is of which nobody said so lately: all of them in one. */
  void sayHowFarBehind() {
    Measurements measured = new Measurements(ports.clock());
    for (Lag lag : lags) {
      Long millis = lag.sayIfDue();
      if (millis != null) {
        measured.add(Metric.MILLIS_BEHIND_LATEST, millis);
      }
    }
    ports.metrics().write(measured);
  }

  /**
   * Begins on a shard. Waits for as long as the stream can't be described: without a shard's range
   * nobody can tell what belongs there.
   *
   * @param measured of the shard
   * @return null if the lease is lost or the worker stops
   */
  @Nullable ShardRun begin(String shardId, Lease lease, Measurements measured)
      throws InterruptedException {
    for (int attempt = 1; lease.isHeld() && !stopping; attempt++) {
      try {
        HashRange range = shards.rangeOf(shardId);
        if (range == null) {
          LOG.warn("{}: the stream holds no such shard any more", shardId);
          range = HashRange.all();
        }
        if (!shards.isAboveItsParents(shardId)) {
          measured.add(Metric.SHARDS_OUT_OF_ORDER, 1);
          ports.metrics().write(measured); // a shard without records has no batch to go with
        }
        ShardStart start = new ShardStart(shardId, range, lease, this, measured);
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
