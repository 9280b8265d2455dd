package dev.confab.kinesis;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One consumer's subscription to one shard: pushes records as they come, at the shard's read rate,
 * and a sign of life every second without. {@link #run} is for one thread, the rest is thread-safe.
 */
final class Subscription implements AutoCloseable {
  private static final int MAX_EVENT_RECORDS = 10_000;

  /** Far below the 16 MiB that readers of an event stream accept for one event. */
  private static final long MAX_EVENT_BYTES = 1024 * 1024;

  private static final long SIGN_OF_LIFE_MILLIS = 1_000;
  private static final long PACE_MILLIS = 10;

  /** Where events go; sends block until the event is on its way. */
  interface Subscriber {
    void begin() throws IOException, InterruptedException;

    void event(Reply event) throws IOException, InterruptedException;

    /** The last thing sent, if anything is still to say. */
    void failure(ServiceException failure) throws IOException, InterruptedException;

    /** Ends the stream of events in good order. */
    void end() throws IOException, InterruptedException;

    void reset();

    /** Runs an action when the reader has gone, at once if it already has. */
    void onGone(Runnable action);
  }

  private final DataStream stream;
  private final Shard shard;
  private final Settings settings;
  private final RateLimit readBytes;
  private final Consumer<Subscription> onEnd;
  private final CountDownLatch over = new CountDownLatch(1);
  private final long openedMillis;
  private final long endsMillis;
  private volatile @Nullable ServiceException failure;
  private volatile @Nullable Subscriber subscriber;
  private volatile boolean dropped;
  private long nextIndex;

  Subscription(
      Settings settings,
      DataStream stream,
      Shard shard,
      long firstIndex,
      Duration life,
      Consumer<Subscription> onEnd) {
    this.settings = settings;
    this.stream = stream;
    this.shard = shard;
    this.nextIndex = firstIndex;
    this.onEnd = onEnd;
    this.readBytes = new RateLimit(settings.clock(), ShardLimits.READ_BYTES_PER_SECOND);
    this.openedMillis = settings.nowMillis();
    this.endsMillis = openedMillis + life.toMillis();
  }

  long openedMillis() {
    return openedMillis;
  }

  /** Ends it and tells the subscriber why. */
  void end(ServiceException reason) {
    failure = reason;
    close();
  }

  /** Resets the connection, even while a write to it waits for the reader. */
  void drop() {
    dropped = true;
    Subscriber reader = subscriber;
    if (reader != null) {
      reader.reset();
    }
    close();
  }

  @Override
  public void close() {
    over.countDown();
    onEnd.accept(this);
    shard.wake();
  }

  /** Pushes until the shard ends, the time is up, the subscriber goes or someone ends it. */
  void run(Subscriber reader) throws IOException, InterruptedException {
    subscriber = reader;
    reader.onGone(this::close);
    try {
      if (dropped) {
        reader.reset();
        return;
      }
      reader.begin();
      push(reader);
      ServiceException reason = failure;
      if (reason != null) {
        reader.failure(reason);
      }
      reader.end();
    } finally {
      close();
    }
  }

  private void push(Subscriber reader) throws IOException, InterruptedException {
    long signOfLifeNanos = System.nanoTime();
    while (!isOver()) {
      if (settings.enforceLimits() && !readBytes.hasAny()) {
        boolean _ = over.await(PACE_MILLIS, TimeUnit.MILLISECONDS);
        continue;
      }
      Shard.Batch batch = shard.read(nextIndex, MAX_EVENT_RECORDS, MAX_EVENT_BYTES);
      List<ShardInfo> children = stream.childrenAfter(batch, shard);
      nextIndex = batch.nextIndex();
      long waitMillis = TimeUnit.NANOSECONDS.toMillis(signOfLifeNanos - System.nanoTime());
      if (batch.records().isEmpty() && children.isEmpty() && waitMillis > 0) {
        shard.await(nextIndex, waitMillis, this::isOver);
        continue;
      }
      readBytes.take(Shard.sizeBytes(batch.records()));
      reader.event(event(batch, children));
      if (!children.isEmpty()) {
        return;
      }
      signOfLifeNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SIGN_OF_LIFE_MILLIS);
    }
  }

  private boolean isOver() {
    if (stream.isDeleted() && failure == null) {
      failure = ServiceException.notFound("Stream " + stream.name() + " has been deleted.");
    }
    return failure != null || over.getCount() == 0 || settings.nowMillis() >= endsMillis;
  }

  private Reply event(Shard.Batch batch, List<ShardInfo> children) {
    SequenceNumber continuation =
        batch.records().isEmpty()
            ? shard.continuation(batch.nextIndex())
            : shard.sequenceNumberOf(batch.records().getLast());
    return out -> {
      out.objects(
              "Records",
              batch.records(),
              (element, stored) -> RecordOperations.write(element, shard, stored))
          .number("MillisBehindLatest", batch.millisBehind());
      if (children.isEmpty()) {
        out.text("ContinuationSequenceNumber", continuation);
      } else {
        out.objects("ChildShards", children, ShardOperations::writeChild);
      }
    };
  }
}
