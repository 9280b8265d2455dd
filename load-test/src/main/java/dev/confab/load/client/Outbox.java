package dev.confab.load.client;

import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Cursor;
import dev.confab.events.ErrorCode;
import dev.confab.events.Position;
import dev.confab.load.client.Output.OwnState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A user's own messages to a chat until they are seen in it: one is under way at a time, so that
 * they reach the stream in the order of {@link #add}. Sent once more, a message is marked so, since
 * an earlier try may have arrived. Not thread-safe.
 */
final class Outbox {
  private static final class Mine {
    final ClientMessageId id;
    final String text;
    boolean wasSent;

    /** Of the copy that the server acknowledged. */
    @Nullable Position accepted;

    /** When to ask history for it, if it hasn't come back until then. */
    @Nullable Instant echoBy;

    Mine(ClientMessageId id, String text) {
      this.id = id;
      this.text = text;
    }
  }

  private final ChatId chatId;
  private final Consumer<Output> out;
  private final Backoff backoff;
  private final Map<ClientMessageId, Mine> mine = new LinkedHashMap<>();
  private @Nullable Mine underWay;
  private Instant notBefore = Instant.MIN;

  Outbox(ChatId chatId, RandomGenerator random, Consumer<Output> out) {
    this.chatId = chatId;
    this.out = out;
    this.backoff = new Backoff(Rules.SEND_PAUSE, Rules.MAX_PAUSE, 0.5, random);
  }

  void add(ClientMessageId id, String text) {
    if (unsent() >= Rules.MAX_UNSENT) {
      throw new IllegalStateException(
          "%d messages to %s wait already: wait for the connection"
              .formatted(Rules.MAX_UNSENT, chatId));
    }
    mine.put(id, new Mine(id, text));
    tell(id, OwnState.QUEUED, null);
  }

  private long unsent() {
    return mine.values().stream().filter(one -> one.accepted == null).count();
  }

  private void tell(ClientMessageId id, OwnState state, @Nullable String why) {
    out.accept(new Output.Own(chatId, id, state, why));
  }

  private @Nullable Mine first() {
    for (Mine one : mine.values()) {
      if (one.accepted == null) {
        return one;
      }
    }
    return null;
  }

  /** When there is a message to send; null while there is none, or one is under way. */
  @Nullable Instant due() {
    return underWay == null && first() != null ? notBefore : null;
  }

  /** The message that is due, from now on under way. */
  ClientFrame.SendMessage send(String requestId) {
    Mine next = first();
    if (next == null) {
      throw new IllegalStateException("nothing to send");
    }
    boolean resend = next.wasSent;
    next.wasSent = true;
    underWay = next;
    return new ClientFrame.SendMessage(requestId, chatId, next.id, next.text, resend);
  }

  /** A message is on the stream. */
  void accepted(ClientMessageId id, Position position, Instant now) {
    Mine one = mine.get(id);
    if (one == null) {
      return; // it came back before its ack did
    }
    done(one);
    if (one.accepted == null) {
      tell(id, OwnState.ACCEPTED, null);
    }
    one.accepted = position;
    one.echoBy = now.plus(Rules.ECHO_TIMEOUT);
  }

  private void done(Mine one) {
    if (one == underWay) {
      underWay = null;
      backoff.reset();
      notBefore = Instant.MIN;
    }
  }

  /** A message is in the chat: wherever it is, it is not to be sent again. */
  void placed(ClientMessageId id) {
    Mine one = mine.remove(id);
    if (one != null) {
      done(one);
      tell(id, OwnState.PLACED, null);
    }
  }

  /**
   * All up to a cursor is held. A message whose copy lies there is in the chat even where it was
   * not seen: the copy was dropped since the original is further back than the client looks.
   */
  void passed(Cursor cursor) {
    for (Mine one : List.copyOf(mine.values())) {
      Position position = one.accepted;
      if (position != null && !position.isAfter(cursor)) {
        placed(one.id);
      }
    }
  }

  /** What was acknowledged, is overdue, and hasn't been asked for yet. */
  List<Position> overdue(Instant now) {
    List<Position> overdue = new ArrayList<>();
    for (Mine one : mine.values()) {
      Position position = one.accepted;
      Instant by = one.echoBy;
      if (position != null && by != null && !now.isBefore(by)) {
        one.echoBy = null;
        overdue.add(position);
      }
    }
    return overdue;
  }

  /** When the next is overdue, null if none will be. */
  @Nullable Instant echoDue() {
    Instant first = null;
    for (Mine one : mine.values()) {
      Instant by = one.echoBy;
      if (by != null && (first == null || by.isBefore(first))) {
        first = by;
      }
    }
    return first;
  }

  /** The message under way had no answer: whether it arrived is unknown. */
  void unanswered(Instant now) {
    if (underWay != null) {
      underWay = null;
      notBefore = now.plus(backoff.next());
    }
  }

  /** The message under way was answered with an error. */
  void failed(ErrorCode code, Instant now) {
    Mine one = underWay;
    if (code.isRetryable() || code == ErrorCode.TOKEN_EXPIRED) {
      unanswered(now);
    } else if (one != null) {
      refuse(one, code.name());
    }
  }

  /** There is a connection again. */
  void connected() {
    notBefore = Instant.MIN;
    backoff.reset();
  }

  /** The connection is gone, and with it the answer. */
  void disconnected() {
    underWay = null;
  }

  /** The server closed the connection for the size of a frame: this one is not to be sent again. */
  void tooLarge() {
    Mine one = underWay;
    if (one != null) {
      refuse(one, "TOO_LARGE");
    }
  }

  /** Nothing more can be sent to the chat. */
  void close(String why) {
    for (Mine one : List.copyOf(mine.values())) {
      if (one.accepted == null) {
        refuse(one, why);
      }
    }
  }

  private void refuse(Mine one, String why) {
    mine.remove(one.id);
    done(one);
    tell(one.id, OwnState.REFUSED, why);
  }

  /** Own messages that aren't seen in the chat yet, in the order they were written. */
  List<ChatView.Pending> pending() {
    return mine.values().stream()
        .map(one -> new ChatView.Pending(one.id, one.text, one.accepted != null))
        .toList();
  }
}
