package dev.confab.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent.PushReplay;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.DeadLetter;
import dev.confab.events.DeadLetter.PushLetter;
import dev.confab.events.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PushLettersTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private final PushLetters letters = new PushLetters("shardId-0");

  private static Position at(int number) {
    return Position.of(Integer.toString(1_000 + number), 0);
  }

  private static Outbox outbox(String connection, int... positions) {
    Outbox outbox = new Outbox(new ConnectionId(connection));
    for (int position : positions) {
      outbox.add(frame(List.of(at(position)), 0));
    }
    return outbox;
  }

  private static Frame frame(List<Position> positions, int replayCount) {
    return new Frame(
        new ChatId("lobby"), "Messages", Bytes.of(new byte[0]), positions, replayCount, NOON);
  }

  @Test
  void oneLetter_saysWhatAnyoneMissed_howOftenItWasTried_andSinceWhen() {
    Outbox first = outbox("b1", 3, 1);
    first.fail("Slow", "HTTP 429", NOON.plusSeconds(1));
    Outbox second = outbox("e1", 2, 1);
    second.fail("Failed", "HTTP 500", NOON);
    second.fail("Failed", "HTTP 500", NOON.plusSeconds(2));

    assertThat(letters.about(List.of(first, second)))
        .containsExactly(
            new PushLetter(
                new DeadLetter.Failure("Slow", "HTTP 429", 2, NOON, NOON.plusSeconds(2)),
                "shardId-0",
                new ChatId("lobby"),
                List.of(at(1), at(2), at(3)),
                List.of(new ConnectionId("b1"), new ConnectionId("e1")),
                0));
    assertThat(letters.about(List.of(second, first)).getFirst().failure())
        .isEqualTo(new DeadLetter.Failure("Failed", "HTTP 500", 2, NOON, NOON.plusSeconds(2)));
  }

  @Test
  void connections_areSplitAtTheLimit() {
    List<Outbox> failed = new ArrayList<>();
    for (int i = 0; i <= PushReplay.MAX_CONNECTIONS; i++) {
      Outbox outbox = outbox("c" + i, 1);
      outbox.fail("Slow", "HTTP 429", NOON);
      failed.add(outbox);
    }
    assertThat(letters.about(failed))
        .extracting(letter -> letter.connectionIds().size())
        .containsExactly(PushReplay.MAX_CONNECTIONS, 1);
  }

  @Test
  void frameWithoutMessages_isInNone() {
    Outbox outbox = new Outbox(new ConnectionId("b1"));
    outbox.add(frame(List.of(), 0));
    outbox.fail("Slow", "HTTP 429", NOON);
    assertThat(letters.about(List.of(outbox))).isEmpty();
  }
}
