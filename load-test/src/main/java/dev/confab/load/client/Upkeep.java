package dev.confab.load.client;

import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.Cursor;
import dev.confab.events.ServerFrame;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What keeps a connection useful: subscribes to the open chats, asks every five minutes and after a
 * reconnect which have more (that also keeps API Gateway from closing an idle connection, and finds
 * a dead one) and what has become of placeholders, and connects anew before subscriptions expire.
 * Not thread-safe.
 */
final class Upkeep {
  private final boolean followsAllChats;
  private final RandomGenerator random;
  private final Backoff backoff;

  private boolean wasConnected;
  private boolean isSubscribing;
  private boolean mustSubscribeToAll;
  private Instant subscribeAt = Instant.MIN;

  /** A round asks about all chats, part by part. */
  private boolean isInRound;

  private boolean isPartUnderWay;
  private Instant partAt = Instant.MIN;
  private @Nullable ChatId listAfter;
  private final List<ChatId> toSync = new ArrayList<>();

  private Instant connectedAt = Instant.MIN;
  private Duration renewBefore = Duration.ZERO;
  private @Nullable Instant renewAt;

  Upkeep(boolean followsAllChats, RandomGenerator random) {
    this.followsAllChats = followsAllChats;
    this.random = random;
    this.backoff = new Backoff(Rules.SUBSCRIBE_PAUSE, Rules.MAX_PAUSE, 0.5, random);
  }

  void connected(boolean hasChats, Instant now) {
    isSubscribing = false;
    mustSubscribeToAll = followsAllChats && !hasChats;
    subscribeAt = Instant.MIN;
    isInRound = false;
    isPartUnderWay = false;
    partAt = followsAllChats || wasConnected ? now : now.plus(Rules.SYNC_EVERY);
    backoff.reset();
    connectedAt = now;
    long spread = Math.round(Rules.RENEW_BEFORE.toMillis() * random.nextDouble());
    renewBefore = Rules.RENEW_BEFORE.plusMillis(spread);
    renewAt = null;
    wasConnected = true;
  }

  /** When a subscription of this connection ends. */
  void expires(Instant expiresAt) {
    Instant youngest = connectedAt.plus(Rules.MIN_LIFETIME);
    Instant wanted = expiresAt.minus(renewBefore);
    Instant when = wanted.isBefore(youngest) ? youngest : wanted;
    Instant before = renewAt;
    if (before == null || when.isBefore(before)) {
      renewAt = when;
    }
  }

  boolean mustRenew(Instant now) {
    return renewAt != null && !now.isBefore(renewAt);
  }

  /** When something is due that is no subscription. */
  @Nullable Instant due() {
    Instant first = renewAt;
    if (mustSubscribeToAll) {
      return isSubscribing ? first : Earliest.of(first, subscribeAt);
    }
    return isPartUnderWay ? first : Earliest.of(first, partAt);
  }

  /** When a view's subscription is due, null while a {@code subscribe} is under way. */
  @Nullable Instant subscriptionDue(ChatView view) {
    Instant due = view.subscription.due();
    if (due == null || isSubscribing) {
      return null;
    }
    return due.isBefore(subscribeAt) ? subscribeAt : due;
  }

  /** The questions that are due, from now on under way. */
  List<Requests.Asked> ask(Collection<ChatView> views, Supplier<String> ids, Instant now) {
    List<Requests.Asked> asks = new ArrayList<>();
    List<ChatView> open = views.stream().filter(view -> !view.isClosed()).toList();
    subscribe(open, ids, now, asks);
    if (!mustSubscribeToAll && !isPartUnderWay && !now.isBefore(partAt)) {
      if (!isInRound) {
        beginRound(open);
      }
      isPartUnderWay = true;
      asks.add(asked(nextPart(open, ids.get())));
    }
    return asks;
  }

  private void beginRound(List<ChatView> open) {
    isInRound = true;
    listAfter = null;
    toSync.clear();
    open.forEach(view -> view.catchup.lookAgain());
    if (!followsAllChats) {
      open.stream()
          .filter(view -> view.catchup.isLoaded())
          .forEach(view -> toSync.add(view.chatId()));
    }
  }

  private static Requests.Asked asked(ClientFrame frame) {
    return new Requests.Asked(
        String.valueOf(frame.requestId()), frame, Requests.Purpose.UPKEEP, null);
  }

  private void subscribe(
      List<ChatView> open, Supplier<String> ids, Instant now, List<Requests.Asked> asks) {
    if (isSubscribing || now.isBefore(subscribeAt)) {
      return;
    }
    if (mustSubscribeToAll) {
      isSubscribing = true;
      asks.add(asked(new ClientFrame.Subscribe(ids.get(), List.of())));
      return;
    }
    List<ChatId> chatIds = new ArrayList<>();
    for (ChatView view : open) {
      if (!view.subscription.isDue(now)) {
        continue;
      }
      if (view.subscription.joins()) {
        view.subscription.asked(now);
        asks.add(asked(new ClientFrame.Join(ids.get(), view.chatId())));
      } else if (chatIds.size() < ClientFrame.Subscribe.MAX_CHATS) {
        view.subscription.asked(now);
        chatIds.add(view.chatId());
      }
    }
    if (!chatIds.isEmpty()) {
      isSubscribing = true;
      asks.add(asked(new ClientFrame.Subscribe(ids.get(), chatIds)));
    }
  }

  /** A page of the user's chats or, for a client that follows some, of their cursors. */
  private ClientFrame nextPart(List<ChatView> open, String requestId) {
    if (followsAllChats) {
      return new ClientFrame.Chats(requestId, listAfter, ClientFrame.MAX_LIMIT);
    }
    Map<ChatId, Cursor> cursors = new LinkedHashMap<>();
    for (ChatView view : open) {
      if (cursors.size() < ClientFrame.Sync.MAX_CHATS && toSync.remove(view.chatId())) {
        cursors.put(view.chatId(), view.cursor());
      }
    }
    return cursors.isEmpty()
        ? new ClientFrame.Chats(requestId, null, 1) // to keep the connection alive
        : new ClientFrame.Sync(requestId, cursors);
  }

  /** A {@code subscribe} was taken. */
  void subscribed() {
    isSubscribing = false;
    mustSubscribeToAll = false;
    backoff.reset();
  }

  /** A page of the user's chats came. */
  void listed(ServerFrame.Chats page, Instant now) {
    boolean hasMore = followsAllChats && page.hasMore() && !page.chats().isEmpty();
    endOfPart(hasMore, now);
    listAfter = hasMore ? page.chats().getLast().chatId() : null;
  }

  /** It was told which chats have more. */
  void synced(Instant now) {
    endOfPart(!toSync.isEmpty(), now);
  }

  private void endOfPart(boolean hasMore, Instant now) {
    backoff.reset();
    isPartUnderWay = false;
    isInRound = hasMore;
    partAt = hasMore ? now : now.plus(Rules.SYNC_EVERY);
  }

  /** A question had no answer, or an error. */
  void failed(ClientFrame frame, Instant now) {
    switch (frame) {
      case ClientFrame.Subscribe _ -> {
        isSubscribing = false;
        subscribeAt = now.plus(backoff.next());
      }
      case ClientFrame.Join _ -> {}
      default -> {
        isPartUnderWay = false;
        isInRound = false;
        partAt = now.plus(backoff.next());
      }
    }
  }
}
