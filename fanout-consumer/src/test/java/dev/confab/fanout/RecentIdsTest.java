package dev.confab.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.ChatEvent.MessageSent;
import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.UserId;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RecentIdsTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private final RecentIds recent = new RecentIds();

  private static MessageSent message(String sender, String id, String text) {
    return new MessageSent(
        new ChatId("lobby"), new UserId(sender), new ClientMessageId(id), text, true, NOON, null);
  }

  @Test
  void aMessageThatWasPushed_isKnown() {
    recent.add(message("ana", "c-1", "hello"), NOON);
    assertThat(recent.hasOriginalOf(message("ana", "c-1", "hello"), NOON)).isTrue();
  }

  @Test
  void anotherSenderIdOrText_isAnotherMessage() {
    recent.add(message("ana", "c-1", "hello"), NOON);
    assertThat(recent.hasOriginalOf(message("bob", "c-1", "hello"), NOON)).isFalse();
    assertThat(recent.hasOriginalOf(message("ana", "c-2", "hello"), NOON)).isFalse();
    assertThat(recent.hasOriginalOf(message("ana", "c-1", "goodbye"), NOON)).isFalse();
  }

  @Test
  void afterTheWindow_itIsForgotten() {
    recent.add(message("ana", "c-1", "hello"), NOON);
    Instant end = NOON.plus(RecentIds.WINDOW);
    assertThat(recent.hasOriginalOf(message("ana", "c-1", "hello"), end)).isTrue();
    assertThat(recent.hasOriginalOf(message("ana", "c-1", "hello"), end.plusMillis(1))).isFalse();
  }

  @Test
  void pushedAgainAfterTheWindow_itIsKnownAgain() {
    recent.add(message("ana", "c-1", "hello"), NOON);
    Instant later = NOON.plus(RecentIds.WINDOW).plusSeconds(1);
    recent.add(message("ana", "c-1", "hello"), later);
    assertThat(recent.hasOriginalOf(message("ana", "c-1", "hello"), later)).isTrue();
  }

  @Test
  void theFirstTextOfAnId_counts() {
    recent.add(message("ana", "c-1", "hello"), NOON);
    recent.add(message("ana", "c-1", "goodbye"), NOON.plusSeconds(1));
    assertThat(recent.hasOriginalOf(message("ana", "c-1", "hello"), NOON)).isTrue();
    assertThat(recent.hasOriginalOf(message("ana", "c-1", "goodbye"), NOON)).isFalse();
  }

  @Test
  void theOldest_isForgottenWhenThereAreTooMany() {
    for (int i = 0; i <= RecentIds.MAX_MESSAGES; i++) {
      recent.add(message("ana", "c-" + i, "hello"), NOON);
    }
    assertThat(recent.size()).isEqualTo(RecentIds.MAX_MESSAGES);
    assertThat(recent.hasOriginalOf(message("ana", "c-0", "hello"), NOON)).isFalse();
    assertThat(recent.hasOriginalOf(message("ana", "c-1", "hello"), NOON)).isTrue();
  }

  @Test
  void pushedAgainAfterTheWindow_itIsTheNewest() {
    Instant later = NOON.plus(RecentIds.WINDOW).plusSeconds(1);
    for (int i = 0; i < RecentIds.MAX_MESSAGES; i++) {
      recent.add(message("ana", "c-" + i, "hello"), NOON);
    }
    recent.add(message("ana", "c-0", "hello"), later);
    recent.add(message("ana", "one-too-many", "hello"), later);
    assertThat(recent.hasOriginalOf(message("ana", "c-0", "hello"), later)).isTrue();
    assertThat(recent.hasOriginalOf(message("ana", "c-1", "hello"), NOON)).isFalse();
  }

  @Test
  void whatItKnows_persistKnowsToo() {
    assertThat(RecentIds.WINDOW).isLessThan(Duration.ofMinutes(10));
    assertThat(RecentIds.MAX_MESSAGES).isLessThan(1_000);
  }
}
