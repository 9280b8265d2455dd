package dev.confab.consumer;

import dev.confab.events.Bytes;
import dev.confab.metrics.Measurements;
import dev.confab.metrics.Metric;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.lifecycle.events.ShutdownRequestedInput;
import software.amazon.kinesis.processor.ShardRecordProcessor;
import software.amazon.kinesis.retrieval.KinesisClientRecord;

/**
 * A {@link ShardRun} as KCL calls it. Where there is no run that takes records and KCL goes on
 * calling, the lease is dropped: the next call would pass over what this one left.
 */
final class ShardProcessor implements ShardRecordProcessor {
  private static final Logger LOG = LoggerFactory.getLogger(ShardProcessor.class);

  private final HostedRuns runs;
  private final Function<String, KclLease> leases;
  private final Clock clock;
  private final Measurements measured;
  private @Nullable KclLease lease;
  private @Nullable ShardRun run;
  private @Nullable Lag lag;

  /**
   * @param leases the lease of a shard, as it is when asked
   */
  ShardProcessor(HostedRuns runs, Function<String, KclLease> leases, Clock clock) {
    this.runs = runs;
    this.leases = leases;
    this.clock = clock;
    this.measured = new Measurements(clock);
  }

  @Override
  public void initialize(InitializationInput input) {
    LOG.info("{}: begins after {}", input.shardId(), input.extendedSequenceNumber());
    try {
      KclLease taken = leases.apply(input.shardId());
      lease = taken;
      lag = runs.watch();
      run = runs.begin(input.shardId(), taken, measured);
    } catch (InterruptedException workerIsGone) {
      Thread.currentThread().interrupt();
    } catch (OutOfMemoryError noMemory) {
      runs.halt();
    } catch (Throwable fault) { // an Error would stop KCL's loop for all shards
      LOG.error("{}: can't begin; gives the shard up", input.shardId(), fault);
    }
  }

  @Override
  public void processRecords(ProcessRecordsInput input) {
    ShardRun current = run;
    if (current != null) {
      current.process(
          () -> { // whatever is thrown here doesn't reach KCL, which would pass over the batch
            hearLag(input);
            return input.records().stream().map(this::whole).toList();
          },
          new KclCheckpoints(input.checkpointer()));
    }
    if (current == null || current.isOver()) {
      giveUp();
    }
  }

  private void giveUp() {
    if (lease != null && !runs.isStopping()) {
      lease.drop();
    }
  }

  private void hearLag(ProcessRecordsInput input) {
    if (lag != null) {
      lag.hear(input.millisBehindLatest());
      if (!input.records().isEmpty()) {
        measured.add(Metric.MILLIS_BEHIND_LATEST, lag.say());
      }
    }
  }

  private void forgetLag() {
    if (lag != null) {
      runs.forget(lag);
    }
  }

  private WholeRecord whole(KinesisClientRecord record) {
    ByteBuffer data = record.data().duplicate();
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    Instant arrived = record.approximateArrivalTimestamp();
    return new WholeRecord(
        record.sequenceNumber(),
        record.partitionKey(),
        Bytes.of(bytes),
        arrived == null ? clock.instant() : arrived);
  }

  @Override
  public void leaseLost(LeaseLostInput input) {
    forgetLag();
    if (run != null) {
      run.leaseLost();
      runs.end(run);
    }
  }

  @Override
  public void shardEnded(ShardEndedInput input) {
    forgetLag();
    boolean kept = run != null && run.shardEnded(new KclCheckpoints(input.checkpointer()));
    if (run != null) {
      runs.end(run);
    }
    if (!kept) {
      giveUp(); // else KCL calls again without end, and the shard's children wait for it
    }
  }

  @Override
  public void shutdownRequested(ShutdownRequestedInput input) {
    if (run != null) {
      run.shutdownRequested(new KclCheckpoints(input.checkpointer()));
    }
  }
}
