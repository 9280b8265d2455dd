package dev.confab.load;

import dev.confab.local.LocalOptions;
import dev.confab.local.LocalStack;
import java.nio.file.Path;
import java.time.Duration;

/** The pipeline in one JVM. */
final class PipelineIT extends PipelineSuite {
  @Override
  LocalStack start(Path metrics) {
    return LocalStack.start(
        LocalOptions.anyPorts(
            Path.of("../template.yaml"),
            2,
            LocalOptions.Retrieval.FANOUT,
            Duration.ofSeconds(3),
            metrics),
        _ -> {});
  }
}
