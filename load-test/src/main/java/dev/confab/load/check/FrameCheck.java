package dev.confab.load.check;

import dev.confab.events.ChatEvent;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ConnectionId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compares what reached each connection with what its subscription and the chain allow. */
final class FrameCheck {
  private final Truth truth;
  private final TableCheck table;
  private final Report.Builder report;

  FrameCheck(Truth truth, TableCheck table, Report.Builder report) {
    this.truth = truth;
    this.table = table;
    this.report = report;
  }

  void check(List<History.Connection> connections) {
    for (History.Connection connection : connections) {
      Map<String, ClientFrame.History> questions = new HashMap<>();
      for (History.Exchange exchange : connection.exchanges()) {
        switch (exchange) {
          case History.Asked(var _, ClientFrame.History question)
              when question.requestId() != null ->
              questions.put(question.requestId(), question);
          case History.Asked _ -> {}
          case History.Got(var _, ServerFrame frame) -> check(connection, frame, questions);
        }
      }
    }
  }

  private void check(
      History.Connection connection,
      ServerFrame frame,
      Map<String, ClientFrame.History> questions) {
    switch (frame) {
      case ServerFrame.Messages messages -> checkPushed(connection.connectionId(), messages);
      case ServerFrame.Joined joined -> checkJoined(connection.connectionId(), joined);
      case ServerFrame.Repaired repaired -> checkRepaired(connection.connectionId(), repaired);
      case ServerFrame.History run -> {
        run.messages().forEach(entry -> checkContent(run.chatId(), entry, "history"));
        ClientFrame.History question =
            run.requestId() == null ? null : questions.get(run.requestId());
        if (question != null) {
          checkRun(question, run);
        }
      }
      case ServerFrame.MyMessages mine -> {
        for (ServerFrame.OwnMessage own : mine.messages()) {
          checkContent(own.chatId(), own.message(), "myMessages");
        }
      }
      default -> {} // holds no messages
    }
  }

  private void checkPushed(ConnectionId connectionId, ServerFrame.Messages frame) {
    ChatId chatId = frame.chatId();
    Position before = null;
    for (Entry.Posted message : frame.messages()) {
      Position position = message.position();
      Truth.Place place = checkContent(chatId, message, connectionId.value());
      if (before != null && !position.isAfter(before)) {
        report.add(
            Finding.MISORDERED,
            "%s, %s: pushed to %s in one frame behind %s"
                .formatted(chatId, position, connectionId, before));
      }
      before = position;
      if (place != null
          && !isSubscribed(connectionId, chatId, position, place.record().arrivedAt())) {
        report.add(
            Finding.LEAKED,
            "%s, %s: pushed to %s, which was not subscribed there"
                .formatted(chatId, position, connectionId));
      }
      if (place != null && !frame.replayed()) {
        checkPrev(chatId, message.prev(), position, "pushed to " + connectionId);
      }
    }
  }

  private Truth.@Nullable Place checkContent(ChatId chatId, Entry.Shown entry, String where) {
    Position position = entry.position();
    Truth.Place place = truth.chain(chatId).get(position);
    if (place == null) {
      boolean isElsewhere = truth.chatAt(position) != null;
      report.add(
          isElsewhere ? Finding.WRONG_CHAT : Finding.INVENTED,
          "%s, %s: in a frame (%s), and the stream has no such message of this chat"
              .formatted(chatId, position, where));
    } else if (entry instanceof Entry.Posted posted
        && (place.sent() == null
            || !posted.equals(Entry.Posted.of(position, posted.prev(), place.sent())))) {
      report.add(
          Finding.INVENTED,
          "%s, %s: a frame (%s) says something else than the stream"
              .formatted(chatId, position, where));
    }
    return place;
  }

  /**
   * Whether a subscription of the connection holds a place: it began before, nothing ended it since
   * and its user was not removed before, whenever that membership began to receive.
   */
  private boolean isSubscribed(
      ConnectionId connectionId, ChatId chatId, Position position, Instant arrivedAt) {
    ChatEvent.Subscribed now = null;
    for (Truth.Event event : truth.events(chatId)) {
      if (event.position().isAfter(position)) {
        break;
      }
      switch (event.event()) {
        case ChatEvent.Subscribed subscribed when subscribed.connectionId().equals(connectionId) ->
            now = isRemoved(subscribed, event.position()) ? null : subscribed;
        case ChatEvent.Unsubscribed ended when ended.connectionId().equals(connectionId) ->
            now = null;
        case ChatEvent.MemberRemoved removed ->
            now = now == null || ends(removed, now) ? null : now;
        default -> {}
      }
    }
    return now != null && arrivedAt.isBefore(now.expiresAt());
  }

  private boolean isRemoved(ChatEvent.Subscribed subscribed, Position at) {
    return truth.events(subscribed.chatId()).stream()
        .takeWhile(event -> at.isAfter(event.position()))
        .anyMatch(
            event ->
                event.event() instanceof ChatEvent.MemberRemoved removed
                    && ends(removed, subscribed));
  }

