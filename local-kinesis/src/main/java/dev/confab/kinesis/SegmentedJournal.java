package dev.confab.kinesis;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A shard's records in files of some MiB, each named after the index of its first record. A file is
 * only appended to, with one write for a whole put, and deleted once all in it is trimmed. The last
 * file always stays, so that indexes go on where they ended. Not thread-safe; the shard's lock
 * guards it.
 */
final class SegmentedJournal implements ShardJournal {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentedJournal.class);
  private static final long SEGMENT_BYTES = 16 * 1024 * 1024;
  private static final String SUFFIX = ".log";

  private final Path directory;
  private final Fsync fsync;
  private final TreeMap<Long, Path> segments = new TreeMap<>();
  private @Nullable RandomAccessFile last;
  private long lastLength;
  private boolean closed;

  /** A journal without records, in an empty directory. */
  SegmentedJournal(Path directory, Fsync fsync) {
    this.directory = directory;
    this.fsync = fsync;
  }

  /** A journal as it was left, and what is in it. */
  static DataStream.Stored load(Path directory, Fsync fsync) throws IOException {
    SegmentedJournal journal = new SegmentedJournal(directory, fsync);
    try (Stream<Path> files = Files.list(directory)) {
      files
          .filter(file -> file.getFileName().toString().endsWith(SUFFIX))
          .forEach(file -> journal.segments.put(firstIndexOf(file), file));
    }
    long firstIndex = journal.segments.isEmpty() ? 1 : journal.segments.firstKey();
    RecordLog log = new RecordLog(firstIndex);
    for (Path segment : journal.segments.values()) {
      journal.load(segment, log);
    }
    return new DataStream.Stored(log, journal);
  }

  private void load(Path segment, RecordLog log) throws IOException {
    if (firstIndexOf(segment) != log.nextIndex()) {
      throw damaged(segment, "it should start with record " + log.nextIndex());
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(segment));
    JournalFormat.Content content = JournalFormat.read(bytes, log);
    boolean isLast = segment.equals(segments.lastEntry().getValue());
    if (content.tail() == JournalFormat.Tail.WHOLE) {
      return;
    }
    if (content.tail() == JournalFormat.Tail.DAMAGED || !isLast) {
      throw damaged(segment, "record " + log.nextIndex() + " cannot be read and more follows it");
    }
    LOG.warn(
        "{}: the last write was cut off before it was acked; dropped its {} bytes, after record {}",
        segment,
        bytes.capacity() - content.goodBytes(),
        log.nextIndex() - 1);
    try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
      file.setLength(content.goodBytes());
    }
  }

  private static IOException damaged(Path segment, String why) {
    return new IOException(
        segment + " is damaged: " + why + ". Restore it, or delete its stream's directory.");
  }

  private static long firstIndexOf(Path segment) {
    String name = segment.getFileName().toString();
    return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
  }

  @Override
  public void append(List<StoredRecord> records) throws IOException {
    if (records.isEmpty()) {
      return;
    }
    RandomAccessFile file = writable(records.getFirst().index());
    byte[] bytes = JournalFormat.encode(records, lastLength == 0);
    try {
      file.write(bytes);
      if (fsync == Fsync.EVERY_WRITE) {
        file.getFD().sync();
      }
    } catch (IOException notWritten) {
      takeBack(file);
      throw notWritten;
    }
    lastLength += bytes.length;
  }

  /** Removes what a failed write left behind; if that fails too, nothing may follow it. */
  private void takeBack(RandomAccessFile file) {
    try {
      file.setLength(lastLength);
      file.seek(lastLength);
    } catch (IOException stuck) {
      LOG.error("{}: a failed write could not be undone; its shard takes no more puts", directory);
      close();
    }
  }

  /**
   * The file that the record of an index goes to: a new one if the last is full or there is none.
   */
  private RandomAccessFile writable(long index) throws IOException {
    if (closed) {
      throw new IOException("the journal in " + directory + " is closed");
    }
    RandomAccessFile file = last;
    if (file != null && lastLength < SEGMENT_BYTES) {
      return file;
    }
    boolean resume = file == null && !segments.isEmpty();
    if (file != null) {
      file.close();
    }
    Path path =
        resume
            ? segments.lastEntry().getValue()
            : directory.resolve("%019d%s".formatted(index, SUFFIX));
    RandomAccessFile opened = new RandomAccessFile(path.toFile(), "rw");
    last = opened;
    lastLength = opened.length();
    opened.seek(lastLength);
    if (!resume) {
      segments.put(index, path);
      fsync.file(directory);
    }
    return lastLength < SEGMENT_BYTES ? opened : writable(index);
  }

  @Override
  public void trimTo(long firstIndex) {
    // Once closed, the files may be those of another stream of the same name.
    while (!closed
        && segments.size() > 1
        && segments.higherKey(segments.firstKey()) <= firstIndex) {
      Path trimmed = segments.firstEntry().getValue();
      try {
        Files.delete(trimmed);
      } catch (IOException notDeleted) {
        LOG.warn("{} holds trimmed records only, but cannot be deleted", trimmed, notDeleted);
        return;
      }
      segments.pollFirstEntry();
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      if (last != null) {
        last.close();
      }
    } catch (IOException notClosed) {
      throw new UncheckedIOException(notClosed);
    }
  }
}
