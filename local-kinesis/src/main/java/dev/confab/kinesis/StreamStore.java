package dev.confab.kinesis;

import java.io.IOException;

/** Where a stream is kept beside the heap. Calls come one at a time, under the stream's lock. */
interface StreamStore {
  /** Keeps nothing. */
  StreamStore NONE =
      new StreamStore() {
        @Override
        public void save(StreamState state) {}

        @Override
        public ShardJournal createJournal(int shardIndex) {
          return ShardJournal.NONE;
        }

        @Override
        public void deleteShard(int shardIndex) {}

        @Override
        public void deleteStream() {}
      };

  /** Replaces what was kept of the stream. When it returns, it survives the end of the process. */
  void save(StreamState state) throws IOException;

  /**
   * Makes the journal of a new shard, which must be there before a state with that shard is saved.
   */
  ShardJournal createJournal(int shardIndex) throws IOException;

  /** Forgets a shard that the saved state no longer has; its journal is closed. */
  void deleteShard(int shardIndex);

  /** Forgets the whole stream; its journals are closed. */
  void deleteStream() throws IOException;
}
