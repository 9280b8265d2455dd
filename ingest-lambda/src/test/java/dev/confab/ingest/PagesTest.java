package dev.confab.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.ChatId;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PagesTest {
  private static ServerFrame frame(List<ServerFrame.More> part) {
    return new ServerFrame.Synced("r", part);
  }

  private static List<ServerFrame.More> items(int count, int idLength) {
    ChatId chatId = new ChatId("c".repeat(idLength));
    return IntStream.range(0, count)
        .mapToObj(i -> new ServerFrame.More(chatId, Position.of("1", 0)))
        .toList();
  }

  /** One byte more or less an item turns up at some length. */
  @Test
  void asManyAsFit_toTheByte() {
    for (int idLength = 1; idLength <= 64; idLength++) {
      List<ServerFrame.More> items = items(1000, idLength);
      int count = Pages.fitting(items, PagesTest::frame).size();

      assertThat(Pages.bytes(frame(items.subList(0, count))))
          .isLessThanOrEqualTo(ServerFrame.MAX_FRAME_BYTES);
      assertThat(Pages.bytes(frame(items.subList(0, count + 1))))
          .isGreaterThan(ServerFrame.MAX_FRAME_BYTES);
    }
  }

  @Test
  void shortList_isWhole() {
    assertThat(Pages.fitting(items(3, 1), PagesTest::frame)).hasSize(3);
    assertThat(Pages.fitting(items(0, 1), PagesTest::frame)).isEmpty();
    assertThat(Pages.first(items(3, 1), 2)).hasSize(2);
    assertThat(Pages.first(items(1, 1), 2)).hasSize(1);
  }
}
