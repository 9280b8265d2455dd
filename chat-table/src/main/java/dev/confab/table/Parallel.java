package dev.confab.table;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;

/**
 * Makes blocking calls side by side, a bounded number at a time. Thread-safe.
 *
 * @param executor runs the calls: virtual threads, or one that runs what it is given at once, which
 *     makes them one after the other
 * @param atOnce how many at a time, 1 or more
 */
public record Parallel(Executor executor, int atOnce) {
  public Parallel {
    if (atOnce < 1) {
      throw new IllegalArgumentException("atOnce must be 1 or more, not " + atOnce);
    }
  }

  /**
   * Calls for each item, and returns when every call has ended.
   *
   * @return the answers, in the order of the items
   * @throws RuntimeException what a call threw, as it is; so with an Error: one that says that
   *     memory has run out has to reach whoever halts the process
   */
  public <T, R> List<R> map(List<T> items, Function<T, R> call) {
    AtomicReferenceArray<R> answers = new AtomicReferenceArray<>(items.size());
    AtomicInteger next = new AtomicInteger();
    Runnable lane =
        () -> {
          for (int i = next.getAndIncrement(); i < items.size(); i = next.getAndIncrement()) {
            answers.set(i, call.apply(items.get(i)));
          }
        };
    List<CompletableFuture<Void>> lanes = new ArrayList<>();
    for (int i = 0; i < Math.min(atOnce, items.size()); i++) {
      lanes.add(CompletableFuture.runAsync(lane, executor));
    }
    join(CompletableFuture.allOf(lanes.toArray(CompletableFuture<?>[]::new)));
    List<R> inOrder = new ArrayList<>(items.size());
    for (int i = 0; i < items.size(); i++) {
      inOrder.add(answers.get(i));
    }
    return inOrder;
  }

  private static void join(CompletableFuture<Void> lanes) {
    try {
      lanes.join();
    } catch (CompletionException failed) {
      switch (failed.getCause()) {
        case Error error -> throw error;
        case RuntimeException fault -> throw fault;
        case null, default -> throw failed;
      }
    }
  }
}
