package dev.confab.kinesis;

import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** One shard: its records in order, its limits, and those who wait for it. Thread-safe. */
final class Shard {
  /**
   * Part of a shard.
   *
   * @param records in order
   * @param nextIndex where to read on
   * @param ended whether the shard is closed and this reaches its end
   * @param millisBehind the age of the oldest record that was not read; 0 if all were
   */
  record Batch(List<StoredRecord> records, long nextIndex, boolean ended, long millisBehind) {}

  private final String description;
  private final Clock clock;
  private final LongSupplier horizonMillis;
  private final ShardJournal journal;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ShardLimits limits;
  private final RecordLog log;
  private long lastArrivalMillis;
  private volatile ShardInfo info;

  /**
   * @param streamDescription names the stream in errors, as in "stream a under account 1"
   * @param horizonMillis what arrived before it is no longer retained
   */
  Shard(
      ShardInfo info,
      String streamDescription,
      Clock clock,
      boolean enforceLimits,
      LongSupplier horizonMillis,
      ShardJournal journal,
      RecordLog log) {
    this.info = info;
    this.description = "shard " + info.id() + " in " + streamDescription;
    this.clock = clock;
    this.horizonMillis = horizonMillis;
    this.journal = journal;
    this.limits = new ShardLimits(clock, enforceLimits);
    this.log = log;
    this.lastArrivalMillis = log.size() == 0 ? 0 : log.get(log.nextIndex() - 1).arrivalMillis();
  }

  ShardInfo info() {
    return info;
  }

  String id() {
    return info.id();
  }

  SequenceNumber sequenceNumberOf(StoredRecord stored) {
    return sequenceNumber(stored.index(), stored.arrivalMillis());
  }

  private SequenceNumber sequenceNumber(long index, long takenMillis) {
    return new SequenceNumber(info.createdSeconds(), info.index(), index, takenMillis / 1000);
  }

  /** Appends records in order, each on its own merits; one result for each. */
  List<PutResult> append(List<NewRecord> batch) {
    lock.lock();
    try {
      if (!info.isOpen()) {
        return batch.stream().<PutResult>map(_ -> new PutResult.ShardClosed()).toList();
      }
      trim();
      long arrivalMillis = Math.max(clock.millis(), lastArrivalMillis);
      List<StoredRecord> admitted = new ArrayList<>(batch.size());
      List<PutResult> results = new ArrayList<>(batch.size());
      for (NewRecord next : batch) {
        results.add(admit(next, arrivalMillis, admitted));
      }
      journal.append(admitted);
      admitted.forEach(log::append);
      lastArrivalMillis = arrivalMillis;
      changed.signalAll();
      return results;
    } catch (IOException notKept) {
      String message = "The record could not be written to disk: " + notKept;
      return batch.stream()
          .<PutResult>map(_ -> new PutResult.Refused(PutResult.INTERNAL_FAILURE, message))
          .toList();
    } finally {
      lock.unlock();
    }
  }

  private PutResult admit(NewRecord next, long arrivalMillis, List<StoredRecord> admitted) {
    if (!limits.admitWrite(next.sizeBytes())) {
      return new PutResult.Refused(PutResult.THROUGHPUT_EXCEEDED, rateExceeded());
    }
    StoredRecord stored =
        new StoredRecord(
            log.nextIndex() + admitted.size(), arrivalMillis, next.partitionKey(), next.data());
    admitted.add(stored);
    return new PutResult.Stored(id(), sequenceNumberOf(stored));
  }

  /** What AWS says when a shard's limit is reached. */
  String rateExceeded() {
    return "Rate exceeded for " + description + ".";
  }

