package dev.confab.ingest;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;

/** Does a bounded number of blocking calls at a time. Thread-safe. */
final class Parallel {
  private final Executor executor;
  private final int limit;

  /**
   * Makes one.
   *
   * @param executor runs the calls; one that runs them in the caller's thread makes them sequential
   * @param limit how many at a time
   */
  Parallel(Executor executor, int limit) {
    this.executor = executor;
    this.limit = limit;
  }

  /**
   * Calls for each item and waits for all.
   *
   * @return the results in the order of {@code items}
   * @throws RuntimeException the first that a call threw
   */
  <T, R> List<R> map(List<T> items, Function<T, R> call) {
    AtomicReferenceArray<R> results = new AtomicReferenceArray<>(items.size());
    AtomicInteger next = new AtomicInteger();
    Runnable worker =
        () -> {
          for (int i = next.getAndIncrement(); i < items.size(); i = next.getAndIncrement()) {
            results.set(i, call.apply(items.get(i)));
          }
        };
    List<CompletableFuture<Void>> workers = new ArrayList<>();
    for (int i = 0; i < Math.min(limit, items.size()); i++) {
      workers.add(CompletableFuture.runAsync(worker, executor));
    }
    try {
      CompletableFuture.allOf(workers.toArray(CompletableFuture<?>[]::new)).join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw failed;
    }
    List<R> inOrder = new ArrayList<>(items.size());
    for (int i = 0; i < items.size(); i++) {
      inOrder.add(results.get(i));
    }
    return inOrder;
  }
}
