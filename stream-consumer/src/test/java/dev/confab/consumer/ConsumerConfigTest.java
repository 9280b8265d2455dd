package dev.confab.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.list;

import dev.confab.consumer.ConsumerConfig.Retrieval;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.regions.Region;

class ConsumerConfigTest {
  private final Map<String, String> variables =
      new HashMap<>(
          Map.of(
              "AWS_REGION", "eu-central-1",
              "STREAM_NAME", "confab",
              "DLQ_URL", "https://sqs.eu-central-1.amazonaws.com/1/confab-persist-dlq",
              "APPLICATION_NAME", "confab-persist"));

  @Test
  void defaults() {
    ConsumerConfig config = read();

    assertThat(config.aws()).isEqualTo(new AwsConfig(Region.EU_CENTRAL_1, null, null, null));
    assertThat(config.streamName()).isEqualTo("confab");
    assertThat(config.dlqUrl()).endsWith("confab-persist-dlq");
    assertThat(config.applicationName()).isEqualTo("confab-persist");
    assertThat(config.retrieval()).isEqualTo(Retrieval.POLLING);
    assertThat(config.failover()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.metricsTo()).isEqualTo("stdout");
    assertThat(config.workerId()).isNotEqualTo(read().workerId());
  }

  @Test
  void everythingCanBeSet() {
    variables.put("AWS_ENDPOINT_URL_KINESIS", "http://localhost:4567");
    variables.put("AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:8000");
    variables.put("AWS_ENDPOINT_URL_SQS", "http://localhost:9324");
    variables.put("RETRIEVAL", "fanout");
    variables.put("WORKER_ID", "w1");
    variables.put("FAILOVER", "PT3S");

    ConsumerConfig config = read();

    assertThat(config.aws())
        .isEqualTo(
            new AwsConfig(
                Region.EU_CENTRAL_1,
                URI.create("http://localhost:4567"),
                URI.create("http://localhost:8000"),
                URI.create("http://localhost:9324")));
    assertThat(config.retrieval()).isEqualTo(Retrieval.FANOUT);
    assertThat(config.workerId()).isEqualTo("w1");
    assertThat(config.failover()).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void whatIsMissingOrBad_isSaidAtOnce_aLineEach() {
    variables.remove("STREAM_NAME");
    variables.put("AWS_REGION", " ");
    variables.put("RETRIEVAL", "push");
    variables.put("FAILOVER", "10");
    variables.put("AWS_ENDPOINT_URL_SQS", "localhost:9324");

    assertThatThrownBy(this::read)
        .isInstanceOf(Environment.InvalidEnvironmentException.class)
        .extracting(bad -> String.valueOf(bad.getMessage()).lines().toList(), list(String.class))
        .containsExactlyInAnyOrder(
            "STREAM_NAME is not set: it must be the name of the Kinesis stream",
            "AWS_REGION is not set: it must be an AWS region, such as eu-central-1",
            "RETRIEVAL is \"push\": it must be polling or fanout",
            "FAILOVER is \"10\": it must be a duration from PT3S to PT5M, such as PT10S",
            "AWS_ENDPOINT_URL_SQS is \"localhost:9324\": it must be a URL, such as"
                + " http://localhost:4567");
  }

  @Test
  void failover_hasBounds() {
    for (String outside : new String[] {"PT2.999S", "PT5M1S", "-PT10S"}) {
      variables.put("FAILOVER", outside);
      assertThatThrownBy(this::read).hasMessageContaining("FAILOVER");
    }
  }

  private ConsumerConfig read() {
    Environment environment = new Environment(variables);
    ConsumerConfig config = ConsumerConfig.read(environment);
    environment.check();
    return config;
  }
}
