package dev.confab.fanout;

import dev.confab.consumer.Lease;
import dev.confab.consumer.ShardStart;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Cursor;
import dev.confab.events.ErrorCode;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.table.Members.Membership;
import dev.confab.table.Subscriptions.Subscription;
import dev.confab.table.TableUnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The single writer of the subscriptions of one shard's chats: applies the events that change them
 * to memory, hands the changes on to the table, and answers. Used by one thread.
 *
 * <p>Each event may come again, from the stream after a crash. A change that is made already, as
 * the interval's {@code lastChange} tells, is answered again, not made again.
 *
 * <p>Methods throw {@link TableUnavailableException} when the table could not be read, or the lease
 * is lost: nothing has changed then, and the event is to be offered again before any later one of
 * its chat.
 */
final class Subscribing {
  private static final Logger log = LoggerFactory.getLogger(Subscribing.class);

  /** Of the oldest that are there, before one more is refused. */
  static final int MAX_PROBES = 3;

  /** Until then others are refused without a probe: a whole network may ask at once. */
  static final Duration PROBE_AGAIN = Duration.ofSeconds(5);

  /** Forgetting one costs a POST. */
  private static final int MAX_GONE = 10_000;

  private final TableReads reads;
  private final TableWrites writes;
  private final Pushes pushes;
  private final RateShare rate;
  private final ShardStart start;
  private final Lease lease;
  private final Clock clock;
  private final int maxSubscribersPerChat;
  private final LatelySeen<ConnectionId> gone = new LatelySeen<>(MAX_GONE);

  Subscribing(
      ShardStart start,
      FanoutStage.Ports ports,
      RateShare rate,
      int maxSubscribersPerChat,
      TableReads reads,
      TableWrites writes) {
    this.reads = reads;
    this.writes = writes;
    this.pushes = ports.pushes();
    this.rate = rate;
    this.start = start;
    this.lease = start.lease();
    this.clock = ports.clock();
    this.maxSubscribersPerChat = maxSubscribersPerChat;
  }

