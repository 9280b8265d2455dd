package dev.confab.ingest;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A map that forgets what was not touched for longest when it is full. Thread-safe: an environment
 * of Lambda takes one frame at a time, so one lock is never contended there.
 *
 * <p>Not Caffeine: its first use costs a cold start about 100 ms of CPU, this 5.
 */
final class BoundedMap<K, V> {
  private final Map<K, V> entries;

  BoundedMap(int maxEntries) {
    this.entries =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > maxEntries;
          }
        };
  }

  @Nullable V get(K key) {
    synchronized (entries) {
      return entries.get(key);
    }
  }

  void put(K key, V value) {
    synchronized (entries) {
      entries.put(key, value);
    }
  }

  /** Replaces a value by what {@code change} makes of it, or of {@code otherwise} if absent. */
  V update(K key, V otherwise, UnaryOperator<V> change) {
    synchronized (entries) {
      V changed = change.apply(entries.getOrDefault(key, otherwise));
      entries.put(key, changed);
      return changed;
    }
  }

  int size() {
    synchronized (entries) {
      return entries.size();
    }
  }
}
