package dev.confab.load.client;

import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import org.jspecify.annotations.Nullable;

/** What {@link ClientCore} wants done or known, in order. */
public sealed interface Output {

  /** Send this on the socket. */
  record Send(ClientFrame frame) implements Output {}

  /** Open a socket, with a fresh token; answer with {@code connected} or {@code disconnected}. */
  record Connect() implements Output {}

  /** Close the socket; answer with {@code disconnected}. */
  record Close() implements Output {}

  /**
   * An entry is to be seen at its position. Not always at the end: history goes back, and fills in
   * what was parked.
   */
  record Shown(ChatId chatId, Entry.Shown entry) implements Output {}

  /**
   * What was seen at a position is to be seen no more: a placeholder whose message comes next, a
   * second copy, or what is forgotten for its age.
   */
  record Hidden(ChatId chatId, Position position) implements Output {}

  /** A chat's view has changed its state. */
  record State(ChatId chatId, ChatState state, @Nullable String why) implements Output {}

  /** News of an own message. */
  record Own(ChatId chatId, ClientMessageId clientMessageId, OwnState state, @Nullable String why)
      implements Output {}

  /** What becomes of an own message. */
  enum OwnState {
    /** It waits, or is under way. */
    QUEUED,
    /** It is on the stream. */
    ACCEPTED,
    /** It is in the chat, shown at its place in the chat's order. Final. */
    PLACED,
    /**
     * The server refuses it, or may not be asked again. Final, unless an earlier try did arrive: it
     * is then shown.
     */
    REFUSED
  }

  /** An answer to {@link ClientCore#request}, or an error. */
  record Answered(String requestId, ServerFrame frame) implements Output {}

  /** No answer to {@link ClientCore#request} came: whether it was done is unknown. */
  record Unanswered(String requestId) implements Output {}
}
