package dev.confab.load.simulation;

import dev.confab.consumer.Checkpoints;
import dev.confab.consumer.Lease;
import dev.confab.consumer.ShardCounts;
import dev.confab.load.check.History;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The workers of one stage and their leases, as KCL keeps them: a shard has one owner, who may not
 * know yet that it is another; a child shard begins when its parents are done; a checkpoint of who
 * is no owner any more is refused.
 */
final class Application {
  /** After which the lease of a worker that is dead or stands still goes to another. */
  private static final Duration FAILOVER = Duration.ofSeconds(10);

  private static final Duration LONGEST_IGNORANCE = Duration.ofSeconds(10);
  private static final Duration ASSIGNMENT = Duration.ofSeconds(1);
  private static final Duration LONGEST_RESTART = Duration.ofSeconds(8);
  private static final String SHARD_END = "SHARD_END";

  /** A row of the lease table. */
  private static final class Row {
    final SimulatedStream.Shard shard;
    @Nullable String checkpoint;
    @Nullable Held holder;
    Instant freeAt = Instant.MIN;

    Row(SimulatedStream.Shard shard) {
      this.shard = shard;
    }

    boolean hasEnded() {
      return SHARD_END.equals(checkpoint);
    }
  }

  /** A lease in its holder's hands. */
  final class Held implements Lease {
    private final Row row;
    private final Worker worker;
    private final @Nullable String checkpoint;
    private Instant learnsOfLossAt = Instant.MAX;
    private boolean isLost;

    private Held(Row row, Worker worker) {
      this.row = row;
      this.worker = worker;
      this.checkpoint = row.checkpoint;
    }

    SimulatedStream.Shard shard() {
      return row.shard;
    }

    /** After which the worker begins to read; null for the shard's first record. */
    @Nullable String checkpoint() {
      return checkpoint;
    }

    @Override
    public boolean isHeld() {
      if (worker.life().isDead() || !world.fibers.instant().isBefore(learnsOfLossAt)) {
        isLost = true;
      }
      return !isLost;
    }

    /** Gives it back: another may have it at once. */
    void drop() {
      isLost = true;
      if (row.holder == this) {
        row.holder = null;
        row.freeAt = world.fibers.instant();
      }
    }
  }

  private final World world;
  private final String stage;
  private final Function<String, Worker> newWorker;
  private final Map<String, Row> rows = new LinkedHashMap<>();
  private final List<Worker> workers = new ArrayList<>();
  private int started;

  /**
   * @param newWorker starts a process of a name
   */
  Application(World world, String stage, Function<String, Worker> newWorker) {
    this.world = world;
    this.stage = stage;
    this.newWorker = newWorker;
  }

  void startWorker() {
    Worker worker = newWorker.apply(stage + "-" + started++);
    workers.add(worker);
    world.trace.add(worker.life().name() + " starts");
  }

  /** Sees to it, from now on, that each shard has an owner. */
  void begin() {
    assign();
    world.fibers.after(ASSIGNMENT, this::begin);
  }

  private void assign() {
    buryTheDead();
    Instant now = world.fibers.instant();
    for (SimulatedStream.Shard shard : List.copyOf(world.stream.shards())) {
      Row row = rows.computeIfAbsent(shard.id, _ -> begin(shard));
      Held holder = row.holder;
      if (holder != null && holder.worker.life().isFrozen() && !now.isBefore(row.freeAt)) {
        take(row, holder, now); // as long as a failover: it wakes up as a zombie
      }
      if (row.holder == null && !row.hasEnded() && !now.isBefore(row.freeAt) && isDue(shard)) {
        List<Worker> ready = workers.stream().filter(worker -> !worker.life().isFrozen()).toList();
        if (!ready.isEmpty()) {
          give(row, world.chance.anyOf(ready));
        }
      } else if (holder != null && !holder.worker.life().isFrozen()) {
        row.freeAt = now.plus(FAILOVER); // renewed
      }
    }
  }

  private Row begin(SimulatedStream.Shard shard) {
    Row row = new Row(shard);
    if (world.parts.startsAtLatest() && shard.parents.isEmpty() && !shard.records.isEmpty()) {
      row.checkpoint = shard.records.getLast().sequenceNumber();
    }
    return row;
  }

  private boolean isDue(SimulatedStream.Shard shard) {
    return shard.parents.stream()
        .allMatch(parent -> rows.containsKey(parent.id) && rows.get(parent.id).hasEnded());
  }

  private void give(Row row, Worker worker) {
    Held held = new Held(row, worker);
    row.holder = held;
    row.freeAt = world.fibers.instant().plus(FAILOVER);
    world.trace.add(
        "%s takes %s after %s".formatted(worker.life().name(), row.shard.id, row.checkpoint));
    worker.begin(held, this);
  }

  /** The holder learns of it later, if at all. */
  private void take(Row row, Held holder, Instant now) {
    holder.learnsOfLossAt = now.plus(world.chance.upTo(LONGEST_IGNORANCE));
    world.fibers.at(holder.learnsOfLossAt, holder.worker::wake);
    row.holder = null;
    row.freeAt = now;
    world.trace.add("%s loses %s".formatted(holder.worker.life().name(), row.shard.id));
  }

