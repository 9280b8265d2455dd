package dev.confab.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class InMemoryLettersTest extends LettersContract {
  private final VirtualTime time = new VirtualTime();

  @Override
  Letters letters() {
    return new InMemoryLetters(Stage.PERSIST, time);
  }

  @Override
  void pass(Duration duration) {
    time.pause(duration);
  }

  /** SQS' worst, which ElasticMQ doesn't show. */
  @Test
  void deletingByAnOlderHandle_saysThatItDid() {
    Letters letters = letters();
    letters.send(List.of("a"));
    List<QueueMessage> first = letters.receive(1, Duration.ofSeconds(1), Duration.ZERO);
    pass(Duration.ofSeconds(1));
    letters.receive(1, Duration.ofSeconds(1), Duration.ZERO);

    assertThat(letters.delete(first)).isEmpty();
    assertThat(letters.depth()).isEqualTo(new Letters.Depth(0, 1));
  }
}
