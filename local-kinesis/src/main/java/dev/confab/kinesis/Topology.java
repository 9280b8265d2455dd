package dev.confab.kinesis;

import java.math.BigInteger;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** A stream's shards at one moment, by index, and which of them takes which hash key. Immutable. */
final class Topology {
  private final NavigableMap<Integer, Shard> shards;
  private final NavigableMap<BigInteger, Shard> openByStart = new TreeMap<>();

  Topology(Collection<Shard> all) {
    NavigableMap<Integer, Shard> byIndex = new TreeMap<>();
    for (Shard shard : all) {
      byIndex.put(shard.info().index(), shard);
      if (shard.info().isOpen()) {
        openByStart.put(shard.info().range().start(), shard);
      }
    }
    shards = Collections.unmodifiableNavigableMap(byIndex);
  }

  /** In order of index. */
  Collection<Shard> shards() {
    return shards.values();
  }

  Optional<Shard> find(int index) {
    return Optional.ofNullable(shards.get(index));
  }

  int openCount() {
    return openByStart.size();
  }

  /** The open shard that takes a hash key; open shards cover them all. */
  Shard route(BigInteger hashKey) {
    return openByStart.floorEntry(hashKey).getValue();
  }

  List<ShardInfo> childrenOf(int index) {
    return shards.values().stream().map(Shard::info).filter(info -> info.isChildOf(index)).toList();
  }

  List<ShardInfo> infos() {
    return shards.values().stream().map(Shard::info).toList();
  }
}
