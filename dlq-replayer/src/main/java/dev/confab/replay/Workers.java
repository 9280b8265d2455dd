package dev.confab.replay;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Work side by side: calls that wait for a service most of their time.
 *
 * @param executor a thread for each task, or the caller's own for all, one after the other
 * @param width how many tasks at a time
 */
record Workers(Executor executor, int width) {

  /**
   * Runs as many lanes, and returns when all have ended.
   *
   * @throws RuntimeException what a lane threw
   */
  void run(int lanes, Runnable lane) {
    all(lanes, _ -> lane.run());
  }

  /** Does something to every item; the order is nobody's. */
  <T> void spread(List<T> items, Consumer<T> action) {
    int stripes = Math.min(width, items.size());
    all(
        stripes,
        stripe -> {
          for (int i = stripe; i < items.size(); i += stripes) {
            action.accept(items.get(i));
          }
        });
  }

  private void all(int tasks, IntConsumer task) {
    CompletableFuture<?>[] running =
        IntStream.range(0, tasks)
            .mapToObj(i -> CompletableFuture.runAsync(() -> task.accept(i), executor))
            .toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(running).join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw failed;
    }
  }
}
