package dev.confab.kinesis;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The account's streams by name. Thread-safe. */
final class Streams {
  private static final Logger LOG = LoggerFactory.getLogger(Streams.class);

  private final Map<String, DataStream> byName = new ConcurrentSkipListMap<>();
  private final Settings settings;
  private final Storage storage;

  Streams(Settings settings, Storage storage) throws IOException {
    this.settings = settings;
    this.storage = storage;
    for (Storage.Loaded loaded : storage.load()) {
      StreamState state = loaded.state();
      byName.put(state.name(), new DataStream(settings, state, loaded.store(), loaded.records()));
    }
  }

  Settings settings() {
    return settings;
  }

  DataStream get(String name) {
    DataStream stream = byName.get(name);
    if (stream == null) {
      throw ServiceException.notFound(
          "Stream %s under account %s not found.".formatted(name, settings.account()));
    }
    return stream;
  }

  /** In order of name. */
  List<DataStream> all() {
    return List.copyOf(byName.values());
  }

  synchronized void create(String name, int shardCount, int maxRecordKiB) {
    if (byName.containsKey(name)) {
      throw ServiceException.inUse(
          "Stream %s under account %s already exists.".formatted(name, settings.account()));
    }
    StreamState state = StreamState.initial(name, shardCount, maxRecordKiB, settings.nowMillis());
    try {
      StreamStore store = storage.create(name);
      DataStream stream = new DataStream(settings, state, store, Map.of());
      store.save(state);
      byName.put(name, stream);
    } catch (IOException notKept) {
      throw ServiceException.internalFailure("The stream could not be written to disk: " + notKept);
    }
  }

  synchronized void delete(DataStream stream) {
    byName.remove(stream.name());
    stream.delete();
  }

  /** Makes a stream unless there is one of that name. */
  synchronized void ensure(String name, int shardCount) {
    if (!byName.containsKey(name)) {
      create(name, shardCount, StreamState.DEFAULT_MAX_RECORD_KIB);
    }
  }

  /** Forgets what is no longer retained. */
  void trim() {
    for (DataStream stream : byName.values()) {
      try {
        stream.trim();
      } catch (RuntimeException nextTime) {
        LOG.warn("stream {} could not be trimmed; it is tried again", stream.name(), nextTime);
      }
    }
  }

  void close() {
    byName.values().forEach(DataStream::close);
    storage.close();
  }
}
