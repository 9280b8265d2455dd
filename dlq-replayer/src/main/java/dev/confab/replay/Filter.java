package dev.confab.replay;

import dev.confab.events.ChatId;
import dev.confab.events.DeadLetter;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which letters an operator means. Those of every stage that pass each test that is there.
 *
 * @param chats any of these; empty for all, also those that name no chat
 * @param errors any of these error classes; empty for all
 * @param since failed last at or after it
 * @param until failed last before it
 */
record Filter(
    Set<ChatId> chats, Set<String> errors, @Nullable Instant since, @Nullable Instant until) {

  Filter {
    chats = Set.copyOf(chats);
    errors = Set.copyOf(errors);
  }

  static Filter all() {
    return new Filter(Set.of(), Set.of(), null, null);
  }

  boolean matches(DeadLetter letter) {
    Instant failedAt = letter.failure().lastFailedAt();
    ChatId chat = chatOf(letter);
    return (chats.isEmpty() || (chat != null && chats.contains(chat)))
        && (errors.isEmpty() || errors.contains(letter.failure().errorClass()))
        && (since == null || !failedAt.isBefore(since))
        && (until == null || failedAt.isBefore(until));
  }

  /** The chat that a letter names. */
  static @Nullable ChatId chatOf(DeadLetter letter) {
    return switch (letter) {
      case DeadLetter.RecordLetter record -> record.chatId();
      case DeadLetter.PushLetter push -> push.chatId();
    };
  }
}
