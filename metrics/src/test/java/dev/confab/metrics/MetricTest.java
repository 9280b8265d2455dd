package dev.confab.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is measured is what docs/operations.md says is measured. */
class MetricTest {
  private static final Path OPERATIONS = Path.of("../docs/operations.md");

  private record Row(String name, String stages, String unit) {}

  @Test
  void operationsTable_namesEveryMetric_itsStagesAndItsUnit_andNoOther() throws IOException {
    assertThat(table())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Metric.values())
                .map(metric -> new Row(metric.title(), stages(metric), metric.unit().word()))
                .toList());
  }

  private static String stages(Metric metric) {
    return metric.stages().stream().sorted().map(StageName::word).collect(Collectors.joining(", "));
  }

  /** The rows of the section "Metrics". */
  private static List<Row> table() throws IOException {
    return Files.readAllLines(OPERATIONS).stream()
        .dropWhile(line -> !line.equals("## Metrics"))
        .skip(1)
        .takeWhile(line -> !line.startsWith("## "))
        .filter(line -> line.startsWith("| `"))
        .map(line -> line.split("\\|"))
        .map(
            cells -> new Row(cells[1].strip().replace("`", ""), cells[2].strip(), cells[3].strip()))
        .toList();
  }
}
