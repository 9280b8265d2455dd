package dev.confab.load.simulation;

import dev.confab.consumer.Checkpoints;
import dev.confab.consumer.RunPorts;
import dev.confab.consumer.ShardRun;
import dev.confab.consumer.ShardStart;
import dev.confab.consumer.Stage;
import dev.confab.consumer.WholeRecord;
import dev.confab.metrics.Measurements;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One process of a stage: real shard runs, a fiber each, called as KCL's record processor calls
 * them. What that processor itself does is done here once more, since it can't run without KCL: a
 * run that is over has its lease dropped, unless the worker stops.
 */
final class Worker {
  private static final int MAX_RECORDS = 12;
  private static final Duration LONGEST_FETCH = Duration.ofMillis(300);

  /** With nothing to read, as soon as a checkpoint may be due. */
  private static final Duration IDLE = Duration.ofMillis(1_200);

  private static final Duration LONG_IDLE = Duration.ofMinutes(5);

  private final World world;
  private final Life life;
  private final Stage stage;
  private final RunPorts ports;
  private final Set<ShardRun> runs = new LinkedHashSet<>();
  private final Set<Fibers.Fiber> idle = new LinkedHashSet<>();
  private boolean isStopping;

  Worker(World world, Life life, Stage stage, RunPorts ports) {
    this.world = world;
    this.life = life;
    this.stage = stage;
    this.ports = ports;
  }

  Life life() {
    return life;
  }

  /** Begins on a shard. */
  void begin(Application.Held held, Application leases) {
    world.fibers.spawn(() -> work(held, leases));
  }

  /** Ends every wait for records. */
  void wake() {
    List.copyOf(idle).forEach(world.fibers::wake);
  }

  /** Finishes what is under way, checkpoints and gives its leases back. */
  void stop() {
    isStopping = true;
    runs.forEach(ShardRun::requestStop);
    wake();
  }

  private void work(Application.Held held, Application leases) {
    life.step();
    SimulatedStream.Shard shard = held.shard();
    ShardStart start =
        new ShardStart(
            shard.id, shard.range, held, leases.countsOf(this), new Measurements(ports.clock()));
    ShardRun run = new ShardRun(start, stage.open(start), ports);
    Checkpoints checkpoints = leases.checkpointsOf(held);
    runs.add(run);
    try {
      read(held, run, checkpoints);
    } finally {
      runs.remove(run);
    }
    if (isStopping && !life.isDead()) {
      run.shutdownRequested(checkpoints);
    }
    held.drop();
  }

  private void read(Application.Held held, ShardRun run, Checkpoints checkpoints) {
    SimulatedStream.Shard shard = held.shard();
    int next = shard.countUpTo(held.checkpoint());
    int emptyReads = 0;
    while (!isStopping) {
      life.step();
      if (!held.isHeld()) {
        run.leaseLost();
        return;
      }
      List<WholeRecord> batch = batch(shard, next);
      next += batch.size();
      emptyReads = batch.isEmpty() ? emptyReads + 1 : 0;
      if (batch.isEmpty() && shard.isClosed) {
        run.shardEnded(checkpoints);
        return;
      }
      world.parts.process(run, batch, checkpoints);
      if (run.isOver()) {
        return;
      }
      if (next == shard.records.size() && !shard.isClosed) {
        waitForRecords(emptyReads < 3 ? IDLE : LONG_IDLE);
      }
    }
  }

  private void waitForRecords(Duration time) {
    Fibers.Fiber me = world.fibers.currentFiber();
    idle.add(me);
    world.fibers.sleep(time);
    idle.remove(me);
    life.check();
  }

  private List<WholeRecord> batch(SimulatedStream.Shard shard, int from) {
    if (from < shard.records.size()) {
      life.sleep(world.chance.upTo(LONGEST_FETCH));
    }
    int to = Math.min(shard.records.size(), from + world.chance.between(1, MAX_RECORDS));
    return new ArrayList<>(shard.records.subList(from, to));
  }
}
