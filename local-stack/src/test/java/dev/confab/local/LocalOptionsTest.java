package dev.confab.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalOptionsTest {
  @TempDir private Path folder;

  private static LocalOptions withMetrics(@Nullable Path metrics) {
    return LocalOptions.anyPorts(
        Path.of("../template.yaml"),
        2,
        LocalOptions.Retrieval.FANOUT,
        Duration.ofSeconds(3),
        metrics);
  }

  /** Whoever writes metrics swallows what goes wrong, so it must be said before. */
  @Test
  void metricsThatCannotBeWritten_areRefused() {
    for (Path unusable : new Path[] {folder, folder.resolve("none").resolve("metrics.jsonl")}) {
      assertThatThrownBy(() -> withMetrics(unusable))
          .isInstanceOf(StartException.class)
          .hasMessage("--metrics: can't write " + unusable);
    }
  }

  @Test
  void metricsGoIntoAnyFile_thatIsThereOrNot() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    assertThat(withMetrics(file).metrics()).isEqualTo(file);
    Files.createFile(file);
    assertThat(withMetrics(file).metrics()).isEqualTo(file);
    assertThat(withMetrics(Path.of("metrics.jsonl")).metrics()).isRelative();
    assertThat(withMetrics(null).metrics()).isNull();
  }
}
