package dev.confab.metrics;

import dev.confab.metrics.Measurements.Series;
import java.util.ArrayList;
import java.util.List;

/** Metrics in memory: keeps what is written. Thread-safe. */
public final class RecordedMetrics implements Metrics {
  private final List<List<Series>> writes = new ArrayList<>();

  /** What a test has measured itself, without anybody who writes it. */
  public static RecordedMetrics of(Measurements measured) {
    RecordedMetrics metrics = new RecordedMetrics();
    metrics.write(measured);
    return metrics;
  }

  @Override
  public synchronized void write(Measurements measured) {
    List<Series> all = measured.drain();
    if (!all.isEmpty()) {
      writes.add(all);
    }
  }

  /** What was written at once, in the order it came. */
  public synchronized List<List<Series>> writes() {
    return List.copyOf(writes);
  }

  /** All that was written of a metric, in the order it came. */
  public synchronized List<Long> values(Metric metric) {
    return writes.stream()
        .flatMap(List::stream)
        .filter(series -> series.metric() == metric)
        .flatMap(series -> series.values().stream())
        .toList();
  }

  /** The sum of a metric; 0 where nothing was written of it. */
  public long sum(Metric metric) {
    return values(metric).stream().mapToLong(Long::longValue).sum();
  }

  /** The codes of what was rejected, once for each write. */
  public synchronized List<String> codes() {
    return writes.stream()
        .flatMap(List::stream)
        .filter(series -> series.metric() == Metric.REJECTED)
        .map(series -> String.valueOf(series.code()))
        .toList();
  }
}
