package dev.confab.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LanesTest {
  private static final List<Integer> MANY = IntStream.range(0, 500).boxed().toList();

  @Test
  void answersAreInTheOrderAsked_onEveryExecutor() {
    assertThat(Lanes.each(MANY, n -> n * 2, Runnable::run).entrySet())
        .extracting(answer -> answer.getKey() * 2 - answer.getValue())
        .hasSize(500)
        .containsOnly(0);
    assertThat(List.copyOf(Lanes.each(MANY, n -> n, Runnable::run).keySet())).isEqualTo(MANY);
    assertThat(Lanes.each(List.<Integer>of(), n -> n, Runnable::run)).isEmpty();
    assertThat(Lanes.each(List.of(3, 3, 1), n -> n, Runnable::run)).hasSize(2);
  }

  @Test
  void noMoreTasksRun_thanThereAreLanes() {
    AtomicInteger tasks = new AtomicInteger();
    Executor counting =
        task -> {
          tasks.incrementAndGet();
          task.run();
        };

    Lanes.each(MANY, n -> n, counting);
    assertThat(tasks.getAndSet(0)).isEqualTo(Lanes.MAX_LANES);

    Lanes.each(List.of(1, 2, 3), n -> n, counting);
    assertThat(tasks).hasValue(3);
  }

  @Test
  void answersComeTogether_fromManyThreads() {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      assertThat(Lanes.each(MANY, n -> n + 1, executor))
          .hasSize(500)
          .allSatisfy((n, answer) -> assertThat(answer).isEqualTo(n + 1));
    }
  }

  @Test
  void anAnswerThatFails_failsAll() {
    assertThatThrownBy(
            () ->
                Lanes.each(
                    MANY,
                    n -> {
                      if (n == 77) {
                        throw new TableUnavailableException("throttled");
                      }
                      return n;
                    },
                    Runnable::run))
        .isInstanceOf(TableUnavailableException.class)
        .hasMessage("throttled");
  }
}
