package dev.confab.ingest;

import dev.confab.events.Access;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.Cursor;
import dev.confab.events.ErrorCode;
import dev.confab.events.ServerFrame;
import dev.confab.table.Chats;
import dev.confab.table.Members;
import dev.confab.table.Members.Membership;
import dev.confab.table.Messages;
import dev.confab.table.Parallel;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes a connection a subscriber, by a {@code subscribed} event for each chat: the fan-out is the
 * one writer of subscriptions, and answers each with {@code joined}, in order with the live frames
 * that follow. An answer from here could overtake those. Memberships are read from the table,
 * consistently; none is remembered. Thread-safe.
 *
 * <p>Both methods throw {@link dev.confab.table.TableUnavailableException}; the same frame again
 * does no harm.
 */
final class Subscribing {
  /**
   * The most chats of one user that {@code all} looks at, in the order of their ids: to find the
   * newest ones it reads the newest position of each.
   */
  static final int MAX_CHATS_SEEN = 1000;

  private static final int PAGE = 100;

  private final Chats chats;
  private final Members members;
  private final Messages messages;
  private final Publisher publisher;
  private final Parallel parallel;
  private final Clock clock;

  Subscribing(
      Chats chats,
      Members members,
      Messages messages,
      Publisher publisher,
      Parallel parallel,
      Clock clock) {
    this.chats = chats;
    this.members = members;
    this.messages = messages;
    this.publisher = publisher;
    this.parallel = parallel;
    this.clock = clock;
  }

  /**
   * Makes the caller a member of an open chat and the connection a subscriber.
   *
   * @return a refusal, or null: {@code joined} comes from the fan-out
   * @throws StreamUnavailableException if it is unknown whether the event is on the stream; the
   *     membership stays
   */
  @Nullable ServerFrame join(ClientFrame.Join frame, Caller caller) {
    Membership membership = joined(frame.chatId(), caller);
    if (membership == null) {
      return Refusals.chatNotFound(frame.requestId(), frame.chatId());
    }
    var subscribed = subscribed(membership, caller, frame.requestId(), clock.instant());
    if (publisher.publish(subscribed, caller.deadline()) instanceof Stream.Unknown(String why)) {
      throw new StreamUnavailableException(why);
    }
    return null;
  }

  private @Nullable Membership joined(ChatId chatId, Caller caller) {
    Membership membership = members.of(chatId, caller.userId());
    if (membership != null && membership.isActive()) {
      return membership;
    }
    Chats.Chat chat = chats.of(chatId);
    if (chat == null || chat.access() != Access.OPEN) {
      return null;
    }
    return switch (members.join(chatId, caller.userId())) {
      case Members.Join.Joined(Membership now) -> now;
      case Members.Join.Barred() -> null;
    };
  }

  /**
   * Makes the connection a subscriber of many chats, by one PutRecords and some more for those that
   * failed. Answers at once; what could not be put is among {@code failed}.
   */
  ServerFrame subscribe(ClientFrame.Subscribe frame, Caller caller) {
    List<ServerFrame.SubscribeFailed> failed = new ArrayList<>();
    List<Membership> mine = frame.all() ? newestOf(caller) : those(frame.chatIds(), caller, failed);
    Instant now = clock.instant();
    List<ChatEvent> events = new ArrayList<>();
    for (Membership membership : mine) {
      events.add(subscribed(membership, caller, frame.requestId(), now));
    }
    List<Stream.Put> puts =
        events.isEmpty() ? List.of() : publisher.publishAll(events, caller.deadline());
    List<ChatId> accepted = new ArrayList<>();
    for (int i = 0; i < puts.size(); i++) {
      ChatId chatId = events.get(i).chatId();
      switch (puts.get(i)) {
        case Stream.Taken _ -> accepted.add(chatId);
        case Stream.Unknown _ ->
            failed.add(new ServerFrame.SubscribeFailed(chatId, ErrorCode.UNAVAILABLE));
      }
    }
    return new ServerFrame.SubscribeAccepted(frame.requestId(), accepted, failed);
  }

  private List<Membership> those(
      List<ChatId> chatIds, Caller caller, List<ServerFrame.SubscribeFailed> failed) {
    List<Membership> mine = new ArrayList<>();
    List<Optional<Membership>> found =
        parallel.map(
            chatIds,
            chatId ->
                Optional.ofNullable(members.of(chatId, caller.userId()))
                    .filter(Membership::isActive));
    for (int i = 0; i < found.size(); i++) {
      ChatId chatId = chatIds.get(i);
      found
          .get(i)
          .ifPresentOrElse(
              mine::add,
              () -> failed.add(new ServerFrame.SubscribeFailed(chatId, ErrorCode.CHAT_NOT_FOUND)));
    }
    return mine;
  }

  private List<Membership> newestOf(Caller caller) {
    List<Membership> mine = new ArrayList<>();
    ChatId after = null;
    List<Membership> page;
    do {
      page = members.of(caller.userId(), after, PAGE);
      mine.addAll(page);
      after = page.isEmpty() ? null : page.getLast().chatId();
    } while (page.size() == PAGE && mine.size() < MAX_CHATS_SEEN);
    if (mine.size() <= ClientFrame.Subscribe.MAX_CHATS) {
      return mine;
    }
    Map<ChatId, Cursor> newest = messages.newest(mine.stream().map(Membership::chatId).toList());
    mine.sort(
        Comparator.comparing(
                (Membership membership) -> Objects.requireNonNull(newest.get(membership.chatId())))
            .reversed());
    return Pages.first(mine, ClientFrame.Subscribe.MAX_CHATS);
  }

  private static ChatEvent.Subscribed subscribed(
      Membership membership, Caller caller, @Nullable String requestId, Instant now) {
    return new ChatEvent.Subscribed(
        membership.chatId(),
        membership.userId(),
        caller.connectionId(),
        membership.generation(),
        caller.connectionExpiresAt(),
        requestId,
        now,
        caller.traceId());
  }
}
