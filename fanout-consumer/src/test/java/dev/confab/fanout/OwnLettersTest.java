package dev.confab.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.consumer.DeadLetters;
import dev.confab.consumer.InMemoryDeadLetters;
import dev.confab.events.Bytes;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.DeadLetter;
import dev.confab.events.Position;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnLettersTest {
  private static final Position POSITION = Position.of("1000", 0);
  private final InMemoryDeadLetters queue = new InMemoryDeadLetters();
  private final OwnLetters own = new OwnLetters(queue);

  private static DeadLetter.Failure failure(String errorClass) {
    return new DeadLetter.Failure(errorClass, "why", 1, Instant.EPOCH, Instant.EPOCH);
  }

  private static DeadLetter recordLetter(String errorClass) {
    return new DeadLetter.RecordLetter(
        failure(errorClass),
        "shardId-0",
        POSITION,
        "lobby",
        null,
        null,
        0,
        new DeadLetter.Inline(Bytes.of(new byte[] {1})));
  }

  @Test
  void whatPersistReports_isNotReportedTwice() {
    List<DeadLetter> letters =
        List.of(recordLetter("Malformed"), recordLetter(DeadLetter.Failure.MISROUTED));
    queue.goDown();
    assertThat(own.send(letters)).isEqualTo(new DeadLetters.Taken());
    assertThat(queue.sends()).isZero();
  }

  @Test
  void itsOwnLetters_reachTheQueue() {
    DeadLetter push =
        new DeadLetter.PushLetter(
            failure("Slow"),
            "shardId-0",
            new ChatId("lobby"),
            List.of(POSITION),
            List.of(new ConnectionId("b1")),
            0);
    DeadLetter fault = recordLetter(OwnLetters.FAULT);
    own.send(List.of(recordLetter("Malformed"), push, fault));
    assertThat(queue.taken()).containsExactly(push, fault);
  }

  @Test
  void aRefusal_isHandedOn() {
    queue.goDown();
    assertThat(own.send(List.of(recordLetter(OwnLetters.FAULT))))
        .isInstanceOf(DeadLetters.Refused.class);
  }
}
