package dev.confab.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DeletionTest {
  private final VirtualTime time = new VirtualTime();
  private final InMemoryLetters queue = new InMemoryLetters(Stage.PERSIST, time);
  private final Hand hand = new Hand(time, time, new Workers(Runnable::run, 1), new Stop());

  /** As when a beat was missed, or SQS hands a letter out twice, which it may at any time. */
  @Test
  void letterThatIsHandedOutAgainWhileInHand_isDeleted() {
    queue.add(TestLetters.letter("lobby", 1));
    List<Received> inHand = hand.receive(queue, 1);
    time.pause(Hand.HIDDEN);
    assertThat(hand.receive(queue, 1)).as("in hand already").isEmpty();

    assertThat(Deletion.of(inHand, hand)).isEmpty();
    assertThat(queue.bodies()).isEmpty();
  }

  @Test
  void handedOutAgainBetweenTwoTries_isDeletedByTheSecond() {
    queue.add(TestLetters.letter("lobby", 1));
    List<Received> inHand = hand.receive(queue, 1);
    queue.outage("unreachable");
    time.after(
        Duration.ofMillis(1),
        () -> {
          queue.outage("");
          time.pause(Hand.HIDDEN);
          assertThat(hand.receive(queue, 1)).as("in hand already").isEmpty();
        });

    assertThat(Deletion.of(inHand, hand)).isEmpty();
    assertThat(queue.bodies()).isEmpty();
  }
}
