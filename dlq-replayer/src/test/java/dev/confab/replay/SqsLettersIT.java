package dev.confab.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SqsLettersIT extends LettersContract {
  private LocalServices services;

  @BeforeAll
  void start() throws Exception {
    services = new LocalServices();
  }

  @AfterAll
  void stop() {
    services.close();
  }

  @Override
  Letters letters() {
    services.clear();
    return services.letters(Stage.PERSIST);
  }

  @Override
  void pass(Duration time) {
    services.sqsClock.pass(time);
  }

  @Test
  void aQueueByUrl_isTheSameQueue() {
    Letters byName = letters();
    String url =
        services
            .sqs
            .getQueueUrl(get -> get.queueName(LocalServices.queueName(Stage.PERSIST)))
            .queueUrl();
    Letters byUrl =
        new SqsLetters(
            services.sqs,
            new AwsFaults("SQS", "the queue", "--queue", "us-east-1", null),
            Stage.PERSIST,
            url);

    byUrl.send(List.of("a"));

    assertThat(byUrl.name()).isEqualTo(byName.name());
    assertThat(byName.depth().visible()).isEqualTo(1);
  }

  @Test
  void aQueueThatIsNotThere_isSaidToBeSo() {
    AwsFaults faults =
        new AwsFaults("SQS", "the queue nobody", "--persist-queue or --stack", "us-east-1", null);

    assertThatThrownBy(() -> new SqsLetters(services.sqs, faults, Stage.PERSIST, "nobody"))
        .isInstanceOf(CannotGoOnException.class)
        .hasMessage(
            "the queue nobody does not exist in us-east-1 for these credentials: name another with"
                + " --persist-queue or --stack, or another region with --region");
  }
}
