package dev.confab.kinesis;

import java.io.IOException;
import java.util.List;

/**
 * Where a shard's records are kept beside the heap. Calls come one at a time, under the shard's
 * lock.
 */
interface ShardJournal {
  /** Keeps nothing. */
  ShardJournal NONE =
      new ShardJournal() {
        @Override
        public void append(List<StoredRecord> records) {}

        @Override
        public void trimTo(long firstIndex) {}

        @Override
        public void close() {}
      };

  /**
   * Keeps records, which follow those kept before. When it returns they survive the end of the
   * process; when it throws none of them is kept.
   */
  void append(List<StoredRecord> records) throws IOException;

  /** Records below an index are no longer needed. */
  void trimTo(long firstIndex);

  void close();
}