  /** Reads as GetRecords does, within the shard's read limits. */
  Batch readLimited(long fromIndex, int maxRecords, long maxBytes) {
    lock.lock();
    try {
      if (!limits.admitRead()) {
        throw ServiceException.throughputExceeded(rateExceeded());
      }
      Batch batch = read(fromIndex, maxRecords, maxBytes);
      limits.gave(sizeBytes(batch.records()));
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /** The payload of records, in bytes. */
  static long sizeBytes(List<StoredRecord> records) {
    return records.stream().mapToLong(each -> each.data().length).sum();
  }

  /** Reads on from an index, or from the oldest record retained if that is later. */
  Batch read(long fromIndex, int maxRecords, long maxBytes) {
    lock.lock();
    try {
      trim();
      long from = Math.min(Math.max(fromIndex, log.firstIndex()), log.nextIndex());
      List<StoredRecord> records = log.slice(from, maxRecords, maxBytes);
      long next = from + records.size();
      boolean caughtUp = next == log.nextIndex();
      long behind = caughtUp ? 0 : Math.max(1, clock.millis() - log.get(next).arrivalMillis());
      return new Batch(records, next, caughtUp && !info.isOpen(), behind);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until there is something at an index, the shard is closed, or the time is up.
   *
   * @param stopped ends the wait too; looked at after each {@link #wake}
   */
  void await(long index, long maxMillis, BooleanSupplier stopped) throws InterruptedException {
    long leftNanos = TimeUnit.MILLISECONDS.toNanos(maxMillis);
    lock.lock();
    try {
      while (index >= log.nextIndex()
          && info.isOpen()
          && leftNanos > 0
          && !stopped.getAsBoolean()) {
        leftNanos = changed.awaitNanos(leftNanos);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets everyone who waits look again. */
  void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Closes or, should a reshard have failed, opens the shard again: its range and lineage stay. */
  void update(ShardInfo newInfo) {
    lock.lock();
    try {
      info = newInfo;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The index of the oldest record retained, or of the next one if none is. */
  long trimHorizon() {
    lock.lock();
    try {
      trim();
      return log.firstIndex();
    } finally {
      lock.unlock();
    }
  }

  /** The index of the next record. */
  long latest() {
    lock.lock();
    try {
      return log.nextIndex();
    } finally {
      lock.unlock();
    }
  }

  long firstArrivedAtOrAfter(long millis) {
    lock.lock();
    try {
      trim();
      return log.firstArrivedAtOrAfter(millis);
    } finally {
      lock.unlock();
    }
  }

  /** Whether a number is one of this shard's: of a record, its start or, once closed, its end. */
  boolean issued(SequenceNumber number) {
    lock.lock();
    try {
      return number.shardCreatedSeconds() == info.createdSeconds()
          && number.shardIndex() == info.index()
          && (number.index() < log.nextIndex() || number.equals(info.endingSequenceNumber()));
    } finally {
      lock.unlock();
    }
  }

  /** The index of the first record at, or after, a number that this shard {@link #issued}. */
  long indexOf(SequenceNumber number, boolean after) {
    lock.lock();
    try {
      trim();
      if (number.index() < log.firstIndex()) {
        return log.firstIndex();
      }
      if (number.index() >= log.nextIndex()) {
        return log.nextIndex();
      }
      int order = sequenceNumberOf(log.get(number.index())).compareTo(number);
      boolean take = after ? order > 0 : order >= 0;
      return take ? number.index() : number.index() + 1;
    } finally {
      lock.unlock();
    }
  }

  /**
   * A number between the record at an index and the one before it, even if the former is not there
   * yet: what a subscriber that got nothing can resume at as well as after.
   */
  SequenceNumber continuation(long nextIndex) {
    lock.lock();
    try {
      // A second after the latest there can be, so that it is above the number of the record
      // before.
      long millis = Math.max(clock.millis(), lastArrivalMillis) + 1_000;
      return sequenceNumber(Math.max(0, nextIndex - 1), millis);
    } finally {
      lock.unlock();
    }
  }

  /** Forgets what is no longer retained. */
  void trim() {
    lock.lock();
    try {
      if (log.trimBefore(horizonMillis.getAsLong()) > 0) {
        journal.trimTo(log.firstIndex());
      }
    } finally {
      lock.unlock();
    }
  }

  void closeJournal() {
    lock.lock();
    try {
      journal.close();
    } finally {
      lock.unlock();
    }
  }
}
