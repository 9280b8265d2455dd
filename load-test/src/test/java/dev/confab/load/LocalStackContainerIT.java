package dev.confab.load;

import dev.confab.local.LocalStack;
import dev.confab.local.ServiceEndpoints;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.testcontainers.junit.jupiter.EnabledIfDockerAvailable;
import org.testcontainers.localstack.LocalStackContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The pipeline on LocalStack's Kinesis, DynamoDB and SQS. The tag is the last that needs no
 * account.
 */
@EnabledIfDockerAvailable
final class LocalStackContainerIT extends PipelineSuite {
  private static final LocalStackContainer AWS =
      new LocalStackContainer(DockerImageName.parse("localstack/localstack:4.14.0"))
          .withServices("kinesis", "dynamodb", "sqs");

  @Override
  LocalStack start(Path metrics) {
    AWS.start();
    URI endpoint = AWS.getEndpoint();
    return GivenEndpointsIT.startOn(new ServiceEndpoints(endpoint, endpoint, endpoint), metrics);
  }

  @AfterAll
  static void stopContainer() {
    AWS.stop();
  }
}