  private static boolean ends(ChatEvent.MemberRemoved removed, ChatEvent.Subscribed subscribed) {
    return removed.userId().equals(subscribed.userId())
        && removed.generation() >= subscribed.generation();
  }

  private void checkRepaired(ConnectionId connectionId, ServerFrame.Repaired frame) {
    List<Truth.Event> repairs =
        truth.events(frame.chatId()).stream()
            .filter(
                event ->
                    event.event() instanceof ChatEvent.Repaired repaired
                        && repaired.position().equals(frame.position()))
            .toList();
    if (repairs.isEmpty()) {
      report.add(
          Finding.INVENTED,
          "%s, %s: %s was told that it is repaired, and the stream says nothing of it"
              .formatted(frame.chatId(), frame.position(), connectionId));
    } else if (repairs.stream()
        .noneMatch(
            repair ->
                isSubscribed(
                    connectionId, frame.chatId(), repair.position(), repair.arrivedAt()))) {
      report.add(
          Finding.LEAKED,
          "%s, %s: %s was told that it is repaired, and was not subscribed then"
              .formatted(frame.chatId(), frame.position(), connectionId));
    }
  }

  private void checkJoined(ConnectionId connectionId, ServerFrame.Joined joined) {
    boolean hasAsked =
        truth.events(joined.chatId()).stream()
            .anyMatch(
                event ->
                    event.position().equals(joined.position())
                        && event.event() instanceof ChatEvent.Subscribed subscribed
                        && subscribed.connectionId().equals(connectionId));
    if (!hasAsked) {
      report.add(
          Finding.LEAKED,
          "%s: %s was told joined at %s, and never asked there"
              .formatted(joined.chatId(), connectionId, joined.position()));
    }
    checkPrev(joined.chatId(), joined.prev(), joined.position(), "joined of " + connectionId);
  }

  /**
   * Whoever holds all up to {@code prev} believes to miss nothing before {@code position}. That is
   * so where all between is hidden, or a copy of what was pushed before.
   */
  private void checkPrev(ChatId chatId, @Nullable Cursor prev, Position position, String where) {
    if (prev == null) {
      return;
    }
    if (!position.isAfter(prev)) {
      report.add(
          Finding.CHAIN_BROKEN,
          "%s, %s: %s, with a prev that is not before it: %s"
              .formatted(chatId, position, where, prev));
      return;
    }
    for (Truth.Place between : between(chatId, prev, position)) {
      if (!isHidden(between) && !isCopy(between)) {
        report.add(
            Finding.SILENT_GAP,
            "%s, %s: %s, its prev %s passes over %s"
                .formatted(chatId, position, where, prev, between.position()));
      }
    }
  }

  private Collection<Truth.Place> between(ChatId chatId, Cursor low, Position high) {
    NavigableMap<Position, Truth.Place> below = truth.chain(chatId).headMap(high, false);
    return low instanceof Position from ? below.tailMap(from, false).values() : below.values();
  }

  private boolean isHidden(Truth.Place place) {
    return table.at(place.chatId(), place.position()) instanceof Entry.Duplicate;
  }

  private boolean isCopy(Truth.Place place) {
    return place.isResend()
        && truth.chain(place.chatId()).headMap(place.position(), false).values().stream()
            .anyMatch(place::repeats);
  }

  /** A page of history tells its reader that it holds all from one end to the other. */
  private void checkRun(ClientFrame.History question, ServerFrame.History run) {
    ChatId chatId = run.chatId();
    List<Position> shown = run.messages().stream().map(Entry.Shown::position).toList();
    for (int i = 1; i < shown.size(); i++) {
      if (!shown.get(i).isAfter(shown.get(i - 1))) {
        report.add(Finding.MISORDERED, "%s, %s: in history".formatted(chatId, shown.get(i)));
      }
    }
    Set<Position> all = new HashSet<>(shown);
    for (Truth.Place place : promised(question, run, shown)) {
      if (!all.contains(place.position()) && !isHidden(place)) {
        report.add(
            Finding.SILENT_GAP,
            "%s, %s: a page of history (%s, through %s) passes over it"
                .formatted(chatId, place.position(), question, run.through()));
      }
    }
  }

  /** The places that a page claims to hold. */
  private Collection<Truth.Place> promised(
      ClientFrame.History question, ServerFrame.History run, List<Position> shown) {
    NavigableMap<Position, Truth.Place> chain = truth.chain(run.chatId());
    Position before = question.before();
    if (before != null) {
      NavigableMap<Position, Truth.Place> below = chain.headMap(before, false);
      return run.through() instanceof Position low && !low.equals(before)
          ? below.tailMap(low, true).values()
          : run.through() instanceof Position ? List.of() : below.values();
    }
    if (!(run.through() instanceof Position through)) {
      return List.of();
    }
    NavigableMap<Position, Truth.Place> upTo = chain.headMap(through, true);
    if (question.after() instanceof Position after) {
      return after.isAfter(through) ? List.of() : upTo.tailMap(after, false).values();
    }
    if (question.after() != null) {
      return upTo.values();
    }
    return shown.isEmpty() ? List.of() : upTo.tailMap(shown.getFirst(), true).values();
  }
}
