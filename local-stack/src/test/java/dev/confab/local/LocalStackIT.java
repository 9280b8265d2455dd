package dev.confab.local;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class LocalStackIT {

  @Test
  void whatAConsumerRefuses_isSaidInOneLine() {
    LocalOptions any = LocalOptions.anyPorts(Path.of("../template.yaml"));
    LocalOptions tooFast =
        new LocalOptions(
            any.template(),
            any.port(),
            any.kinesisPort(),
            any.dynamoDbPort(),
            any.sqsPort(),
            any.shards(),
            any.retrieval(),
            Duration.ofSeconds(1),
            any.data(),
            any.shardLimits(),
            any.metrics());
    assertThatThrownBy(() -> LocalStack.start(tooFast, _ -> {}))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("FAILOVER is \"PT1S\"")
        .hasMessageNotContaining("Exception");
  }
}
