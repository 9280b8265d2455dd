package dev.confab.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SideBySideTest {
  private static final List<Integer> HUNDRED = IntStream.range(0, 100).boxed().toList();

  @Test
  void onTheCallingThread_itemsRunInOrder() throws Exception {
    List<Integer> ran = new ArrayList<>();
    assertThat(new SideBySide(Runnable::run, 3).forEach(HUNDRED, () -> true, ran::add)).isTrue();
    assertThat(ran).isEqualTo(HUNDRED);
  }

  @Test
  void neverMoreThanTheBound_runAtOnce() throws Exception {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch full = new CountDownLatch(8);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      new SideBySide(threads, 8)
          .forEach(
              HUNDRED,
              () -> true,
              _ -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                full.countDown();
                await(full);
                running.decrementAndGet();
              });
    }
    assertThat(most.get()).isEqualTo(8);
  }

  @Test
  void whenItReturns_allThatBeganHasEnded() throws Exception {
    AtomicInteger ended = new AtomicInteger();
    AtomicInteger begun = new AtomicInteger();
    CountDownLatch stopped = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      boolean all =
          new SideBySide(threads, 50)
              .forEach(
                  HUNDRED,
                  () -> {
                    if (begun.incrementAndGet() <= 50) {
                      return true;
                    }
                    stopped.countDown();
                    return false;
                  },
                  _ -> {
                    await(stopped);
                    ended.incrementAndGet();
                  });
      assertThat(all).isFalse();
      assertThat(ended.get()).isEqualTo(50);
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // what leaks is waited for
  void whatATaskThrows_endsNoOther_andAnErrorReachesTheCaller() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      SideBySide sideBySide = new SideBySide(threads, 8);
      assertThatThrownBy(
              () ->
                  sideBySide.forEach(
                      HUNDRED,
                      () -> true,
                      item -> {
                        ran.incrementAndGet();
                        if (item == 50) {
                          throw new OutOfMemoryError("no memory");
                        }
                      }))
          .isInstanceOf(OutOfMemoryError.class);
      assertThat(ran.get()).isEqualTo(100);
      assertThat(sideBySide.forEach(HUNDRED, () -> true, _ -> {})).isTrue();
    }
  }

  @Test
  void anExecutorThatIsClosed_refusesAndBlocksNobody() {
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    threads.close();
    SideBySide sideBySide = new SideBySide(threads, 1);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> sideBySide.forEach(HUNDRED, () -> true, _ -> {}))
          .isInstanceOf(RejectedExecutionException.class);
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // what leaks is waited for
  void anExecutorThatHasNoThread_reachesTheCallerAndBlocksNobody() {
    SideBySide sideBySide =
        new SideBySide(
            _ -> {
              throw new OutOfMemoryError("unable to create native thread");
            },
            2);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> sideBySide.forEach(HUNDRED, () -> true, _ -> {}))
          .isInstanceOf(OutOfMemoryError.class);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stopped) {
      throw new AssertionError(stopped);
    }
  }
}
