package dev.confab.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry.Posted;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import dev.confab.events.ServerFrames;
import dev.confab.events.UserId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PackingTest {
  private static final ChatId LOBBY = new ChatId("lobby");

  private static Posted posted(int number, String text) {
    return new Posted(
        Position.of(Integer.toString(1_000 + number), 0),
        Cursor.start(),
        new UserId("ana"),
        new ClientMessageId("c-" + number),
        text,
        Instant.parse("2026-11-24T12:00:00Z"),
        false);
  }

  private static List<Posted> unpack(List<Packing.Packed> frames, boolean replayed)
      throws Exception {
    List<Posted> all = new ArrayList<>();
    for (Packing.Packed frame : frames) {
      String json = new String(frame.body().toArray(), StandardCharsets.UTF_8);
      ServerFrame.Messages parsed = (ServerFrame.Messages) ServerFrames.parse(json);
      assertThat(parsed.chatId()).isEqualTo(LOBBY);
      assertThat(parsed.replayed()).isEqualTo(replayed);
      assertThat(frame.positions())
          .isEqualTo(parsed.messages().stream().map(Posted::position).toList());
      all.addAll(parsed.messages());
    }
    return all;
  }

  @Test
  void howLongAskersHave_countsWithTheRest() throws Exception {
    List<Posted> messages = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      messages.add(posted(i, "text".repeat(30)));
    }
    List<Packing.Packed> frames = Packing.pack(LOBBY, messages, false, 5_000);
    assertThat(unpack(frames, false)).isEqualTo(messages);
    for (Packing.Packed frame : frames) {
      assertThat(frame.body().size()).isLessThanOrEqualTo(ServerFrame.MAX_FRAME_BYTES);
      assertThat(new String(frame.body().toArray(), StandardCharsets.UTF_8))
          .endsWith(",\"askWithinMillis\":5000}");
    }
  }

  @Test
  void whatFits_isOneFrame() throws Exception {
    List<Posted> messages = List.of(posted(1, "one"), posted(2, "two"), posted(3, "three"));
    List<Packing.Packed> frames = Packing.pack(LOBBY, messages, false, 0);
    assertThat(frames).hasSize(1);
    assertThat(unpack(frames, false)).isEqualTo(messages);
  }

  @Test
  void anyMessages_arePackedInOrderAndAsTightAsTheyGo() throws Exception {
    Random random = new Random(7);
    List<Posted> messages = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      String character = List.of("a", "é", "\n", "\"", "\uD83D\uDE80").get(random.nextInt(5));
      messages.add(posted(i, character.repeat(1 + random.nextInt(1_500))));
    }
    List<Packing.Packed> frames = Packing.pack(LOBBY, messages, true, 0);
    assertThat(unpack(frames, true)).isEqualTo(messages);
    for (Packing.Packed frame : frames) {
      assertThat(frame.body().size()).isLessThanOrEqualTo(ServerFrame.MAX_FRAME_BYTES);
    }
    for (int i = 1; i < frames.size(); i++) { // the next message would not have fitted
      int from = frames.get(i - 1).positions().size();
      List<Position> positions = new ArrayList<>(frames.get(i - 1).positions());
      positions.add(frames.get(i).positions().getFirst());
      assertThat(
              sizeOf(
                  messages.stream().filter(m -> positions.contains(m.position())).toList(), true))
          .as("frame %d with %d messages and one more", i, from)
          .isGreaterThan(ServerFrame.MAX_FRAME_BYTES);
    }
  }

  private static int sizeOf(List<Posted> messages, boolean replayed) {
    return ServerFrames.encode(new ServerFrame.Messages(LOBBY, messages, replayed))
        .getBytes(StandardCharsets.UTF_8)
        .length;
  }

  /** Many small ones: an error of a byte a message would show. */
  @Test
  void whatFitsToTheByte_isOneFrame_andAByteMoreIsTwo() {
    List<Posted> messages = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      messages.add(posted(i, "text".repeat(30)));
    }
    messages.add(posted(100, "x"));
    int left = ServerFrame.MAX_FRAME_BYTES - sizeOf(messages, false);
    messages.set(100, posted(100, "x".repeat(1 + left)));
    assertThat(Packing.pack(LOBBY, messages, false, 0))
        .singleElement()
        .satisfies(frame -> assertThat(frame.body().size()).isEqualTo(ServerFrame.MAX_FRAME_BYTES));
    messages.set(100, posted(100, "x".repeat(2 + left)));
    assertThat(Packing.pack(LOBBY, messages, false, 0))
        .extracting(frame -> frame.positions().size())
        .containsExactly(100, 1);
  }

  @Test
  void aMessageLargerThanAFrame_goesAlone() throws Exception {
    String doubled = "\n".repeat(16 * 1024); // two bytes each in JSON
    List<Posted> messages = List.of(posted(1, "one"), posted(2, doubled), posted(3, "three"));
    List<Packing.Packed> frames = Packing.pack(LOBBY, messages, false, 0);
    assertThat(frames.stream().map(frame -> frame.positions().size())).containsExactly(1, 1, 1);
    assertThat(frames.get(1).body().size()).isGreaterThan(ServerFrame.MAX_FRAME_BYTES);
    assertThat(unpack(frames, false)).isEqualTo(messages);
  }
}
