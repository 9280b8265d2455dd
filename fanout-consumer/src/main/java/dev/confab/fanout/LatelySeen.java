package dev.confab.fanout;

import java.util.LinkedHashSet;

/** A set that forgets what was added longest ago once it is full. Used by one thread. */
final class LatelySeen<T> {
  private final int max;
  private final LinkedHashSet<T> items = new LinkedHashSet<>();

  LatelySeen(int max) {
    this.max = max;
  }

  void add(T item) {
    items.remove(item);
    items.add(item);
    if (items.size() > max) {
      items.removeFirst();
    }
  }

  void remove(T item) {
    items.remove(item);
  }

  boolean contains(T item) {
    return items.contains(item);
  }
}
