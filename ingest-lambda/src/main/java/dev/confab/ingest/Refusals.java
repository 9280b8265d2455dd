package dev.confab.ingest;

import dev.confab.events.ChatId;
import dev.confab.events.ErrorCode;
import dev.confab.events.ServerFrame;
import org.jspecify.annotations.Nullable;

/** The error frames of expected refusals, each worded once. */
final class Refusals {
  private Refusals() {}

  /** The same for a chat that is absent and for one that isn't the caller's. */
  static ServerFrame chatNotFound(@Nullable String requestId, ChatId chatId) {
    return refused(requestId, ErrorCode.CHAT_NOT_FOUND, "there is no such chat for you", chatId);
  }

  static ServerFrame notOwner(@Nullable String requestId, ChatId chatId) {
    return refused(requestId, ErrorCode.NOT_OWNER, "only an owner of the chat may do this", chatId);
  }

  static ServerFrame refused(
      @Nullable String requestId, ErrorCode code, String message, ChatId chatId) {
    return new ServerFrame.Failed(requestId, code, message, chatId);
  }
}
