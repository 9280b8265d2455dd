package dev.confab.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.metrics.Measurements.Series;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** What whoever measures may rely on, wherever it is written. */
abstract class MetricsContract {
  static final Instant NOW = Instant.parse("2026-11-24T02:04:05.123Z");
  static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  final Measurements measured = new Measurements(CLOCK);

  abstract Metrics metrics();

  /** What has been written, in order. */
  abstract List<Series> written();

  static Series series(Metric metric, Long... values) {
    return new Series(metric, null, List.of(values));
  }

  @Test
  void whatIsMeasured_isWrittenOnce() {
    measured.add(Metric.BATCH_SIZE, 7);
    measured.add(Metric.RETRIED, 2);

    metrics().write(measured);
    metrics().write(measured);

    assertThat(written())
        .containsExactly(series(Metric.BATCH_SIZE, 7L), series(Metric.RETRIED, 2L));
  }

  @Test
  void nothingMeasured_nothingWritten() {
    metrics().write(measured);

    assertThat(written()).isEmpty();
  }

  @Test
  void countsAddUp_timesAreKeptEach() {
    for (long value : new long[] {5, 1, 5}) {
      measured.add(Metric.PUSHED, value);
      measured.add(Metric.END_TO_END_AGE, value);
    }

    metrics().write(measured);

    assertThat(written())
        .containsExactly(series(Metric.PUSHED, 11L), series(Metric.END_TO_END_AGE, 5L, 1L, 5L));
  }

  @Test
  void zeroIsAValue() {
    measured.add(Metric.MILLIS_BEHIND_LATEST, 0);

    metrics().write(measured);

    assertThat(written()).containsExactly(series(Metric.MILLIS_BEHIND_LATEST, 0L));
  }

  @Test
  void ages_areUntilNow_andNeverNegative() {
    measured.addSince(Metric.END_TO_END_AGE, NOW.minus(Duration.ofMillis(1_250)));
    measured.addSince(Metric.END_TO_END_AGE, NOW.plus(Duration.ofMillis(3))); // another's clock

    metrics().write(measured);

    assertThat(written()).containsExactly(series(Metric.END_TO_END_AGE, 1_250L, 0L));
  }

  @Test
  void rejections_areToldByTheirCode() {
    measured.rejected("INTERNAL");
    measured.rejected("RATE_LIMITED");
    measured.rejected("INTERNAL");

    metrics().write(measured);

    assertThat(written())
        .containsExactly(
            new Series(Metric.REJECTED, "INTERNAL", List.of(2L)),
            new Series(Metric.REJECTED, "RATE_LIMITED", List.of(1L)));
  }

  @Test
  void manyThreads_loseNothingAndDoubleNothing() {
    Metrics metrics = metrics();
    long threads = 8;
    long each = 500;
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < threads; i++) {
        executor.execute(
            () -> {
              for (int j = 0; j < each; j++) {
                measured.add(Metric.PUSHED, 1); // as pushes side by side do
                metrics.write(measured);
              }
            });
      }
    }
    metrics.write(measured);

    List<Long> values = new ArrayList<>();
    written().forEach(series -> values.addAll(series.values()));
    assertThat(values.stream().mapToLong(Long::longValue).sum()).isEqualTo(threads * each);
  }
}
