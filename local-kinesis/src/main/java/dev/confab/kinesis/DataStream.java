package dev.confab.kinesis;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream: its shards, consumers and settings. Thread-safe: changes of {@link #state} come one
 * at a time, reads and puts don't wait for them.
 */
final class DataStream {
  private static final Logger LOG = LoggerFactory.getLogger(DataStream.class);

  private final Settings settings;
  private final StreamStore store;
  private volatile StreamState state;
  private volatile Topology topology;
  private volatile boolean deleted;

  /**
   * @param records the shards' records and journals by shard index; a shard that has none starts
   *     empty
   */
  DataStream(Settings settings, StreamState state, StreamStore store, Map<Integer, Stored> records)
      throws IOException {
    this.settings = settings;
    this.store = store;
    this.state = state;
    List<Shard> shards = new ArrayList<>();
    for (ShardInfo info : state.shards()) {
      Stored stored = records.get(info.index());
      shards.add(stored == null ? newShard(info) : newShard(info, stored));
    }
    this.topology = new Topology(shards);
  }

  /** What a shard is made from when it is not new. */
  record Stored(RecordLog log, ShardJournal journal) {}

  private Shard newShard(ShardInfo info) throws IOException {
    return newShard(info, new Stored(new RecordLog(1), store.createJournal(info.index())));
  }

  private Shard newShard(ShardInfo info, Stored stored) {
    return new Shard(
        info,
        description(),
        settings.clock(),
        settings.enforceLimits(),
        this::horizonMillis,
        stored.journal(),
        stored.log());
  }

  StreamState state() {
    return state;
  }

  String name() {
    return state.name();
  }

  String arn() {
    return settings.streamArn(name());
  }

  /** As errors name it. */
  private String description() {
    return "stream " + name() + " under account " + settings.account();
  }

  boolean isDeleted() {
    return deleted;
  }

  private void checkNotDeleted() {
    if (deleted) {
      throw ServiceException.notFound("Stream " + name() + " has been deleted.");
    }
  }

  /** Records that arrived before it are no longer retained; never before the stream was created. */
  long horizonMillis() {
    StreamState now = state;
    long retained = TimeUnit.HOURS.toMillis(now.retentionHours());
    return Math.max(now.createdMillis(), settings.nowMillis() - retained);
  }

  /** The shards not yet expired, by now. */
  Topology topology() {
    long horizon = horizonMillis();
    if (topology.shards().stream().anyMatch(shard -> shard.info().isExpired(horizon))) {
      expireShards();
    }
    return topology;
  }

  /**
   * The shards that took over, if a batch reached the end of its shard; none if it didn't. Waits
   * for a reshard under way: between a parent's end and its children's start there is neither, and
   * should the reshard fail, the shard goes on.
   */
  List<ShardInfo> childrenAfter(Shard.Batch batch, Shard shard) {
    if (!batch.ended()) {
      return List.of();
    }
    synchronized (this) {
      return topology.childrenOf(shard.info().index());
    }
  }

  Shard shard(String id) {
    OptionalInt index = ShardInfo.indexOf(id);
    if (index.isEmpty()) {
      throw ServiceException.notFound("Could not find shard " + id + " in " + description() + ".");
    }
    return shard(index.getAsInt());
  }

  Shard shard(int index) {
    Optional<Shard> found = topology().find(index);
    if (found.isEmpty()) {
      throw ServiceException.notFound(
          "Shard " + ShardInfo.idOf(index) + " in " + description() + " does not exist");
    }
    return found.get();
  }

  /** Puts records, each into the shard that its hash key is in, in order within a shard. */
  List<PutResult> put(List<NewRecord> records) {
    checkNotDeleted();
    PutResult[] results = new PutResult[records.size()];
    List<Integer> left = new ArrayList<>(records.size());
    for (int i = 0; i < records.size(); i++) {
      left.add(i);
    }
    Topology routes = topology;
    while (!left.isEmpty()) {
      left = put(records, left, routes, results);
      if (!left.isEmpty()) {
        // A shard closed under these. Whoever closed it holds the lock until its children are in
        // place.
        synchronized (this) {
          routes = topology;
        }
      }
    }
    return List.of(results);
  }

  /** Returns those, by their place, whose shard was closed. */
  private static List<Integer> put(
      List<NewRecord> records, List<Integer> places, Topology routes, PutResult[] results) {
    Map<Shard, List<Integer>> byShard = new HashMap<>();
    for (int place : places) {
      Shard shard = routes.route(records.get(place).hashKey());
      byShard.computeIfAbsent(shard, _ -> new ArrayList<>()).add(place);
    }
    List<Integer> closed = new ArrayList<>();
    byShard.forEach(
        (shard, its) -> {
          List<PutResult> outcome = shard.append(its.stream().map(records::get).toList());
          for (int i = 0; i < its.size(); i++) {
            results[its.get(i)] = outcome.get(i);
            if (outcome.get(i) instanceof PutResult.ShardClosed) {
              closed.add(its.get(i));
            }
          }
        });
    return closed.stream().sorted().toList();
  }

  /** Changes anything but the shards; what is saved is what is seen. */
  synchronized void change(UnaryOperator<StreamState> change) {
    checkNotDeleted();
    StreamState changed = change.apply(state);
    save(changed);
    state = changed;
  }

  /**
   * Changes the shards: the parents are closed, the state saved, and only then do the children take
   * puts.
   */
  synchronized void reshard(ReshardPlan plan) {
    checkNotDeleted();
    Resharding resharding =
        new Resharding(state.shards(), state.nextShardIndex(), settings.nowMillis());
    plan.apply(state.shards(), resharding);
    StreamState changed = state.withShards(resharding.nextIndex(), resharding.result());
    Map<Shard, ShardInfo> before = new HashMap<>();
    try {
      List<Shard> shards = new ArrayList<>();
      for (ShardInfo info : changed.shards()) {
        Optional<Shard> existing = topology.find(info.index());
        if (existing.isPresent() && !existing.get().info().equals(info)) {
          before.put(existing.get(), existing.get().info());
          existing.get().update(info);
        }
        shards.add(existing.isPresent() ? existing.get() : newShard(info));
      }
      save(changed);
      state = changed;
      topology = new Topology(shards);
    } catch (IOException notSaved) {
      before.forEach(Shard::update);
      throw notKept(notSaved);
    } catch (RuntimeException failed) {
      before.forEach(Shard::update);
      throw failed;
    }
  }

  /** Says what to split and merge, given the shards there are. */
  interface ReshardPlan {
    void apply(List<ShardInfo> shards, Resharding resharding);
  }

  private synchronized void expireShards() {
    if (deleted) {
      return; // There may be another stream of this name by now, in the same place.
    }
    long horizon = horizonMillis();
    List<Shard> expired = new ArrayList<>();
    List<Shard> retained = new ArrayList<>();
    for (Shard shard : topology.shards()) {
      (shard.info().isExpired(horizon) ? expired : retained).add(shard);
    }
    List<ShardInfo> infos = retained.stream().map(Shard::info).toList();
    StreamState changed = state.withShards(state.nextShardIndex(), infos);
    save(changed);
    state = changed;
    topology = new Topology(retained);
    for (Shard shard : expired) {
      shard.closeJournal();
      store.deleteShard(shard.info().index());
      LOG.debug("{} of {} is no longer retained", shard.id(), name());
    }
  }

  /** Forgets what is no longer retained. */
  void trim() {
    topology().shards().forEach(Shard::trim);
  }

  /** Ends every read and subscription; what is kept on disk goes too. */
  synchronized void delete() {
    deleted = true;
    Collection<Shard> shards = topology.shards();
    shards.forEach(Shard::closeJournal);
    shards.forEach(Shard::wake);
    try {
      store.deleteStream();
    } catch (IOException notDeleted) {
      throw notKept(notDeleted);
    }
  }

  /** Leaves what is kept on disk. */
  synchronized void close() {
    topology.shards().forEach(Shard::closeJournal);
  }

  private void save(StreamState changed) {
    try {
      store.save(changed);
    } catch (IOException notSaved) {
      throw notKept(notSaved);
    }
  }

  private static ServiceException notKept(IOException cause) {
    LOG.error("the stream could not be kept on disk", cause);
    return ServiceException.internalFailure("The change could not be written to disk: " + cause);
  }

  /** The shards that were open at the trim horizon: those of which no parent is retained. */
  static List<ShardInfo> atTrimHorizon(List<ShardInfo> retained) {
    Set<Integer> indexes = new HashSet<>();
    retained.forEach(info -> indexes.add(info.index()));
    return retained.stream()
        .filter(info -> info.parent() == null || !indexes.contains(info.parent()))
        .toList();
  }
}
