package dev.confab.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.ChatEvent.MessageSent;
import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Position;
import dev.confab.events.UserId;
import dev.confab.table.Subscriptions.Subscription;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How much is remembered, and what is forgotten. */
class LiveChatsTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final Instant EVENING = Instant.parse("2026-11-24T18:00:00Z");
  private final LiveChats chats = new LiveChats(10);

  private static Position at(int sequenceNumber) {
    return Position.of(Integer.toString(1_000 + sequenceNumber), 0);
  }

  private static Subscription subscription(String id, @Nullable Position until, Instant expiresAt) {
    return new Subscription(
        new ConnectionId(id),
        new UserId("ana"),
        1,
        at(1),
        until,
        until == null ? at(1) : until,
        expiresAt);
  }

  private static Subscribers subscribers(int count) {
    List<Subscription> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(subscription("c" + i, null, EVENING));
    }
    return new Subscribers(all);
  }

  private LiveChat chat(int number) {
    return chats.of(new ChatId("chat-" + number));
  }

  private void batchIn(int number) {
    chat(number);
    chats.endBatch(NOON);
  }

  @Test
  void chats_areForgottenOneByOne_theOneIdleLongestFirst() {
    for (int i = 0; i < 12; i++) {
      batchIn(i);
    }
    assertThat(chats.size()).isEqualTo(10);
    LiveChat kept = chat(2);
    chats.endBatch(NOON);
    batchIn(12);
    assertThat(chat(2)).as("touched since").isSameAs(kept);
  }

  @Test
  void subscriptions_weighAsMuchAsChats() {
    chat(0).loaded(subscribers(9));
    chats.endBatch(NOON);
    assertThat(chats.size()).isEqualTo(1);
    batchIn(1);
    assertThat(chats.size()).as("too much for both").isEqualTo(1);
  }

  @Test
  void recentMessages_weighAsMuchAsChats() {
    for (int i = 0; i < 9; i++) {
      chat(0)
          .pushes(
              new MessageSent(
                  new ChatId("chat-0"),
                  new UserId("ana"),
                  new ClientMessageId("c-" + i),
                  "text",
                  false,
                  NOON,
                  null),
              NOON);
    }
    chats.endBatch(NOON);
    batchIn(1);
    assertThat(chats.size()).isEqualTo(1);
  }

  @Test
  void aChatInUse_weighsOnce() {
    batchIn(0);
    for (int i = 0; i < 100; i++) {
      batchIn(1);
    }
    assertThat(chats.size()).isEqualTo(2);
  }

  @Test
  void whatABatchTouches_isKeptUntilTheNext() {
    for (int i = 0; i < 20; i++) {
      chat(i);
    }
    chats.endBatch(NOON);
    assertThat(chats.size()).isEqualTo(20);
    batchIn(20);
    assertThat(chats.size()).isEqualTo(10);
  }

  @Test
  void intervals_areForgottenWhenNoEventCanConcernThem() {
    LiveChat chat = chat(0);
    chat.loaded(
        new Subscribers(
            List.of(
                subscription("open", null, EVENING),
                subscription("ended", at(5), EVENING),
                subscription("ends-later", at(6), EVENING), // events come again, after a crash
                subscription("expired", null, NOON))));
    chat.apply(at(5));
    chats.endBatch(NOON);
    assertThat(chat.weight()).isEqualTo(1 + 2);
  }
}
