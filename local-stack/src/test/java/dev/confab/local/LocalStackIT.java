package dev.confab.local;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class LocalStackIT {

  @Test
  void whatAConsumerRefuses_isSaidInOneLine() {
    LocalOptions tooFast =
        LocalOptions.anyPorts(
            Path.of("../template.yaml"),
            2,
            LocalOptions.Retrieval.FANOUT,
            Duration.ofSeconds(1),
            null);
    assertThatThrownBy(() -> LocalStack.start(tooFast, _ -> {}))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("FAILOVER is \"PT1S\"")
        .hasMessageNotContaining("Exception");
  }
}
