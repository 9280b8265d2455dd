package dev.confab.fanout;

import dev.confab.events.ConnectionId;
import dev.confab.events.Position;
import dev.confab.events.UserId;
import dev.confab.table.Subscriptions.Subscription;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One chat's subscriptions in memory, as the table holds them: the owner of the shard is their only
 * writer. Used by one thread.
 */
final class Subscribers {
  private final Map<ConnectionId, Subscription> byConnection = new LinkedHashMap<>();

  /**
   * @param inTable all that have not expired, ended ones too: when events come again after a crash,
   *     an interval that ended later still holds the messages before its end
   */
  Subscribers(Collection<Subscription> inTable) {
    inTable.forEach(this::take);
  }

  /** Takes what the table now holds for a connection. */
  void take(Subscription subscription) {
    byConnection.put(subscription.connectionId(), subscription);
  }

  /** Forgets a connection that is gone. */
  void remove(ConnectionId connectionId) {
    byConnection.remove(connectionId);
  }

  @Nullable Subscription of(ConnectionId connectionId) {
    return byConnection.get(connectionId);
  }

  /** A user's, one a connection. */
  List<Subscription> of(UserId userId) {
    return byConnection.values().stream().filter(one -> one.userId().equals(userId)).toList();
  }

  /**
   * Those who receive what came at a position.
   *
   * @param arrivedAt when its record arrived
   */
  List<Subscription> at(Position position, Instant arrivedAt) {
    List<Subscription> receivers = new ArrayList<>(byConnection.size());
    for (Subscription subscription : byConnection.values()) {
      if (subscription.covers(position) && !subscription.isExpired(arrivedAt)) {
        receivers.add(subscription);
      }
    }
    return receivers;
  }

  /** Those neither ended nor expired. */
  List<Subscription> active(Instant now) {
    return byConnection.values().stream()
        .filter(one -> one.until() == null && !one.isExpired(now))
        .toList();
  }

  /**
   * Forgets those that no further event can concern.
   *
   * @param applied the chat's newest event that is done with: all to come lie after it
   */
  void forgetEnded(Position applied, Instant now) {
    byConnection.values().removeIf(one -> one.isExpired(now) || hasEnded(one.until(), applied));
  }

  private static boolean hasEnded(@Nullable Position until, Position applied) {
    return until != null && !until.isAfter(applied);
  }

  int size() {
    return byConnection.size();
  }
}
