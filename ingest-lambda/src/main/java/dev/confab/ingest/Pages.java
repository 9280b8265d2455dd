package dev.confab.ingest;

import dev.confab.events.ServerFrame;
import dev.confab.events.ServerFrames;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;

/** Cuts lists so that their frame is not too large. */
final class Pages {
  private Pages() {}

  /** The bytes that a frame takes, encoded. */
  static int bytes(ServerFrame frame) {
    return ServerFrames.encode(frame).getBytes(StandardCharsets.UTF_8).length;
  }

  static <T> List<T> first(List<T> items, int limit) {
    return items.subList(0, Math.min(limit, items.size()));
  }

  /**
   * The longest beginning of a list whose frame has at most {@link ServerFrame#MAX_FRAME_BYTES}, or
   * its first item alone, so that a reader gets on.
   *
   * @param frame makes the frame of a part of the list, as large as it can get for that part
   */
  static <T> List<T> fitting(List<T> items, Function<List<T>, ServerFrame> frame) {
    int empty = bytes(frame.apply(List.of()));
    int size = empty - 1; // the first has no comma before it
    int count = 0;
    for (T item : items) {
      size += 1 + bytes(frame.apply(List.of(item))) - empty;
      if (count > 0 && size > ServerFrame.MAX_FRAME_BYTES) {
        break;
      }
      count++;
    }
    return items.subList(0, count);
  }
}
