package dev.confab.kinesis;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Where all streams are kept beside the heap. Calls come one at a time. */
interface Storage {
  /** Keeps nothing. */
  Storage NONE =
      new Storage() {
        @Override
        public List<Loaded> load() {
          return List.of();
        }

        @Override
        public StreamStore create(String streamName) {
          return StreamStore.NONE;
        }

        @Override
        public void close() {}
      };

  /**
   * A stream as it was kept.
   *
   * @param records by shard index
   */
  record Loaded(StreamState state, StreamStore store, Map<Integer, DataStream.Stored> records) {}

  /** All streams that were kept. Called once, first. */
  List<Loaded> load() throws IOException;

  /** Makes room for a new stream. It is kept from the first {@link StreamStore#save} on. */
  StreamStore create(String streamName) throws IOException;

  void close();
}
