package dev.confab.fanout;

import dev.confab.consumer.ShardStart;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Cursor;
import dev.confab.events.ErrorCode;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import dev.confab.table.Members;
import dev.confab.table.Members.Membership;
import dev.confab.table.Subscriptions;
import dev.confab.table.Subscriptions.Change;
import dev.confab.table.Subscriptions.Subscription;
import dev.confab.table.TableUnavailableException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The single writer of the subscriptions of one shard's chats: applies the events that change them
 * to the table, then to memory, then answers. Used by one thread, but for {@link #endInTable}.
 *
 * <p>Each event may come again: from the stream after a crash, or because the table or the
 * connections failed in the middle. A change that memory or the table already holds is answered
 * again, not made again. Frames are added last, when nothing can fail any more.
 *
 * <p>Methods throw {@link TableUnavailableException} when the table can't answer: nothing was
 * answered then, and the event is to be offered again before any later one of its chat.
 */
final class Subscribing {
  private static final Logger log = LoggerFactory.getLogger(Subscribing.class);

  /** Of the oldest, before one more is refused. */
  static final int MAX_PROBES = 3;

  /** Forgetting one costs a POST. */
  private static final int MAX_GONE = 10_000;

  private final Subscriptions subscriptions;
  private final Members members;
  private final Pushes pushes;
  private final RateShare rate;
  private final ShardStart start;
  private final Clock clock;
  private final int maxSubscribersPerChat;
  private final LatelySeen<ConnectionId> gone = new LatelySeen<>(MAX_GONE);

  Subscribing(
      ShardStart start, FanoutStage.Ports ports, RateShare rate, int maxSubscribersPerChat) {
    this.subscriptions = ports.table().subscriptions();
    this.members = ports.table().members();
    this.pushes = ports.pushes();
    this.rate = rate;
    this.start = start;
    this.clock = ports.clock();
    this.maxSubscribersPerChat = maxSubscribersPerChat;
  }

  /** The chat's subscriptions: read from the table when the chat is first seen, never again. */
  Subscribers of(LiveChat chat) {
    Subscribers inMemory = chat.subscribers();
    return inMemory != null
        ? inMemory
        : chat.loaded(new Subscribers(subscriptions.of(chat.chatId(), clock.instant())));
  }

  /**
   * Who gets what came at a position.
   *
   * @param arrivedAt when its record arrived
   */
  List<ChatFrames.Receiver> receivers(LiveChat chat, Position position, Instant arrivedAt) {
    Subscribers subscribers = of(chat);
    List<ChatFrames.Receiver> receivers = new ArrayList<>();
    for (Subscription subscription : subscribers.at(position, arrivedAt)) {
      if (gone.contains(subscription.connectionId())) {
        subscribers.remove(subscription.connectionId());
      } else {
        receivers.add(receiver(subscription));
      }
    }
    return receivers;
  }

  private static ChatFrames.Receiver receiver(Subscription subscription) {
    return new ChatFrames.Receiver(subscription.connectionId(), subscription.expiresAt());
  }

  /**
   * Applies a {@code subscribed} event and answers it.
   *
   * @param arrivedAt when its record arrived
   */
  void subscribed(
      LiveChat chat,
      Position position,
      Instant arrivedAt,
      ChatEvent.Subscribed event,
      ChatFrames frames)
      throws InterruptedException {
    Instant end = event.expiresAt();
    if (!clock.instant().isBefore(end) || !arrivedAt.isBefore(end)) {
      return; // a replayed stream is full of them, and no POST may start
    }
    Subscribers subscribers = of(chat);
    gone.remove(event.connectionId());
    Subscription known = subscribers.of(event.connectionId());
    if (known != null && !position.isAfter(known.lastChange())) {
      joined(chat, position, event, known, frames);
      return;
    }
    Membership membership = members.of(chat.chatId(), event.userId());
    if (membership == null
        || !membership.isActive()
        || membership.generation() != event.generation()) {
      refuse(event, ErrorCode.CHAT_NOT_FOUND, "There is no such chat.", frames);
      return;
    }
    if (!hasRoom(chat, position, event.connectionId())) {
      String full = "The chat has " + maxSubscribersPerChat + " connections, as many as it may.";
      refuse(event, ErrorCode.CHAT_FULL, full, frames);
      return;
    }
    Subscription asked =
        new Subscription(
            event.connectionId(),
            event.userId(),
            event.generation(),
            position,
            null,
            position,
            event.expiresAt());
    joined(chat, position, event, put(chat, asked), frames);
  }

  /** Tells a connection that it receives the chat, from where the table says. */
  private void joined(
      LiveChat chat,
      Position position,
      ChatEvent.Subscribed event,
      Subscription held,
      ChatFrames frames) {
    if (position.isAfter(held.since())) {
      return; // refused or ended before a crash; the event that ended it answers again
    }
    boolean isThisEvent = held.since().equals(position);
    Cursor prev = isThisEvent ? chat.newest() : null; // what lies between them is not seen yet
    frames.control(
        new ServerFrame.Joined(
            event.requestId(), chat.chatId(), held.since(), prev, held.expiresAt()),
        List.of(),
        List.of(receiver(held)));
  }

  private static void refuse(
      ChatEvent.Subscribed event, ErrorCode code, String message, ChatFrames frames) {
    frames.control(
        new ServerFrame.Failed(event.requestId(), code, message, event.chatId()),
        List.of(),
        List.of(new ChatFrames.Receiver(event.connectionId(), event.expiresAt())));
  }

  private boolean hasRoom(LiveChat chat, Position position, ConnectionId asking)
      throws InterruptedException {
    Subscribers subscribers = of(chat);
    if (subscribers.size() < maxSubscribersPerChat) {
      return true;
    }
    List<Subscription> others =
        subscribers.active(clock.instant()).stream()
            .filter(one -> !one.connectionId().equals(asking))
            .toList();
    if (others.size() < maxSubscribersPerChat) {
      return true;
    }
    for (Subscription oldest : others.subList(0, Math.min(MAX_PROBES, others.size()))) {
      rate.take(start.counts());
      switch (pushes.probe(oldest.connectionId())) {
        case Pushes.Gone() -> {
          gone.add(oldest.connectionId());
          if (position.isAfter(oldest.lastChange())) {
            put(chat, ended(oldest, position));
          }
          subscribers.remove(oldest.connectionId());
          return true;
        }
        case Pushes.Connected() -> {}
        case Pushes.Unknown(String reason) ->
            log.info("{} is full and a probe had no answer: {}", chat.chatId(), reason);
      }
    }
    return false;
  }

  /** Applies an {@code unsubscribed} event. Nobody is told: the connection asked for it. */
  void unsubscribed(LiveChat chat, Position position, ChatEvent.Unsubscribed event) {
    Subscription known = of(chat).of(event.connectionId());
    if (known != null && known.until() == null && position.isAfter(known.lastChange())) {
      put(chat, ended(known, position));
    }
  }

  /** Applies a {@code member-removed} event and tells the connections whose interval it ends. */
  void memberRemoved(
      LiveChat chat, Position position, ChatEvent.MemberRemoved event, ChatFrames frames) {
    List<ChatFrames.Receiver> told = new ArrayList<>();
    for (Subscription subscription : of(chat).of(event.userId())) {
      Subscription now = subscription;
      if (now.until() == null
          && now.generation() <= event.generation()
          && position.isAfter(now.lastChange())) {
        now = put(chat, ended(now, position));
      }
      if (position.equals(now.until())) { // by this call, or before a crash
        told.add(receiver(now));
      }
    }
    frames.control(new ServerFrame.Unsubscribed(chat.chatId(), event.reason()), List.of(), told);
  }

  /**
   * Whether a connection may get an older message again: it is still there, by memory and table.
   */
  @Nullable Subscription stillThere(LiveChat chat, Position position, ConnectionId connectionId) {
    Subscription known = of(chat).of(connectionId);
    if (known == null
        || !known.covers(position)
        || known.isExpired(clock.instant())
        || gone.contains(connectionId)) {
      return null;
    }
    Membership membership = members.of(chat.chatId(), known.userId());
    boolean isMember =
        membership != null
            && membership.isActive()
            && membership.generation() == known.generation();
    return isMember ? known : null;
  }

  /**
   * A push found a connection gone: it gets nothing more, in any chat.
   *
   * @return what to write to the table, null if there is nothing
   */
  @Nullable Subscription ended(LiveChat chat, ConnectionId connectionId) {
    gone.add(connectionId);
    Subscribers subscribers = chat.subscribers();
    if (subscribers == null) {
      return null;
    }
    Subscription known = subscribers.of(connectionId);
    Position applied = chat.applied();
    subscribers.remove(connectionId);
    return known == null
            || known.until() != null
            || applied == null
            || !applied.isAfter(known.lastChange())
        ? null
        : ended(known, applied);
  }

  /**
   * Keeps in the table that a connection is gone. If that fails, the next owner finds out by a
   * push. Safe for use by several threads.
   */
  void endInTable(ChatId chatId, Subscription ended) {
    try {
      subscriptions.put(chatId, ended);
    } catch (TableUnavailableException foundOutAgainByAPush) {
      log.info(
          "{} stays subscribed in the table: {}",
          ended.connectionId(),
          foundOutAgainByAPush.getMessage());
    }
  }

  private static Subscription ended(Subscription subscription, Position position) {
    return new Subscription(
        subscription.connectionId(),
        subscription.userId(),
        subscription.generation(),
        subscription.since(),
        position,
        position,
        subscription.expiresAt());
  }

  /** Writes a change, then remembers what the table holds, which may be a newer one. */
  private Subscription put(LiveChat chat, Subscription changed) {
    Subscription held =
        switch (subscriptions.put(chat.chatId(), changed)) {
          case Change.Applied() -> changed;
          case Change.AlreadyApplied(Subscription inTable) -> inTable;
        };
    of(chat).take(held);
    return held;
  }
}
