package dev.confab.kinesis;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A shard's records in order, found by index in constant time: a ring that grows at one end and is
 * trimmed at the other. Not thread-safe; the shard's lock guards it.
 */
final class RecordLog {
  private static final int INITIAL_CAPACITY = 64;

  private @Nullable StoredRecord[] ring = new @Nullable StoredRecord[INITIAL_CAPACITY];
  private long firstIndex;
  private int size;

  /**
   * @param firstIndex the index that the first record appended will have
   */
  RecordLog(long firstIndex) {
    this.firstIndex = firstIndex;
  }

  int size() {
    return size;
  }

  /** The index of the oldest record held, or of the next one if none is. */
  long firstIndex() {
    return firstIndex;
  }

  /** The index that the next record will have. */
  long nextIndex() {
    return firstIndex + size;
  }

  StoredRecord get(long index) {
    if (index < firstIndex || index >= nextIndex()) {
      throw new IndexOutOfBoundsException(
          "record " + index + " of " + firstIndex + " to " + (nextIndex() - 1));
    }
    StoredRecord found = ring[slot(index)];
    if (found == null) {
      throw new IllegalStateException("hole at " + index);
    }
    return found;
  }

  void append(StoredRecord next) {
    if (next.index() != nextIndex()) {
      throw new IllegalArgumentException(
          "record " + next.index() + " does not follow " + (nextIndex() - 1));
    }
    if (size == ring.length) {
      resize(ring.length * 2);
    }
    ring[slot(next.index())] = next;
    size++;
  }

  /** Forgets what arrived before a moment; says how many records that was. */
  int trimBefore(long arrivalMillis) {
    int keepFrom = (int) (firstArrivedAtOrAfter(arrivalMillis) - firstIndex);
    for (long index = firstIndex; index < firstIndex + keepFrom; index++) {
      ring[slot(index)] = null;
    }
    firstIndex += keepFrom;
    size -= keepFrom;
    if (ring.length > INITIAL_CAPACITY && size < ring.length / 4) {
      resize(Math.max(INITIAL_CAPACITY, Integer.highestOneBit(Math.max(1, size)) * 2));
    }
    return keepFrom;
  }

  /** The index of the first record that arrived then or later; {@link #nextIndex} if none did. */
  long firstArrivedAtOrAfter(long arrivalMillis) {
    long low = firstIndex;
    long high = nextIndex();
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (get(middle).arrivalMillis() < arrivalMillis) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Records from an index on: at most so many, and so many bytes of data, but one at least. */
  List<StoredRecord> slice(long from, int maxRecords, long maxBytes) {
    List<StoredRecord> slice = new ArrayList<>((int) Math.min(maxRecords, nextIndex() - from));
    long bytes = 0;
    for (long index = from; index < nextIndex() && slice.size() < maxRecords; index++) {
      StoredRecord next = get(index);
      bytes += next.data().length + next.partitionKey().length();
      if (bytes > maxBytes && !slice.isEmpty()) {
        break;
      }
      slice.add(next);
    }
    return slice;
  }

  /** Capacities are powers of two, so that the slot is the low bits of the index. */
  private int slot(long index) {
    return (int) (index & (ring.length - 1));
  }

  private void resize(int capacity) {
    @Nullable StoredRecord[] resized = new @Nullable StoredRecord[capacity];
    for (long index = firstIndex; index < nextIndex(); index++) {
      resized[(int) (index & (capacity - 1))] = ring[slot(index)];
    }
    ring = resized;
  }
}
