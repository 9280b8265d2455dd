package dev.confab.metrics;

import dev.confab.metrics.Measurements.Series;
import java.util.List;

class RecordedMetricsTest extends MetricsContract {
  private final RecordedMetrics metrics = new RecordedMetrics();

  @Override
  Metrics metrics() {
    return metrics;
  }

  @Override
  List<Series> written() {
    return metrics.writes().stream().flatMap(List::stream).toList();
  }
}
