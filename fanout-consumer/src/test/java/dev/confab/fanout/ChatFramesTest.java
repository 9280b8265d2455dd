package dev.confab.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Cursor;
import dev.confab.events.EndReason;
import dev.confab.events.Entry.Posted;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import dev.confab.events.ServerFrames;
import dev.confab.events.UserId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChatFramesTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final ChatFrames.Receiver BOB =
      new ChatFrames.Receiver(new ConnectionId("b1"), NOON.plusSeconds(60));
  private static final ChatFrames.Receiver EVE =
      new ChatFrames.Receiver(new ConnectionId("e1"), NOON.plusSeconds(90));
  private final ChatFrames frames = new ChatFrames(new ChatId("lobby"));

  private static Position at(int number) {
    return Position.of(Integer.toString(1_000 + number), 0);
  }

  private static Posted posted(int number) {
    return new Posted(
        at(number),
        Cursor.start(),
        new UserId("ana"),
        new ClientMessageId("c-" + number),
        "text",
        NOON,
        false);
  }

  private List<Frame> of(ChatFrames.Receiver receiver) {
    List<Frame> all = new ArrayList<>();
    frames.forEach(
        (connection, frame) -> {
          if (connection.equals(receiver.connectionId())) {
            all.add(frame);
          }
        });
    return all;
  }

  @Test
  void messagesThatFollowEachOther_shareAFrame_whichEndsWithTheSubscription() {
    frames.message(posted(1), List.of(BOB, EVE));
    frames.message(posted(2), List.of(BOB, EVE));
    assertThat(of(BOB)).hasSize(1);
    assertThat(of(BOB).getFirst().positions()).containsExactly(at(1), at(2));
    assertThat(of(BOB).getFirst().expiresAt()).isEqualTo(BOB.expiresAt());
    assertThat(of(EVE).getFirst().expiresAt()).isEqualTo(EVE.expiresAt());
    assertThat(of(BOB).getFirst().body()).as("encoded once").isSameAs(of(EVE).getFirst().body());
  }

  @Test
  void whatIsNotForAConnection_isInNoFrameOfIt() {
    frames.message(posted(1), List.of(BOB, EVE));
    frames.message(posted(2), List.of(EVE));
    frames.message(posted(3), List.of(BOB, EVE));
    assertThat(of(BOB))
        .extracting(Frame::positions)
        .containsExactly(List.of(at(1)), List.of(at(3)));
    assertThat(of(EVE)).extracting(Frame::positions).containsExactly(List.of(at(1), at(2), at(3)));
  }

  @Test
  void aMessageForNobody_breaksNoFrame() {
    frames.message(posted(1), List.of(BOB));
    frames.message(posted(2), List.of());
    frames.message(posted(3), List.of(BOB));
    assertThat(of(BOB)).extracting(Frame::positions).containsExactly(List.of(at(1), at(3)));
  }

  @Test
  void aFrameOfItsOwn_keepsItsPlace() {
    frames.message(posted(1), List.of(BOB));
    frames.control(
        new ServerFrame.Unsubscribed(new ChatId("lobby"), EndReason.REMOVED),
        List.of(),
        List.of(BOB));
    frames.message(posted(2), List.of(BOB));
    assertThat(of(BOB))
        .extracting(Frame::kind)
        .containsExactly("Messages", "Unsubscribed", "Messages");
  }

  @Test
  void whoMustAskHistory_isToldInWhichTime_amongHowMany() throws Exception {
    Posted unknown =
        new Posted(at(1), null, new UserId("ana"), new ClientMessageId("c-1"), "text", NOON, false);
    frames.message(unknown, List.of(BOB, EVE));
    frames.message(posted(2), List.of(BOB));

    assertThat(askWithinMillis(of(BOB).getFirst())).isEqualTo(2);
    assertThat(askWithinMillis(of(EVE).getFirst())).isEqualTo(2);
  }

  @Test
  void whoKnowsWhatCameBefore_isNotToldWhenToAsk() throws Exception {
    frames.message(posted(1), List.of(BOB, EVE));

    assertThat(askWithinMillis(of(BOB).getFirst())).isZero();
  }

  private static int askWithinMillis(Frame frame) throws Exception {
    String json = new String(frame.body().toArray(), StandardCharsets.UTF_8);
    return ((ServerFrame.Messages) ServerFrames.parse(json)).askWithinMillis();
  }
}
