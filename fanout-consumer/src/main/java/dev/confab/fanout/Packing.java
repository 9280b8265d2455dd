package dev.confab.fanout;

import dev.confab.events.Bytes;
import dev.confab.events.ChatId;
import dev.confab.events.Entry.Posted;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import dev.confab.events.ServerFrames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages in as few frames as they fit in: each one costs a request, and the client a system call.
 */
final class Packing {
  private Packing() {}

  /**
   * A {@code messages} frame.
   *
   * @param positions of its messages, in order
   */
  record Packed(Bytes body, List<Position> positions) {}

  /**
   * Packs a chat's messages, in order.
   *
   * @param messages at least one
   * @param replayed whether they are a push letter's replay
   * @param askWithinMillis said in each frame; 0 for not at all
   * @return frames of at most {@link ServerFrame#MAX_FRAME_BYTES}; a message that alone makes a
   *     larger one has it to itself
   */
  static List<Packed> pack(
      ChatId chatId, List<Posted> messages, boolean replayed, int askWithinMillis) {
    if (messages.size() == 1) {
      return List.of(frame(chatId, messages, replayed, askWithinMillis));
    }
    int[] alone = new int[messages.size()];
    for (int i = 0; i < alone.length; i++) {
      alone[i] = encode(chatId, messages.subList(i, i + 1), replayed, askWithinMillis).length;
    }
    int together = encode(chatId, messages.subList(0, 2), replayed, askWithinMillis).length;
    int around = alone[0] + alone[1] + 1 - together; // what isn't message; the 1 is their comma
    List<Packed> frames = new ArrayList<>();
    int from = 0;
    int bytes = alone[0];
    for (int to = 1; to < alone.length; to++) {
      int more = alone[to] - around + 1;
      if (bytes + more > ServerFrame.MAX_FRAME_BYTES) {
        frames.add(frame(chatId, messages.subList(from, to), replayed, askWithinMillis));
        from = to;
        bytes = alone[to];
      } else {
        bytes += more;
      }
    }
    frames.add(frame(chatId, messages.subList(from, alone.length), replayed, askWithinMillis));
    return frames;
  }

  private static Packed frame(
      ChatId chatId, List<Posted> messages, boolean replayed, int askWithinMillis) {
    return new Packed(
        Bytes.of(encode(chatId, messages, replayed, askWithinMillis)),
        messages.stream().map(Posted::position).toList());
  }

  private static byte[] encode(
      ChatId chatId, List<Posted> messages, boolean replayed, int askWithinMillis) {
    return ServerFrames.encode(
            new ServerFrame.Messages(chatId, messages, replayed, askWithinMillis))
        .getBytes(StandardCharsets.UTF_8);
  }
}
