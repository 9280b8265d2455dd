package dev.confab.consumer;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.coordinator.WorkerStateChangeListener;
import software.amazon.kinesis.leases.exceptions.LeasingException;

/**
 * One worker of a stage: shares the stream's shards with other workers of the same application and
 * runs the stage on its own, by the Kinesis Client Library. Thread-safe.
 */
public final class KclHost implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KclHost.class);

  /** Kinesis and the fan-out's share of a rate change when someone reshards: not often. */
  private static final Duration BETWEEN_LISTINGS = Duration.ofMinutes(1);

  /**
   * For batches under way and the last checkpoints. ECS kills 60 s after it asked (the template's
   * StopTimeout), and freeing the leases has to fit in too.
   */
  private static final Duration GRACE = Duration.ofSeconds(15);

  private final ConsumerConfig config;
  private final KinesisAsyncClient kinesis;
  private final DynamoDbAsyncClient dynamoDb;
  private final StreamShards shards;
  private final HostedRuns runs;
  private final Scheduler scheduler;
  private final LeaseTable leaseTable;
  private final ScheduledExecutorService timer =
      Executors.newScheduledThreadPool(2, Thread.ofPlatform().daemon().name("timer-", 0).factory());
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile @Nullable Throwable failure;
  private boolean isClosed;

  /** A worker that can't work. The message is one line for whoever started it. */
  public static final class HostFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    HostFailedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private KclHost(ConsumerConfig config, Stage stage, RunPorts ports) {
    this.config = config;
    kinesis = config.aws().newStreamClient();
    dynamoDb = config.aws().newLeaseClient();
    shards = new StreamShards(kinesis, config.streamName());
    runs = new HostedRuns(stage, ports, shards);
    scheduler =
        KclSettings.scheduler(
            config,
            kinesis,
            dynamoDb,
            () -> new ShardProcessor(runs, this::lease, ports.clock()),
            new Listener());
    leaseTable =
        new LeaseTable(
            scheduler.leaseRefresher(), dynamoDb, config.applicationName(), config.workerId());
  }

  private KclLease lease(String shardId) {
    return new KclLease(scheduler.leaseCoordinator(), shardId);
  }

  /**
   * Starts a worker. Returns when it takes part; its first shards may come a moment later.
   *
   * @throws HostFailedException if the stream or the lease table can't be reached
   */
  public static KclHost start(ConsumerConfig config, Stage stage, RunPorts ports) {
    KclHost host = new KclHost(config, stage, ports);
    try {
      host.shards.refresh();
      host.leaseTable.seed(host.shards);
      host.run();
      return host;
    } catch (LeasingException | RuntimeException unreachable) {
      host.closeClients();
      throw host.failed(unreachable);
    }
  }

  private void run() {
    every(BETWEEN_LISTINGS, "list the stream's shards", shards::refresh);
    every(Lag.INTERVAL, "say how far behind it is", runs::sayHowFarBehind);
    Thread.ofPlatform().name("kcl-" + config.applicationName()).start(this::schedule);
  }

  private void schedule() {
    try {
      scheduler.run();
    } catch (Throwable fault) { // KCL passes on an Error of any of its shards' threads
      fail(fault);
    } finally {
      started.countDown();
      ended.countDown();
    }
  }

  private void fail(Throwable fault) {
    failure = fault;
  }

  private void every(Duration interval, String name, Runnable task) {
    var _ =
        timer.scheduleWithFixedDelay(
            new Chore(name, task, runs::halt),
            interval.toMillis(),
            interval.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private final class Listener implements WorkerStateChangeListener {
    @Override
    public void onWorkerStateChange(WorkerState state) {
      LOG.info("{} {}: {}", config.applicationName(), config.workerId(), state);
      if (state == WorkerState.STARTED) {
        started.countDown();
      }
    }

    @Override
    public void onAllInitializationAttemptsFailed(Throwable cause) {
      fail(cause);
    }
  }

  /** How the stream's shards are spread, as this worker sees it. */
  public ShardCounts counts() {
    return runs;
  }

  /**
   * Waits until the worker takes part.
   *
   * @return false if it doesn't within the time
   * @throws HostFailedException if it won't
   */
  public boolean awaitStarted(Duration time) throws InterruptedException {
    boolean inTime = started.await(time.toMillis(), TimeUnit.MILLISECONDS);
    throwFailure();
    return inTime;
  }

  /**
   * Waits until the worker has ended, by {@link #close} or by itself.
   *
   * @throws HostFailedException if it failed
   */
  public void awaitEnd() throws InterruptedException {
    ended.await();
    throwFailure();
  }

  private void throwFailure() {
    Throwable cause = failure;
    if (cause != null) {
      throw failed(cause);
    }
  }

  private HostFailedException failed(Throwable cause) {
    return new HostFailedException(
        "%s can't work on stream %s with lease table %s in %s: %s"
            .formatted(
                config.applicationName(),
                config.streamName(),
                config.applicationName(),
                config.aws().region(),
                rootOf(cause)),
        cause);
  }

  private static String rootOf(Throwable fault) {
    Throwable root = fault;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = String.valueOf(root.getMessage());
    return root.getClass().getSimpleName() + ": " + message.lines().findFirst().orElse("");
  }

  /**
   * Stops: ends waits, checkpoints what is done, and frees the leases, so that others go on at
   * once. Takes as long as a call of the stage that is under way, at most about 25 s.
   */
  @Override
  public synchronized void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    runs.stop();
    timer.shutdownNow();
    boolean interrupted = false;
    try {
      var _ = scheduler.startGracefulShutdown().get(GRACE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException stuck) {
      LOG.warn("a shard's work did not end within {}; what it did is done again", GRACE);
    } catch (ExecutionException fault) {
      LOG.warn("the graceful stop failed", fault);
    } catch (InterruptedException hurry) {
      interrupted = true;
    }
    scheduler.shutdown();
    freeLeases();
    closeClients();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** For tests: ends as a killed process does, with no checkpoint and its leases left behind. */
  synchronized void abort() {
    isClosed = true;
    fail(new IllegalStateException("aborted"));
    scheduler.shutdown();
    closeClients();
  }

  private void freeLeases() {
    try {
      leaseTable.free();
    } catch (LeasingException | RuntimeException notFreed) {
      LOG.warn("the leases run out by themselves in {}", config.failover(), notFreed);
    }
  }

  private void closeClients() {
    timer.shutdownNow();
    kinesis.close();
    dynamoDb.close();
  }
}
