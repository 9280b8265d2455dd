package dev.confab.events;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client is told, one frame each: answers of the route Lambdas, which echo the client's
 * {@code requestId}, and what the fan-out pushes. {@code docs/protocol.yaml} is the same in
 * AsyncAPI, with the rules that a client follows.
 */
public sealed interface ServerFrame {

  /**
   * One page of whatever is listed fits in it, and so does every frame that is pushed; only a
   * single message whose escapes and ids make it larger goes alone in a larger one.
   */
  int MAX_FRAME_BYTES = 32_000;

  /** An answer to {@code createChat}. */
  record ChatCreated(
      @Nullable String requestId, ChatId chatId, @Nullable String title, Access access)
      implements ServerFrame {}

  record MemberAdded(@Nullable String requestId, ChatId chatId, UserId userId)
      implements ServerFrame {}

  record MemberRemoved(@Nullable String requestId, ChatId chatId, UserId userId)
      implements ServerFrame {}

  /**
   * An answer to {@code members}.
   *
   * @param members in the order of their ids; the last one's is the next page's {@code after}
   */
  record Members(@Nullable String requestId, ChatId chatId, List<Member> members, boolean hasMore)
      implements ServerFrame {
    public Members {
      members = List.copyOf(members);
    }
  }

  /**
   * A member of a chat.
   *
   * @param name for people to read; absent where the user's token had none
   */
  record Member(UserId userId, Role role, @Nullable String name) {}

  /**
   * An answer to {@code chats}.
   *
   * @param chats in the order of their ids; the last one's is the next page's {@code after}
   */
  record Chats(@Nullable String requestId, List<ChatSummary> chats, boolean hasMore)
      implements ServerFrame {
    public Chats {
      chats = List.copyOf(chats);
    }
  }

  /**
   * One of the caller's chats.
   *
   * @param newest the position of its newest message, {@link Cursor#start} for an empty chat
   */
  record ChatSummary(ChatId chatId, @Nullable String title, Role role, Cursor newest) {}

  /**
   * This connection receives the chat from here on. From the fan-out, in order with the live frames
   * that follow.
   *
   * @param position of the subscription: what comes after it is pushed
   * @param prev the newest message before it; null where the fan-out doesn't know
   * @param expiresAt when it ends by itself
   */
  record Joined(
      @Nullable String requestId,
      ChatId chatId,
      Position position,
      @Nullable Cursor prev,
      Instant expiresAt)
      implements ServerFrame {}

  record Left(@Nullable String requestId, ChatId chatId) implements ServerFrame {}

  /**
   * An answer to {@code subscribe}: a {@code joined} follows for each of {@code chatIds}.
   *
   * @param failed the others, each with what to do next
   */
  record SubscribeAccepted(
      @Nullable String requestId, List<ChatId> chatIds, List<SubscribeFailed> failed)
      implements ServerFrame {
    public SubscribeAccepted {
      chatIds = List.copyOf(chatIds);
      failed = List.copyOf(failed);
    }
  }

  /** A chat that could not be subscribed to. */
  record SubscribeFailed(ChatId chatId, ErrorCode code) {}

  /** The user's membership has ended: this connection receives the chat no more. Pushed. */
  record Unsubscribed(ChatId chatId, EndReason reason) implements ServerFrame {}

  /**
   * The message is on the stream.
   *
   * @param position of this copy of it
   */
  record Sent(
      @Nullable String requestId, ChatId chatId, ClientMessageId clientMessageId, Position position)
      implements ServerFrame {}

  /**
   * An answer to {@code history}: an unbroken run of the chain.
   *
   * @param messages oldest first
   * @param through how far the run reaches in the direction asked for, hidden entries included:
   *     with {@code after}, and on the newest page, its newest, to which the reader moves the
   *     cursor; with {@code before} its oldest, which is what to ask {@code before} next where no
   *     message is shown. {@link Cursor#start} for an empty chat
   * @param hasMore whether more follow in that direction, now or soon: a page that has more but
   *     moves nothing met a hole that is about to be filled
   */
  record History(
      @Nullable String requestId,
      ChatId chatId,
      List<Entry.Shown> messages,
      Cursor through,
      boolean hasMore)
      implements ServerFrame {
    public History {
      messages = List.copyOf(messages);
    }
  }

  /**
   * A page of the caller's own messages.
   *
   * @param messages newest first
   * @param before for the next page; absent where there is none
   */
  record MyMessages(
      @Nullable String requestId, List<OwnMessage> messages, @Nullable SentCursor before)
      implements ServerFrame {
    public MyMessages {
      messages = List.copyOf(messages);
    }
  }

  /** One of the caller's messages, in whichever chat. */
  record OwnMessage(ChatId chatId, Entry.Posted message) {}

  /** An answer to {@code sync}: the chats that have more than the client holds. */
  record Synced(@Nullable String requestId, List<More> chats) implements ServerFrame {
    public Synced {
      chats = List.copyOf(chats);
    }
  }

  /** A chat that has more, and its newest position. */
  record More(ChatId chatId, Position newest) {}

  /**
   * What was said in a chat, pushed as it comes.
   *
   * @param messages oldest first, at least one
   * @param replayed whether this is a push letter's replay: old messages, not new ones
   * @param askWithinMillis in which time all who get a message without {@code prev} should ask
   *     history, each at a moment of its own; 0 where nothing is said of it, and at most {@value
   *     #MAX_ASK_WITHIN_MILLIS}
   */
  record Messages(ChatId chatId, List<Entry.Posted> messages, boolean replayed, int askWithinMillis)
      implements ServerFrame {
    public static final int MAX_ASK_WITHIN_MILLIS = 60_000;

    public Messages {
      messages = List.copyOf(messages);
      if (messages.isEmpty()) {
        throw new IllegalArgumentException("a messages frame holds at least one");
      }
      if (askWithinMillis < 0 || askWithinMillis > MAX_ASK_WITHIN_MILLIS) {
        throw new IllegalArgumentException("askWithinMillis must be 0 to " + MAX_ASK_WITHIN_MILLIS);
      }
    }

    /** A frame that says nothing of when to ask. */
    public Messages(ChatId chatId, List<Entry.Posted> messages, boolean replayed) {
      this(chatId, messages, replayed, 0);
    }
  }

  /** A replay gave the chat back what was at a position: fetch it. Pushed. */
  record Repaired(ChatId chatId, Position position) implements ServerFrame {}

  /**
   * What was asked for did not happen, or not for certain.
   *
   * @param chatId the chat it is about; always there where the fan-out refuses a subscription
   */
  record Failed(@Nullable String requestId, ErrorCode code, String message, @Nullable ChatId chatId)
      implements ServerFrame {}
}
