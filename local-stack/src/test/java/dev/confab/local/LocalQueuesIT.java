package dev.confab.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

final class LocalQueuesIT {

  @Test
  void lettersOutliveARestart(@TempDir Path data) {
    int port = Ports.free(0, "SQS", "--sqs-port");
    String url;
    try (LocalQueues queues = LocalQueues.start(port, "us-east-1", data);
        SqsClient sqs = client(queues.port())) {
      url = sqs.createQueue(queue -> queue.queueName("confab-persist-dlq")).queueUrl();
      sqs.sendMessage(message -> message.queueUrl(url).messageBody("a letter"));
    }
    try (LocalQueues queues = LocalQueues.start(port, "us-east-1", data);
        SqsClient sqs = client(queues.port())) {
      assertThat(sqs.receiveMessage(receive -> receive.queueUrl(url)).messages())
          .extracting(Message::body)
          .containsExactly("a letter");
    }
  }

  @Test
  void makingAQueueAgainKeepsItsLetters() {
    try (LocalQueues queues =
            LocalQueues.start(Ports.free(0, "SQS", "--sqs-port"), "us-east-1", null);
        SqsClient sqs = client(queues.port())) {
      String url = sqs.createQueue(queue -> queue.queueName("confab-persist-dlq")).queueUrl();
      sqs.sendMessage(message -> message.queueUrl(url).messageBody("a letter"));
      sqs.createQueue(queue -> queue.queueName("confab-persist-dlq"));
      assertThat(sqs.receiveMessage(receive -> receive.queueUrl(url)).messages()).hasSize(1);
    }
  }

  private static SqsClient client(int port) {
    return SqsClient.builder()
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
        .endpointOverride(URI.create("http://localhost:" + port))
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .build();
  }
}
