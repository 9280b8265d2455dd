package dev.confab.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Bytes;
import dev.confab.events.DeadLetter;
import dev.confab.events.Position;
import dev.confab.metrics.Metric;
import dev.confab.metrics.RecordedMetrics;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CountedDeadLettersTest {
  private final InMemoryDeadLetters queue = new InMemoryDeadLetters();
  private final RecordedMetrics metrics = new RecordedMetrics();
  private final DeadLetters counted = new CountedDeadLetters(queue, metrics);

  private static DeadLetter letter(int n) {
    Instant now = Instant.parse("2026-11-24T02:04:05.123Z");
    return Letters.of(
        new StreamRecord(
            "shardId-0", Position.of(String.valueOf(n), 0), "lobby", Bytes.of(new byte[1]), now),
        new DeadLetter.Failure("Malformed", "no text", 1, now, now));
  }

  @Test
  void lettersThatTheQueueTook_areCounted_onceEach() {
    List<DeadLetter> letters = List.of(letter(1), letter(2), letter(3));
    queue.refuse(letters.get(1)::equals);

    DeadLetters.Receipt receipt = counted.send(letters);
    queue.comeUp();
    DeadLetters.Receipt again = counted.send(List.of(letters.get(1)));

    assertThat(receipt).isEqualTo(new DeadLetters.Refused(List.of(letters.get(1)), "out of order"));
    assertThat(again).isEqualTo(new DeadLetters.Taken());
    assertThat(metrics.values(Metric.DEAD_LETTERED)).containsExactly(2L, 1L);
  }

  @Test
  void queueThatTakesNone_countsNone() {
    queue.goDown();

    counted.send(List.of(letter(1)));

    assertThat(metrics.writes()).isEmpty();
  }
}
