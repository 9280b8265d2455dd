package dev.confab.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ParallelTest {
  private static final List<Integer> ITEMS = IntStream.range(0, 500).boxed().toList();

  @Test
  void answers_areInTheOrderOfTheItems_onEveryExecutor() {
    List<Integer> squares = ITEMS.stream().map(i -> i * i).toList();
    assertThat(new Parallel(Runnable::run, 8).map(ITEMS, i -> i * i)).isEqualTo(squares);
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      assertThat(new Parallel(executor, 8).map(ITEMS, i -> i * i)).isEqualTo(squares);
    }
    assertThat(new Parallel(Runnable::run, 8).map(List.<Integer>of(), i -> i)).isEmpty();
  }

  @Test
  void asManyAsAllowed_runAtATime() {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch eight = new CountDownLatch(8);
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      new Parallel(executor, 8)
          .map(
              ITEMS,
              i -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                eight.countDown();
                try {
                  eight.await(); // nobody goes on before eight run
                } catch (InterruptedException stopping) {
                  throw new IllegalStateException(stopping);
                }
                running.decrementAndGet();
                return i;
              });
    }
    assertThat(most).hasValue(8);
  }

  @Test
  void noMoreTasksAreStarted_thanThereAreItems() {
    AtomicInteger tasks = new AtomicInteger();
    Executor counting =
        task -> {
          tasks.incrementAndGet();
          task.run();
        };
    Parallel parallel = new Parallel(counting, 16);
    parallel.map(ITEMS, i -> i);
    assertThat(tasks.getAndSet(0)).isEqualTo(16);
    parallel.map(List.of(1, 2, 3), i -> i);
    assertThat(tasks).hasValue(3);
  }

  @Test
  void aFault_isThrownAsItIs() {
    assertThatThrownBy(() -> failAt50(_ -> new TableUnavailableException("throttled")))
        .isInstanceOf(TableUnavailableException.class)
        .hasMessage("throttled");
  }

  @Test
  void anError_isThrownAsItIs_soThatItReachesWhoHaltsTheProcess() {
    OutOfMemoryError outOfMemory = new OutOfMemoryError("no memory");
    assertThatThrownBy(
            () ->
                failAt50(
                    _ -> {
                      throw outOfMemory;
                    }))
        .isSameAs(outOfMemory);
  }

  private static void failAt50(Function<Integer, RuntimeException> fault) {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      new Parallel(executor, 8)
          .map(
              ITEMS,
              i -> {
                if (i == 50) {
                  throw fault.apply(i);
                }
                return i;
              });
    }
  }
}
