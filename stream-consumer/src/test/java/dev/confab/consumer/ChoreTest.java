package dev.confab.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ChoreTest {
  private final AtomicInteger halts = new AtomicInteger();

  private static Stream<Throwable> faults() {
    return Stream.of(new IllegalStateException("closed"), new StackOverflowError());
  }

  @ParameterizedTest
  @MethodSource("faults")
  void choreThatFails_isDoneAgain(Throwable fault) throws InterruptedException {
    CountDownLatch twice = new CountDownLatch(2);
    Chore chore =
        new Chore(
            "do it",
            () -> {
              twice.countDown();
              ChoreTest.<RuntimeException>sneak(fault);
            },
            halts::incrementAndGet);
    try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
      var _ = timer.scheduleWithFixedDelay(chore, 0, 1, TimeUnit.MILLISECONDS);
      assertThat(twice.await(1, TimeUnit.MINUTES)).isTrue();
      timer.shutdownNow();
    }
    assertThat(halts).hasValue(0);
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneak(Throwable fault) throws T {
    throw (T) fault;
  }

  @Test
  void withoutMemory_theProcessEnds() {
    new Chore(
            "do it",
            () -> {
              throw new OutOfMemoryError();
            },
            halts::incrementAndGet)
        .run();
    assertThat(halts).hasValue(1);
  }
}
