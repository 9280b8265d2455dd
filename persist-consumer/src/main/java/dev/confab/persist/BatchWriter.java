package dev.confab.persist;

import dev.confab.consumer.Outcome;
import dev.confab.consumer.Pause;
import dev.confab.consumer.Retries;
import dev.confab.events.Position;
import dev.confab.table.Messages;
import dev.confab.table.Messages.BatchOutcome;
import dev.confab.table.Messages.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes entries in batches, several at a time. Their order doesn't matter: each names the one
 * before it, and readers stop at a hole.
 */
final class BatchWriter {
  /** 8 × 25 items keep one partition's 1,000 writes a second busy at 200 ms a batch. */
  static final int MAX_IN_FLIGHT = 8;

  /** Then the records go back to the host, which waits longer and asks for the lease. */
  private static final int MAX_ATTEMPTS = 5;

  private final PersistStage.Ports ports;

  BatchWriter(PersistStage.Ports ports) {
    this.ports = ports;
  }

  /**
   * Writes entries.
   *
   * @return what became of each, by its position
   */
  Map<Position, Outcome> write(List<Stored> entries) {
    List<List<Stored>> batches = new ArrayList<>();
    for (int from = 0; from < entries.size(); from += Messages.MAX_BATCH) {
      batches.add(entries.subList(from, Math.min(entries.size(), from + Messages.MAX_BATCH)));
    }
    Map<Position, Outcome> outcomes = new ConcurrentHashMap<>();
    int lanes = Math.min(MAX_IN_FLIGHT, batches.size());
    List<CompletableFuture<?>> running = new ArrayList<>();
    for (int lane = 0; lane < lanes; lane++) {
      int first = lane;
      running.add(
          CompletableFuture.runAsync(
              () -> {
                for (int i = first; i < batches.size(); i += lanes) {
                  writeBatch(batches.get(i), outcomes);
                }
              },
              ports.executor()));
    }
    CompletableFuture.allOf(running.toArray(CompletableFuture<?>[]::new)).join();
    return outcomes;
  }

  /** Writes one batch; again what the table had no room for, and nothing else. */
  private void writeBatch(List<Stored> batch, Map<Position, Outcome> outcomes) {
    Retries retries = ports.retries();
    Pause pause = ports.pause();
    List<Stored> open = batch;
    for (int attempt = 1; ; attempt++) {
      switch (ports.messages().writeBatch(open)) {
        case BatchOutcome.Written(List<Stored> unprocessed) -> {
          List<Stored> written = new ArrayList<>(open);
          written.removeAll(unprocessed);
          written.forEach(one -> outcomes.put(one.entry().position(), Outcome.done()));
          open = unprocessed;
        }
        case BatchOutcome.Unavailable(String reason) -> {
          again(open, reason, outcomes);
          return;
        }
        case BatchOutcome.Refused(String reason) -> {
          bisect(open, reason, outcomes);
          return;
        }
      }
      if (open.isEmpty()) {
        return;
      }
      if (attempt == MAX_ATTEMPTS) {
        again(open, "the table had no room for them", outcomes);
        return;
      }
      try {
        pause.pause(retries.delayAfter(attempt));
      } catch (InterruptedException stopping) {
        Thread.currentThread().interrupt();
        again(open, "the worker is stopping", outcomes);
        return;
      }
    }
  }

  private static void again(List<Stored> open, String reason, Map<Position, Outcome> outcomes) {
    open.forEach(one -> outcomes.put(one.entry().position(), new Outcome.Retry(reason)));
  }

  /** One item that the table won't take has it refuse the whole batch: finds that item. */
  private void bisect(List<Stored> refused, String reason, Map<Position, Outcome> outcomes) {
    if (refused.size() == 1) {
      outcomes.put(
          refused.getFirst().entry().position(),
          new Outcome.Unprocessable("ValidationException", reason));
      return;
    }
    int half = refused.size() / 2;
    writeBatch(refused.subList(0, half), outcomes);
    writeBatch(refused.subList(half, refused.size()), outcomes);
  }
}