  /**
   * Who gets what came at a position.
   *
   * @param arrivedAt when its record arrived
   */
  List<ChatFrames.Receiver> receivers(LiveChat chat, Position position, Instant arrivedAt) {
    Subscribers subscribers = reads.subscribersOf(chat);
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
   * Whether a subscription ended before it began. A stream that is read again is full of them: they
   * don't touch the table, and nothing may be pushed to them.
   *
   * @param arrivedAt when its record arrived
   */
  boolean isOver(ChatEvent.Subscribed event, Instant arrivedAt) {
    Instant end = event.expiresAt();
    return !clock.instant().isBefore(end) || !arrivedAt.isBefore(end);
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
    if (isOver(event, arrivedAt)) {
      return;
    }
    Subscribers subscribers = reads.subscribersOf(chat);
    gone.remove(event.connectionId());
    Subscription known = subscribers.of(event.connectionId());
    if (known != null && !position.isAfter(known.lastChange())) {
      answer(chat, position, event, known, frames);
      return;
    }
    if (known != null && known.until() == null && known.generation() > event.generation()) {
      return; // it was under way for long: the connection has come back and been let in since
    }
    boolean accepted =
        isMember(chat, event.userId(), event.generation())
            && hasRoom(chat, position, event.connectionId());
    Subscription now = interval(event, position, accepted ? null : position);
    answer(chat, position, event, accepted ? change(chat, now) : changeNow(chat, now), frames);
  }

  private void answer(
      LiveChat chat,
      Position position,
      ChatEvent.Subscribed event,
      Subscription held,
      ChatFrames frames) {
    if (isRefusal(held)) {
      tellRefused(event, reasonToRefuse(chat, event), frames);
    } else {
      joined(chat, position, event, held, frames);
    }
  }

  private static Subscription interval(
      ChatEvent.Subscribed event, Position since, @Nullable Position until) {
    return new Subscription(
        event.connectionId(),
        event.userId(),
        event.generation(),
        since,
        until,
        since,
        event.expiresAt());
  }

  /**
   * A refusal is an interval that ended where it began. It goes to the table as others do: an owner
   * that doesn't know yet that it lost the shard may have read the membership before it ended, and
   * accepted. Its interval would stay in the table, unknown to this owner when the removal comes,
   * and alive for the next one. Of two answers to one event the first in the table holds.
   */
  private static boolean isRefusal(Subscription subscription) {
    return subscription.since().equals(subscription.until());
  }

  private ErrorCode reasonToRefuse(LiveChat chat, ChatEvent.Subscribed event) {
    return isMember(chat, event.userId(), event.generation())
        ? ErrorCode.CHAT_FULL
        : ErrorCode.CHAT_NOT_FOUND;
  }

  private boolean isMember(LiveChat chat, UserId userId, long generation) {
    Membership membership = reads.membershipOf(new TableReads.Member(chat.chatId(), userId));
    return membership != null && membership.isActive() && membership.generation() == generation;
  }

  /** Tells a connection that it receives the chat, from where its interval says. */
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

  private void tellRefused(ChatEvent.Subscribed event, ErrorCode code, ChatFrames frames) {
    tellRefused(
        event.requestId(),
        event.chatId(),
        code,
        new ChatFrames.Receiver(event.connectionId(), event.expiresAt()),
        frames);
  }

  private void tellRefused(
      @Nullable String requestId,
      ChatId chatId,
      ErrorCode code,
      ChatFrames.Receiver receiver,
      ChatFrames frames) {
    String message =
        code == ErrorCode.CHAT_FULL
            ? "The chat has " + maxSubscribersPerChat + " connections, as many as it may."
            : "There is no such chat.";
    frames.control(
        new ServerFrame.Failed(requestId, code, message, chatId), List.of(), List.of(receiver));
  }

  private boolean hasRoom(LiveChat chat, Position position, ConnectionId asking)
      throws InterruptedException {
    Subscribers subscribers = reads.subscribersOf(chat);
    if (subscribers.size() < maxSubscribersPerChat) {
      return true;
    }
    List<Subscription> others =
        subscribers.active(clock.instant()).stream()
            .filter(one -> !one.connectionId().equals(asking))
            .filter(one -> !gone.contains(one.connectionId()))
            .toList();
    return others.size() < maxSubscribersPerChat || findsOneGone(chat, position, others);
  }

  /**
   * Asks a few of the oldest whether they are still there. Who is gone gives its place away. Those
   * who are there are not asked again for whoever comes next, or else a full chat's thousandth
   * would wait for three requests of each before, and all other chats with it.
   *
   * @throws TableUnavailableException if the lease is lost
   */
  private boolean findsOneGone(LiveChat chat, Position position, List<Subscription> others)
      throws InterruptedException {
    int next = chat.probedInVain(clock.instant());
    if (next >= MAX_PROBES) {
      return false;
    }
    List<Subscription> oldestFirst =
        others.stream().sorted(Comparator.comparing(Subscription::since)).toList();
    while (next < Math.min(MAX_PROBES, oldestFirst.size())) {
      if (!lease.isHeld()) {
        throw new TableUnavailableException("the lease moved");
      }
      Subscription asked = oldestFirst.get(next);
      rate.take(start.counts());
      switch (pushes.probe(asked.connectionId())) {
        case Pushes.Gone() -> {
          gone.add(asked.connectionId());
          if (position.isAfter(asked.lastChange())) {
            change(chat, ended(asked, position));
          }
          reads.subscribersOf(chat).remove(asked.connectionId());
          return true;
        }
        case Pushes.Connected(), Pushes.Refused _ -> next++;
        case Pushes.Unknown(String reason) -> {
          log.info("{} is full and a probe had no answer: {}", chat.chatId(), reason);
          next = MAX_PROBES; // the others would only be more time-outs
        }
      }
      chat.probedInVain(next, clock.instant().plus(PROBE_AGAIN));
    }
    return false;
  }

  /** Applies an {@code unsubscribed} event. Nobody is told: the connection asked for it. */
  void unsubscribed(LiveChat chat, Position position, ChatEvent.Unsubscribed event) {
    Subscription known = reads.subscribersOf(chat).of(event.connectionId());
    if (known != null && known.until() == null && position.isAfter(known.lastChange())) {
      change(chat, ended(known, position));
    }
  }

  /** Applies a {@code member-removed} event and tells the connections whose interval it ends. */
  void memberRemoved(
      LiveChat chat, Position position, ChatEvent.MemberRemoved event, ChatFrames frames) {
    List<ChatFrames.Receiver> told = new ArrayList<>();
    for (Subscription subscription : reads.subscribersOf(chat).of(event.userId())) {
      Subscription now = subscription;
      if (now.until() == null
          && now.generation() <= event.generation()
          && position.isAfter(now.lastChange())) {
        now = change(chat, ended(now, position));
      }
      if (position.equals(now.until())) { // by this call, or before a crash
        told.add(receiver(now));
      }
    }
    frames.control(new ServerFrame.Unsubscribed(chat.chatId(), event.reason()), List.of(), told);
  }

  /**
   * Those of some connections that may get an older message again: they are still subscribed, and
   * their users members, by memory and by the table.
   */
  List<Subscription> stillThere(LiveChat chat, Position position, List<ConnectionId> connections)
      throws InterruptedException {
    List<Subscription> subscribed = new ArrayList<>();
    for (ConnectionId connection : connections) {
      Subscription known = reads.subscribersOf(chat).of(connection);
      if (known != null
          && known.covers(position)
          && !known.isExpired(clock.instant())
          && !gone.contains(connection)) {
        subscribed.add(known);
      }
    }
    Set<TableReads.Member> users = new LinkedHashSet<>();
    subscribed.forEach(one -> users.add(new TableReads.Member(chat.chatId(), one.userId())));
    reads.readMembers(users);
    return subscribed.stream()
        .filter(one -> isMember(chat, one.userId(), one.generation()))
        .toList();
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

  private Subscription change(LiveChat chat, Subscription changed) {
    reads.subscribersOf(chat).take(changed);
    writes.add(chat.chatId(), changed);
    return changed;
  }

  /**
   * Changes the table before anything else. A refusal must not wait as other changes do: if the
   * table holds what another owner accepted, a removal later in the batch has to find it here.
   */
  private Subscription changeNow(LiveChat chat, Subscription changed) {
    Subscription held = writes.put(chat.chatId(), changed);
    reads.subscribersOf(chat).take(held);
    return held;
  }

  /**
   * The table holds something else than was to be written, from an owner that was first: it is
   * right. Where that owner refused what this one has just accepted, the connection is told.
   */
  void take(LiveChat chat, TableWrites.Held held, ChatFrames frames) {
    Subscribers subscribers = chat.subscribers();
    Subscription inTable = held.inTable();
    if (subscribers == null || inTable.equals(held.change())) {
      return;
    }
    subscribers.take(inTable);
    boolean wasAccepted = held.change().until() == null;
    if (wasAccepted && isRefusal(inTable) && inTable.since().equals(held.change().since())) {
      tellRefused(null, chat.chatId(), ErrorCode.CHAT_FULL, receiver(inTable), frames);
    }
  }
}
