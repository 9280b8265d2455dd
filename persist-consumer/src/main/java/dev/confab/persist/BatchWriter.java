package dev.confab.persist;

import dev.confab.table.Messages;
import dev.confab.table.Messages.BatchOutcome;
import dev.confab.table.Messages.Stored;
import dev.confab.table.Parallel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Writes entries in batches, several at a time and in no order: the chain tells readers what is
 * missing. Tries once: what is left is written when its record is offered again.
 */
final class BatchWriter {
  /** At 15 ms a batch that is 13,000 entries a second; a shard takes in 1,000. */
  private static final int BATCHES_AT_ONCE = 8;

  private final Messages messages;
  private final Parallel parallel;

  BatchWriter(Messages messages, Executor executor) {
    this.messages = messages;
    this.parallel = new Parallel(executor, BATCHES_AT_ONCE);
  }

  /** What became of an entry. */
  sealed interface Result {
    /** It is in the table. */
    record Written() implements Result {}

    /** It isn't, or nobody knows: later. */
    record Left(String reason) implements Result {}

    /** The table won't ever take it. */
    record Refused(String reason) implements Result {}
  }

  /** Writes entries; the answer has a result for each, in the same order. */
  List<Result> write(List<Stored> entries) {
    List<Result> results = new ArrayList<>(entries.size());
    boolean isDown = false;
    for (List<Stored> round : parts(entries, Messages.MAX_BATCH * BATCHES_AT_ONCE)) {
      if (isDown) { // it would only wait for time-outs, and nobody asks the lease meanwhile
        results.addAll(all(round, new Result.Left("the table is down")));
      } else {
        List<List<Result>> ofBatches =
            parallel.map(parts(round, Messages.MAX_BATCH), this::writeBatch);
        ofBatches.forEach(results::addAll);
        isDown = ofBatches.stream().anyMatch(BatchWriter::isLeft);
      }
    }
    return results;
  }

  private static boolean isLeft(List<Result> ofBatch) {
    return ofBatch.stream().allMatch(Result.Left.class::isInstance);
  }

  private static List<Result> all(List<Stored> entries, Result result) {
    return Collections.nCopies(entries.size(), result);
  }

  private static List<List<Stored>> parts(List<Stored> entries, int size) {
    List<List<Stored>> parts = new ArrayList<>();
    for (int from = 0; from < entries.size(); from += size) {
      parts.add(entries.subList(from, Math.min(from + size, entries.size())));
    }
    return parts;
  }

  private List<Result> writeBatch(List<Stored> batch) {
    return switch (messages.writeBatch(batch)) {
      case BatchOutcome.Written(List<Stored> unprocessed) -> {
        Set<Stored> left = new HashSet<>(unprocessed);
        yield batch.stream().map(entry -> written(left.contains(entry))).toList();
      }
      case BatchOutcome.Unavailable(String reason) -> all(batch, new Result.Left(reason));
      case BatchOutcome.Refused(String reason) when batch.size() == 1 ->
          List.of(new Result.Refused(reason));
      case BatchOutcome.Refused _ -> writeHalves(batch);
    };
  }

  private static Result written(boolean isUnprocessed) {
    return isUnprocessed ? new Result.Left("throttled") : new Result.Written();
  }

  /** DynamoDB refuses a batch for one bad entry and doesn't say which: look for it. */
  private List<Result> writeHalves(List<Stored> batch) {
    int half = batch.size() / 2;
    List<Result> results = new ArrayList<>(writeBatch(batch.subList(0, half)));
    results.addAll(writeBatch(batch.subList(half, batch.size())));
    return results;
  }
}
