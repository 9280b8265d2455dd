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
    return message(sender, id, text, false);
  }

  private static MessageSent resend(String sender, String id, String text) {
    return message(sender, id, text, true);
  }

  private static MessageSent message(String sender, String id, String text, boolean resend) {
    return new MessageSent(
        new ChatId("lobby"), new UserId(sender), new ClientMessageId(id), text, resend, NOON, null);
  }

  private void push(MessageSent sent, Instant arrivedAt) {
    recent.add(sent, arrivedAt);
    recent.pass();
  }

  @Test
  void aMessageThatWasPushed_isKnown() {
    push(message("ana", "c-1", "hello"), NOON);
    assertThat(recent.hasOriginalOf(resend("ana", "c-1", "hello"), NOON)).isTrue();
  }

  @Test
  void anotherSenderIdOrText_isAnotherMessage() {
    push(message("ana", "c-1", "hello"), NOON);
    assertThat(recent.hasOriginalOf(resend("bob", "c-1", "hello"), NOON)).isFalse();
    assertThat(recent.hasOriginalOf(resend("ana", "c-2", "hello"), NOON)).isFalse();
    assertThat(recent.hasOriginalOf(resend("ana", "c-1", "goodbye"), NOON)).isFalse();
  }

  @Test
  void afterTheWindow_itIsForgotten() {
    push(message("ana", "c-1", "hello"), NOON);
    Instant end = NOON.plus(RecentIds.WINDOW);
    assertThat(recent.hasOriginalOf(resend("ana", "c-1", "hello"), end)).isTrue();
    assertThat(recent.hasOriginalOf(resend("ana", "c-1", "hello"), end.plusMillis(1))).isFalse();
  }

  @Test
  void pushedAgainAfterTheWindow_itIsKnownAgain() {
    push(message("ana", "c-1", "hello"), NOON);
    Instant later = NOON.plus(RecentIds.WINDOW).plusSeconds(1);
    push(message("ana", "c-1", "hello"), later);
    assertThat(recent.hasOriginalOf(resend("ana", "c-1", "hello"), later)).isTrue();
  }

  @Test
  void theFirstTextOfAnId_counts() {
    push(message("ana", "c-1", "hello"), NOON);
    push(message("ana", "c-1", "goodbye"), NOON.plusSeconds(1));
    assertThat(recent.hasOriginalOf(resend("ana", "c-1", "hello"), NOON)).isTrue();
    assertThat(recent.hasOriginalOf(resend("ana", "c-1", "goodbye"), NOON)).isFalse();
  }

  @Test
  void theOldest_isForgottenWhenThereAreTooMany() {
    for (int i = 0; i <= RecentIds.MAX_PLACES; i++) {
      push(message("ana", "c-" + i, "hello"), NOON);
    }
    assertThat(recent.size()).isEqualTo(RecentIds.MAX_PLACES);
    assertThat(recent.hasOriginalOf(resend("ana", "c-0", "hello"), NOON)).isFalse();
    assertThat(recent.hasOriginalOf(resend("ana", "c-1", "hello"), NOON)).isTrue();
  }

  /** Persist counts markers and placeholders too. */
  @Test
  void placesThatHoldNothingToRemember_ageWhatIsRemembered() {
    push(message("ana", "c-1", "hello"), NOON);
    for (int i = 1; i < RecentIds.MAX_PLACES; i++) {
      recent.pass();
    }
    assertThat(recent.hasOriginalOf(resend("ana", "c-1", "hello"), NOON)).isTrue();
    recent.pass();
    assertThat(recent.hasOriginalOf(resend("ana", "c-1", "hello"), NOON)).isFalse();
    assertThat(recent.size()).isZero();
  }

  /** Persist may know an original of which both are resends, and then forget it. */
  @Test
  void aResend_isNoOriginal() {
    push(resend("ana", "c-1", "hello"), NOON);
    assertThat(recent.hasOriginalOf(resend("ana", "c-1", "hello"), NOON)).isFalse();
  }

  @Test
  void pushedAgainAfterTheWindow_itIsTheNewest() {
    Instant later = NOON.plus(RecentIds.WINDOW).plusSeconds(1);
    for (int i = 0; i < RecentIds.MAX_PLACES; i++) {
      push(message("ana", "c-" + i, "hello"), NOON);
    }
    push(message("ana", "c-0", "hello"), later);
    push(message("ana", "one-too-many", "hello"), later);
    assertThat(recent.hasOriginalOf(resend("ana", "c-0", "hello"), later)).isTrue();
    assertThat(recent.hasOriginalOf(resend("ana", "c-1", "hello"), NOON)).isFalse();
  }

  @Test
  void whatItKnows_persistKnowsToo() {
    assertThat(RecentIds.WINDOW).isLessThan(Duration.ofMinutes(10));
    assertThat(RecentIds.MAX_PLACES).isLessThan(1_000);
  }
}
