package dev.confab.events;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for, one frame each. The name of the record, with a small first letter, is the
 * frame's {@code action}.
 *
 * <p>{@code requestId} is the client's own; the reply echoes it. 1 to {@value
 * #MAX_REQUEST_ID_BYTES} bytes of UTF-8 without control characters.
 */
public sealed interface ClientFrame {
  /** A frame, encoded, has at most this many bytes; a client checks it before it sends. */
  int MAX_FRAME_BYTES = 32_000;

  int MAX_REQUEST_ID_BYTES = 64;

  /** Of a page of any list. */
  int MAX_LIMIT = 100;

  @Nullable String requestId();

  /**
   * Makes a chat; its creator is owner and member. The same call again is the same answer.
   *
   * @param title for people to read, 1 to {@value #MAX_TITLE_BYTES} bytes of UTF-8; absent where
   *     the chatId says enough
   */
  record CreateChat(
      @Nullable String requestId, ChatId chatId, @Nullable String title, Access access)
      implements ClientFrame {
    public static final int MAX_TITLE_BYTES = 256;

    public CreateChat {
      if (title != null) {
        Texts.check("title", title, MAX_TITLE_BYTES);
      }
    }
  }

  /** Makes a user a member, by an owner; a removed one again. */
  record AddMember(@Nullable String requestId, ChatId chatId, UserId userId)
      implements ClientFrame {}

  /** Ends another's membership, by an owner. */
  record RemoveMember(@Nullable String requestId, ChatId chatId, UserId userId)
      implements ClientFrame {}

  /**
   * Who is in a chat.
   *
   * @param after the last user of the page before, absent for the first page
   * @param limit 1 to {@link ClientFrame#MAX_LIMIT}
   */
  record Members(@Nullable String requestId, ChatId chatId, @Nullable UserId after, int limit)
      implements ClientFrame {
    public Members {
      checkLimit(limit);
    }
  }

  /**
   * The caller's chats.
   *
   * @param after the last chat of the page before, absent for the first page
   * @param limit 1 to {@link ClientFrame#MAX_LIMIT}
   */
  record Chats(@Nullable String requestId, @Nullable ChatId after, int limit)
      implements ClientFrame {
    public Chats {
      checkLimit(limit);
    }
  }

  /** Makes the caller a member of an open chat, and this connection a subscriber. */
  record Join(@Nullable String requestId, ChatId chatId) implements ClientFrame {}

  /** Ends the caller's membership. */
  record Leave(@Nullable String requestId, ChatId chatId) implements ClientFrame {}

  /**
   * Makes this connection a subscriber of chats that its user is a member of.
   *
   * @param chatIds which, at most {@value #MAX_CHATS}; empty means all, the newest first
   */
  record Subscribe(@Nullable String requestId, List<ChatId> chatIds) implements ClientFrame {
    /** Below the 500 records of one PutRecords. */
    public static final int MAX_CHATS = 200;

    public Subscribe {
      chatIds = List.copyOf(chatIds);
      if (chatIds.size() > MAX_CHATS) {
        throw new IllegalArgumentException("chatIds must hold at most " + MAX_CHATS + " entries");
      }
    }

    /** Whether it asks for every chat of the user. */
    public boolean all() {
      return chatIds.isEmpty();
    }
  }

  /**
   * Posts text to a chat.
   *
   * @param text as {@link ChatEvent.MessageSent#text}
   * @param resend whether this client has sent the same message before
   */
  record SendMessage(
      @Nullable String requestId,
      ChatId chatId,
      ClientMessageId clientMessageId,
      String text,
      boolean resend)
      implements ClientFrame {
    public SendMessage {
      Texts.check("text", text, ChatEvent.MessageSent.MAX_TEXT_BYTES);
    }
  }

  /**
   * A chat's messages. With {@code after}, the oldest that follow it; else the newest before {@code
   * before}, or the newest of all. Both are exclusive, and at most one is given.
   *
   * @param limit 1 to {@link ClientFrame#MAX_LIMIT}; a page may hold fewer, so that it fits a frame
   */
  record History(
      @Nullable String requestId,
      ChatId chatId,
      @Nullable Cursor after,
      @Nullable Position before,
      int limit)
      implements ClientFrame {
    public History {
      checkLimit(limit);
      if (after != null && before != null) {
        throw new IllegalArgumentException("give after or before, not both");
      }
    }
  }

  /**
   * The caller's own messages over all chats, newest first.
   *
   * @param before the cursor that the page before gave, absent for the first page
   * @param limit 1 to {@link ClientFrame#MAX_LIMIT}
   */
  record MyMessages(@Nullable String requestId, @Nullable SentCursor before, int limit)
      implements ClientFrame {
    public MyMessages {
      checkLimit(limit);
    }
  }

  /**
   * Asks which chats have more than the client holds.
   *
   * @param cursors how far the client holds each chat; 1 to {@value #MAX_CHATS}
   */
  record Sync(@Nullable String requestId, Map<ChatId, Cursor> cursors) implements ClientFrame {
    /** One read each. */
    public static final int MAX_CHATS = 50;

    public Sync {
      cursors = Collections.unmodifiableMap(new LinkedHashMap<>(cursors));
      Checks.size("cursors", cursors.size(), MAX_CHATS);
    }
  }

  private static void checkLimit(int limit) {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("limit must be 1 to " + MAX_LIMIT);
    }
  }
}
