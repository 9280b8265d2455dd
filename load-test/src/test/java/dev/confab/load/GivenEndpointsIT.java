package dev.confab.load;

import dev.confab.local.LocalOptions;
import dev.confab.local.LocalStack;
import dev.confab.local.ServiceEndpoints;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * The pipeline on services that run elsewhere, named by the SDKs' own variables. Consumers poll:
 * emulators seldom have SubscribeToShard.
 */
@EnabledIfEnvironmentVariable(
    named = "AWS_ENDPOINT_URL_KINESIS",
    matches = ".+",
    disabledReason =
        "for services that run elsewhere, set AWS_ENDPOINT_URL_KINESIS, _DYNAMODB and _SQS")
final class GivenEndpointsIT extends PipelineSuite {
  /** The stack on them. */
  static LocalStack startOn(ServiceEndpoints services, Path metrics) {
    return LocalStack.startOn(
        services,
        LocalOptions.anyPorts(
            Path.of("../template.yaml"),
            2,
            LocalOptions.Retrieval.POLLING,
            Duration.ofSeconds(10),
            metrics),
        _ -> {});
  }

  @Override
  LocalStack start(Path metrics) {
    return startOn(ServiceEndpoints.of(System.getenv()), metrics);
  }
}
