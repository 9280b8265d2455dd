package dev.confab.kinesis;

import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams kept in a directory, for one server at a time: a directory a stream, with {@code
 * stream.json} (all but the records, replaced as a whole) and a directory a shard with its {@link
 * SegmentedJournal}.
 *
 * <p>A stream is there once its stream.json is, and gone once that is deleted; a shard, once
 * stream.json names it. What a crash left half made or half deleted is removed at the next load.
 */
final class DataDirectory implements Storage {
  private static final Logger LOG = LoggerFactory.getLogger(DataDirectory.class);
  private static final String STREAM_PREFIX = "stream-";
  private static final String STATE_FILE = "stream.json";

  private final Path root;
  private final Fsync fsync;
  private final FileChannel lockFile;
  private final ObjectMapper mapper =
      JsonMapper.builder().disable(MapperFeature.AUTO_DETECT_IS_GETTERS).build();

  /**
   * @throws IOException if the directory can't be made, or another server has it
   */
  DataDirectory(Path root, Fsync fsync) throws IOException {
    this.root = root;
    this.fsync = fsync;
    Files.createDirectories(root);
    lockFile =
        FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (tryLock() == null) {
      lockFile.close();
      throw new IOException(
          "The data directory " + root + " is in use by another server. Stop that one first.");
    }
  }

  private @Nullable FileLock tryLock() throws IOException {
    try {
      return lockFile.tryLock();
    } catch (OverlappingFileLockException sameProcess) {
      return null;
    }
  }

  @Override
  public List<Loaded> load() throws IOException {
    List<Loaded> loaded = new ArrayList<>();
    for (Path directory : children(root)) {
      if (!directory.getFileName().toString().startsWith(STREAM_PREFIX)) {
        continue;
      }
      if (Files.exists(directory.resolve(STATE_FILE))) {
        loaded.add(load(directory));
      } else {
        deleteTree(directory);
      }
    }
    return loaded;
  }

  private Loaded load(Path directory) throws IOException {
    Path stateFile = directory.resolve(STATE_FILE);
    StreamState state;
    try {
      state = mapper.readValue(stateFile.toFile(), StreamState.class);
    } catch (IOException unreadable) {
      throw new IOException(
          stateFile + " is damaged. Restore it, or delete its directory.", unreadable);
    }
    Map<Integer, DataStream.Stored> records = new HashMap<>();
    for (ShardInfo info : state.shards()) {
      Path shard = directory.resolve(info.id());
      if (!Files.isDirectory(shard)) {
        throw new IOException(
            shard + " is missing. Restore it, or delete the directory of its stream.");
      }
      records.put(info.index(), SegmentedJournal.load(shard, fsync));
    }
    StreamDirectory store = new StreamDirectory(directory);
    store.deleteAllBut(state.shards().stream().map(ShardInfo::id).collect(Collectors.toSet()));
    LOG.info("stream {} is back with {} shards", state.name(), state.shards().size());
    return new Loaded(state, store, records);
  }

  @Override
  public StreamStore create(String streamName) throws IOException {
    Path directory = root.resolve(STREAM_PREFIX + fileName(streamName));
    deleteTree(directory);
    Files.createDirectory(directory);
    fsync.file(root);
    return new StreamDirectory(directory);
  }

  /** Some file systems take A and a for one; a stream name has no exclamation mark of its own. */
  private static String fileName(String streamName) {
    return streamName.replaceAll("([A-Z])", "!$1").toLowerCase(Locale.ROOT);
  }

  @Override
  public void close() {
    try {
      lockFile.close();
    } catch (IOException notClosed) {
      throw new UncheckedIOException(notClosed);
    }
  }

  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  private static void deleteTree(Path top) throws IOException {
    if (!Files.exists(top)) {
      return;
    }
    try (Stream<Path> files = Files.walk(top)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** One stream's directory. */
  private final class StreamDirectory implements StreamStore {
    private final Path directory;

    StreamDirectory(Path directory) {
      this.directory = directory;
    }

    @Override
    public void save(StreamState state) throws IOException {
      Path next = directory.resolve(STATE_FILE + ".next");
      Files.write(next, mapper.writeValueAsBytes(state));
      fsync.file(next);
      Files.move(
          next,
          directory.resolve(STATE_FILE),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      fsync.file(directory);
    }

    @Override
    public ShardJournal createJournal(int shardIndex) throws IOException {
      Path shard = directory.resolve(ShardInfo.idOf(shardIndex));
      // Left by a reshard that could not be saved.
      deleteTree(shard);
      Files.createDirectory(shard);
      fsync.file(directory);
      return new SegmentedJournal(shard, fsync);
    }

    @Override
    public void deleteShard(int shardIndex) {
      Path shard = directory.resolve(ShardInfo.idOf(shardIndex));
      try {
        deleteTree(shard);
      } catch (IOException leftForNextLoad) {
        LOG.warn("{} is no longer needed, but cannot be deleted", shard, leftForNextLoad);
      }
    }

    @Override
    public void deleteStream() throws IOException {
      Files.deleteIfExists(directory.resolve(STATE_FILE));
      deleteTree(directory);
    }

    void deleteAllBut(Set<String> shardIds) throws IOException {
      for (Path child : children(directory)) {
        String name = child.getFileName().toString();
        if (Files.isDirectory(child) && !shardIds.contains(name)) {
          deleteTree(child);
        }
      }
    }
  }
}
