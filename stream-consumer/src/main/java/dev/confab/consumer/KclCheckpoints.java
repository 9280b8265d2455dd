package dev.confab.consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.kinesis.exceptions.InvalidStateException;
import software.amazon.kinesis.exceptions.KinesisClientLibDependencyException;
import software.amazon.kinesis.exceptions.ShutdownException;
import software.amazon.kinesis.exceptions.ThrottlingException;
import software.amazon.kinesis.processor.RecordProcessorCheckpointer;

/** Checkpoints in KCL's lease table. */
final class KclCheckpoints implements Checkpoints {
  private static final Logger LOG = LoggerFactory.getLogger(KclCheckpoints.class);

  private final RecordProcessorCheckpointer checkpointer;

  KclCheckpoints(RecordProcessorCheckpointer checkpointer) {
    this.checkpointer = checkpointer;
  }

  private interface Call {
    void run() throws ShutdownException, InvalidStateException;
  }

  /** By number, never without: without one, KCL keeps all that it has ever handed out. */
  @Override
  public Result upTo(String sequenceNumber) {
    return result(() -> checkpointer.checkpoint(sequenceNumber));
  }

  /** At a shard's end, and only there, no number means the end. */
  @Override
  public Result shardEnd() {
    return result(checkpointer::checkpoint);
  }

  private static Result result(Call call) {
    try {
      call.run();
      return new Kept();
    } catch (ShutdownException leaseMoved) {
      LOG.info("the lease moved: {}", leaseMoved.getMessage());
      return new LeaseMoved();
    } catch (ThrottlingException | KinesisClientLibDependencyException later) {
      return new Unavailable(String.valueOf(later.getMessage()));
    } catch (InvalidStateException | RuntimeException fault) {
      LOG.error("no checkpoint", fault);
      return new Unavailable(String.valueOf(fault));
    }
  }
}