  private void buryTheDead() {
    for (Row row : rows.values()) {
      if (row.holder != null && row.holder.worker.life().isDead()) {
        row.holder = null; // and free when it would have had to be renewed
      }
    }
    for (Worker worker : List.copyOf(workers)) {
      if (worker.life().isDead()) {
        workers.remove(worker);
        world.fibers.after(world.chance.upTo(LONGEST_RESTART), this::startWorker);
      }
    }
  }

  // What befalls it.

  void killOne() {
    if (!workers.isEmpty()) {
      world.chance.anyOf(workers).life().die();
    }
  }

  void freezeOne() {
    if (!workers.isEmpty()) {
      world.chance.anyOf(workers).life().freeze();
    }
  }

  /** A shard moves while its owner works, who learns of it later. */
  void moveOne() {
    List<Row> held = rows.values().stream().filter(row -> row.holder != null).toList();
    if (!held.isEmpty()) {
      move(world.chance.anyOf(held));
    }
  }

  /** The shard that takes a key's records moves, if it has an owner. */
  void moveShardOf(String partitionKey) {
    Row row = rows.get(world.stream.shardOf(partitionKey).id);
    if (row != null) {
      move(row);
    }
  }

  private void move(Row row) {
    if (row.holder != null) {
      world.note(Incident.LEASE_MOVED);
      take(row, row.holder, world.fibers.instant());
    }
  }

  /** A worker is asked to stop, and another starts. */
  void restartOne() {
    if (!workers.isEmpty()) {
      restart(world.chance.anyOf(workers));
    }
  }

  /** A deployment. */
  void restartAll() {
    List.copyOf(workers).forEach(this::restart);
  }

  private void restart(Worker worker) {
    workers.remove(worker);
    worker.stop();
    world.note(Incident.RESTART);
    world.fibers.after(world.chance.upTo(LONGEST_RESTART), this::startWorker);
  }

  /** There is something new on the stream. */
  void wake() {
    workers.forEach(Worker::wake);
  }

  void thawAll() {
    workers.forEach(worker -> worker.life().thaw());
  }

  /** The processes are no more. */
  void end() {
    workers.forEach(worker -> worker.life().end());
  }

  // What it knows.

  ShardCounts countsOf(Worker asking) {
    return new ShardCounts() {
      @Override
      public int owned() {
        return (int)
            rows.values().stream()
                .filter(row -> row.holder != null && row.holder.worker == asking)
                .count();
      }

      @Override
      public int open() {
        return Math.max(1, Math.max(owned(), world.stream.open().size()));
      }
    };
  }

  /** The lease's part of the lease table, as its holder reaches it. */
  Checkpoints checkpointsOf(Held held) {
    return new Checkpoints() {
      @Override
      public Result upTo(String sequenceNumber) {
        return keep(held, sequenceNumber);
      }

      @Override
      public Result shardEnd() {
        return keep(held, SHARD_END);
      }
    };
  }

  private Checkpoints.Result keep(Held held, String checkpoint) {
    Life life = held.worker.life();
    life.step();
    Faults faults = world.faults;
    if (faults.isDown(Faults.Service.TABLE, world.fibers.instant())
        || world.chance.of(faults.likelihood(faults.notDone))) {
      return new Checkpoints.Unavailable("throttled");
    }
    Row row = held.row;
    if (row.holder != held) {
      world.note(Incident.CHECKPOINT_REFUSED);
      return new Checkpoints.LeaseMoved();
    }
    if (row.checkpoint != null && countUpTo(row, row.checkpoint) > countUpTo(row, checkpoint)) {
      world.broken(
          "%s set the checkpoint of %s back from %s to %s"
              .formatted(life.name(), row.shard.id, row.checkpoint, checkpoint));
    }
    row.checkpoint = checkpoint;
    world.trace.add("%s checkpoint %s %s".formatted(life.name(), row.shard.id, checkpoint));
    if (checkpoint.equals(SHARD_END)) {
      row.holder = null;
    }
    life.step();
    return world.chance.of(faults.likelihood(faults.unanswered)) && !checkpoint.equals(SHARD_END)
        ? new Checkpoints.Unavailable("not answered")
        : new Checkpoints.Kept();
  }

  private static int countUpTo(Row row, String checkpoint) {
    return checkpoint.equals(SHARD_END)
        ? row.shard.records.size()
        : row.shard.countUpTo(checkpoint);
  }

  boolean isDone() {
    return progress().stream().allMatch(one -> one.lag() == 0);
  }

  List<History.Progress> progress() {
    List<History.Progress> all = new ArrayList<>();
    for (SimulatedStream.Shard shard : world.stream.shards()) {
      Row row = rows.get(shard.id);
      all.add(new History.Progress(stage, shard.id, lag(shard, row)));
    }
    return all;
  }

  private static long lag(SimulatedStream.Shard shard, @Nullable Row row) {
    if (row != null && row.hasEnded()) {
      return 0;
    }
    int done = row == null ? 0 : shard.countUpTo(row.checkpoint);
    return (long) shard.records.size() - done + (shard.isClosed ? 1 : 0);
  }
}
