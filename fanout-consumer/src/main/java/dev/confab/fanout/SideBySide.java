package dev.confab.fanout;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs one task for each item of a list, a bounded number at once, begun in the list's order. With
 * an executor that runs tasks on the calling thread they run one after the other. Used by one
 * thread at a time.
 */
final class SideBySide {
  private final Executor executor;
  private final int max;
  private final Semaphore free;

  SideBySide(Executor executor, int max) {
    this.executor = executor;
    this.max = max;
    this.free = new Semaphore(max);
  }

  /**
   * Returns when every task that began has ended, even if it is interrupted meanwhile.
   *
   * @param goOn asked before each item; false leaves out the rest
   * @param task throws no exception that the caller must know of
   * @return whether each item had its task
   * @throws Error what a task threw: one that says that memory has run out has to reach whoever
   *     halts the process
   */
  <T> boolean forEach(List<T> items, BooleanSupplier goOn, Consumer<T> task)
      throws InterruptedException {
    AtomicReference<@Nullable Error> error = new AtomicReference<>();
    boolean isWhole = true;
    try {
      for (T item : items) {
        if (!goOn.getAsBoolean()) {
          isWhole = false;
          break;
        }
        free.acquire();
        begin(item, task, error);
      }
    } finally {
      free.acquireUninterruptibly(max);
      free.release(max);
    }
    Error first = error.get();
    if (first != null) {
      throw first;
    }
    return isWhole;
  }

  private <T> void begin(T item, Consumer<T> task, AtomicReference<@Nullable Error> error) {
    try {
      executor.execute(
          () -> {
            try {
              task.accept(item);
            } catch (Error fault) {
              error.compareAndSet(null, fault);
            } finally {
              free.release();
            }
          });
    } catch (RuntimeException | Error notBegun) { // no thread to be had is an Error
      free.release();
      throw notBegun;
    }
  }
}
