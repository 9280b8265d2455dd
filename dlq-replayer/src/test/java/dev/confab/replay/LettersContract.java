package dev.confab.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every {@link Letters} does. */
abstract class LettersContract {
  private static final Duration HIDDEN = Duration.ofMinutes(2);
  private static final Duration WAIT = Duration.ofSeconds(1);

  /** An empty queue. */
  abstract Letters letters();

  /** Lets time pass for the queue. */
  abstract void pass(Duration time);

  @Test
  void whatIsInHand_isGivenToNobodyElse_untilItsTimeIsOver() {
    Letters letters = letters();
    letters.send(List.of("a", "b"));

    assertThat(letters.receive(10, HIDDEN, WAIT))
        .extracting(QueueMessage::body)
        .containsExactlyInAnyOrder("a", "b");
    assertThat(letters.receive(10, HIDDEN, WAIT)).isEmpty();
    assertThat(letters.depth()).isEqualTo(new Letters.Depth(0, 2));
    pass(HIDDEN.plusSeconds(1));
    assertThat(letters.receive(10, HIDDEN, WAIT)).hasSize(2);
  }

  @Test
  void whatIsHiddenAnew_staysSo_andWhatIsGivenBack_isThereAtOnce() {
    Letters letters = letters();
    letters.send(List.of("kept", "given back"));
    List<QueueMessage> inHand = letters.receive(10, HIDDEN, WAIT);
    QueueMessage kept =
        inHand.stream().filter(m -> m.body().equals("kept")).findFirst().orElseThrow();
    QueueMessage givenBack =
        inHand.stream().filter(m -> !m.body().equals("kept")).findFirst().orElseThrow();

    pass(HIDDEN.dividedBy(2));
    letters.hide(List.of(kept), HIDDEN);
    letters.hide(List.of(givenBack), Duration.ZERO);
    assertThat(letters.receive(10, HIDDEN, WAIT))
        .extracting(QueueMessage::id)
        .containsExactly(givenBack.id());
    pass(HIDDEN.dividedBy(2).plusSeconds(1));
    assertThat(letters.receive(10, HIDDEN, WAIT)).isEmpty();
  }

  @Test
  void whatIsDeleted_isGone() {
    Letters letters = letters();
    letters.send(List.of("a", "b"));
    List<QueueMessage> inHand = letters.receive(10, HIDDEN, WAIT);

    assertThat(letters.delete(inHand.subList(0, 1))).isEmpty();
    pass(HIDDEN.plusSeconds(1));
    assertThat(letters.receive(10, HIDDEN, WAIT))
        .extracting(QueueMessage::id)
        .containsExactly(inHand.get(1).id());
    assertThat(letters.depth()).isEqualTo(new Letters.Depth(0, 1));
  }

  /**
   * By an older one SQS answers that it is deleted, as its documentation warns and the queue in
   * memory does; ElasticMQ calls the handle invalid. In both the letter stays.
   */
  @Test
  void whatWasHandedOutAgain_isDeletedByItsNewestHandleOnly() {
    Letters letters = letters();
    letters.send(List.of("a"));
    List<QueueMessage> first = letters.receive(10, HIDDEN, WAIT);
    pass(HIDDEN.plusSeconds(1));
    List<QueueMessage> second = letters.receive(10, HIDDEN, WAIT);

    letters.delete(first);
    assertThat(letters.depth()).isEqualTo(new Letters.Depth(0, 1));
    assertThat(letters.delete(second)).isEmpty();
    assertThat(letters.depth()).isEqualTo(new Letters.Depth(0, 0));
  }

  @Test
  void hidingWhatIsGone_isNoFault() {
    Letters letters = letters();
    letters.send(List.of("a"));
    List<QueueMessage> inHand = letters.receive(10, HIDDEN, WAIT);
    letters.delete(inHand);

    letters.hide(inHand, HIDDEN);
  }

  @Test
  void noMoreThanAsked_andInTheEndAll() {
    Letters letters = letters();
    List<String> bodies = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    assertThat(letters.send(bodies)).hasSize(10).containsOnly("");

    Set<String> seen = new HashSet<>();
    List<QueueMessage> batch;
    do {
      batch = letters.receive(3, HIDDEN, WAIT);
      assertThat(batch).hasSizeLessThanOrEqualTo(3);
      batch.forEach(message -> seen.add(message.body()));
    } while (!batch.isEmpty());
    assertThat(seen).containsExactlyInAnyOrderElementsOf(bodies);
  }
}
