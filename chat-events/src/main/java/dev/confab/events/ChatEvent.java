package dev.confab.events;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that happened in a chat, as it lies on the stream. Its record's partition key is the
 * chat's id, so that one shard holds a chat's events in one order.
 *
 * <p>A stage switches over these without a default, so that a new kind of event does not compile
 * until each stage has an answer to it:
 *
 * <pre>{@code
 * switch (event) {
 *   case ChatEvent.MessageSent sent -> store(sent);
 *   case ChatEvent.Replay replay -> repair(replay);
 *   case ChatEvent.Subscribed _, ChatEvent.Unsubscribed _ ... -> {} // the fan-out's
 * }
 * }</pre>
 *
 * <p>{@code traceId} is an X-Ray trace id that rides along, for people to follow: 1 to {@value
 * #MAX_TRACE_ID_BYTES} bytes of UTF-8 without control characters, or absent.
 */
public sealed interface ChatEvent {

  /** Of a whole event, encoded. Over it, a record is never a valid event. */
  int MAX_EVENT_BYTES = 128 * 1024;

  /** Three times what X-Ray's have, and a small part of an event. */
  int MAX_TRACE_ID_BYTES = 128;

  ChatId chatId();

  /**
   * A user posted text to a chat.
   *
   * @param text what was posted; 1 to {@value #MAX_TEXT_BYTES} bytes of well-formed UTF-8 without
   *     control characters other than newline and tab
   * @param resend whether an earlier record may hold the same message: the client sent it again, or
   *     ingest had to put it again
   * @param sentAt when ingest took it, by that machine's clock, in whole milliseconds; for people
   *     to read: the position, not this, says what came first
   */
  record MessageSent(
      ChatId chatId,
      UserId senderId,
      ClientMessageId clientMessageId,
      String text,
      boolean resend,
      Instant sentAt,
      @Nullable String traceId)
      implements ChatEvent {
    /** Leaves room for the envelope in the 32 KB frame that API Gateway allows a client. */
    public static final int MAX_TEXT_BYTES = 16 * 1024;

    public MessageSent {
      Texts.check("text", text, MAX_TEXT_BYTES);
      Checks.traceId(traceId);
      sentAt = Timestamps.inMilliseconds(sentAt);
    }
  }

  /**
   * A connection asked to receive a chat, and ingest found its user to be a member.
   *
   * @param generation of the membership that ingest saw; a removal ends it and older ones
   * @param expiresAt when the subscription ends by itself: the earlier of the token's expiry and
   *     two hours after connect, in whole milliseconds
   * @param requestId of the client's frame, echoed by {@code joined}; absent where there was none
   */
  record Subscribed(
      ChatId chatId,
      UserId userId,
      ConnectionId connectionId,
      long generation,
      Instant expiresAt,
      @Nullable String requestId,
      Instant sentAt,
      @Nullable String traceId)
      implements ChatEvent {
    public Subscribed {
      Checks.generation(generation);
      if (requestId != null) {
        Texts.check("requestId", requestId, ClientFrame.MAX_REQUEST_ID_BYTES);
      }
      Checks.traceId(traceId);
      expiresAt = Timestamps.inMilliseconds(expiresAt);
      sentAt = Timestamps.inMilliseconds(sentAt);
    }
  }

  /** A connection no longer wants to receive a chat. */
  record Unsubscribed(
      ChatId chatId,
      UserId userId,
      ConnectionId connectionId,
      Instant sentAt,
      @Nullable String traceId)
      implements ChatEvent {
    public Unsubscribed {
      Checks.traceId(traceId);
      sentAt = Timestamps.inMilliseconds(sentAt);
    }
  }

  /**
   * A user is no longer a member. Ends that user's subscriptions from this record's position on.
   *
   * @param generation the last one that the removal ends; a membership added after it stays
   */
  record MemberRemoved(
      ChatId chatId,
      UserId userId,
      long generation,
      EndReason reason,
      Instant sentAt,
      @Nullable String traceId)
      implements ChatEvent {
    public MemberRemoved {
      Checks.generation(generation);
      Checks.traceId(traceId);
      sentAt = Timestamps.inMilliseconds(sentAt);
    }
  }

  /** A replay gave the chat back the message at a position. Put by persist. */
  record Repaired(ChatId chatId, Position position) implements ChatEvent {}

  /**
   * A dead letter of persist, put back on the stream for persist alone.
   *
   * @param position the original record's: what it holds is stored there
   * @param replayCount how often it has been replayed, this time included; 1 or more
   * @param data the original record, byte for byte, at most {@link #MAX_EVENT_BYTES}
   */
  record Replay(ChatId chatId, Position position, int replayCount, Bytes data)
      implements ChatEvent {
    public Replay {
      Checks.replayCount(replayCount);
      if (data.size() > MAX_EVENT_BYTES) {
        throw new IllegalArgumentException("data is larger than an event may be");
      }
    }
  }

  /**
   * A push letter of the fan-out, put back on the stream for the fan-out alone.
   *
   * @param positions of the messages that weren't delivered, oldest first; 1 to {@value
   *     #MAX_POSITIONS}
   * @param connectionIds the connections that missed them; 1 to {@value #MAX_CONNECTIONS}
   * @param replayCount how often it has been replayed, this time included; 1 or more
   */
  record PushReplay(
      ChatId chatId, List<Position> positions, List<ConnectionId> connectionIds, int replayCount)
      implements ChatEvent {
    /** So that the items come in one BatchGetItem round. */
    public static final int MAX_POSITIONS = 100;

    /** So that an event stays below {@link ChatEvent#MAX_EVENT_BYTES}. */
    public static final int MAX_CONNECTIONS = 500;

    public PushReplay {
      positions = List.copyOf(positions);
      connectionIds = List.copyOf(connectionIds);
      Checks.replayCount(replayCount);
      Checks.size("positions", positions.size(), MAX_POSITIONS);
      Checks.size("connectionIds", connectionIds.size(), MAX_CONNECTIONS);
    }
  }

  /**
   * A kind of event that is reserved for later and does nothing yet.
   *
   * @param type {@code message-deleted} or {@code typing}
   */
  record Reserved(ChatId chatId, String type) implements ChatEvent {}
}
