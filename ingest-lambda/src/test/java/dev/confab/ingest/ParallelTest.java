package dev.confab.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ParallelTest {
  private static final List<Integer> ITEMS = IntStream.range(0, 100).boxed().toList();

  @Test
  void results_areInTheOrderOfTheItems() {
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
  void fault_isThrownAsItIs() {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Parallel parallel = new Parallel(executor, 8);
      assertThatThrownBy(
              () ->
                  parallel.map(
                      ITEMS,
                      i -> {
                        if (i == 50) {
                          throw new StreamUnavailableException("away");
                        }
                        return i;
                      }))
          .isInstanceOf(StreamUnavailableException.class)
          .hasMessage("away");
    }
  }
}
