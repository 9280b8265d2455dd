package dev.confab.load.check;

import dev.confab.events.ChatEvent.MessageSent;
import dev.confab.events.ChatId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/** Compares the table with the stream. */
final class TableCheck {
  /** Guarantee 3: within both of these, a resend is stored once. */
  private static final Duration WINDOW = Duration.ofMinutes(10);

  private static final int WINDOW_MESSAGES = 1_000;

  private final History history;
  private final Truth truth;
  private final Letters letters;
  private final Report.Builder report;
  private final Map<ChatId, Map<Position, Entry>> byPosition = new HashMap<>();

  TableCheck(History history, Truth truth, Letters letters, Report.Builder report) {
    this.history = history;
    this.truth = truth;
    this.letters = letters;
    this.report = report;
    history
        .table()
        .forEach(
            (chatId, entries) -> {
              Map<Position, Entry> ofChat = new HashMap<>();
              entries.forEach(entry -> ofChat.put(entry.position(), entry));
              byPosition.put(chatId, ofChat);
            });
  }

  /** What the table has at a place, null for nothing. */
  @Nullable Entry at(ChatId chatId, Position position) {
    return byPosition.getOrDefault(chatId, Map.of()).get(position);
  }

  void check() {
    for (NavigableMap<Position, Truth.Place> chain : truth.chains().values()) {
      chain.values().forEach(this::checkPlace);
    }
    history.table().forEach(this::checkChat);
    for (Truth.Bad bad : truth.bad()) {
      checkBad(bad);
    }
  }

  private void checkPlace(Truth.Place place) {
    Position position = place.position();
    switch (at(place.chatId(), position)) {
      case null -> {
        if (letters.has(position)) {
          add(Finding.NO_PLACEHOLDER, place, "its letter lies in the queue");
        } else {
          add(Finding.LOST, place, "in neither table nor queue");
        }
      }
      case Entry.Parked parked -> checkParked(place, parked);
      case Entry.Posted posted -> checkPosted(place, posted);
      case Entry.Duplicate marker -> checkMarker(place, marker);
    }
  }

  private void checkParked(Truth.Place place, Entry.Parked parked) {
    if (!letters.has(place.position())) {
      add(Finding.LOST, place, "a placeholder, and no letter in the queue");
    }
    boolean isOfSender = parked.senderId() == null || parked.senderId().equals(place.senderId());
    boolean isOfId =
        parked.clientMessageId() == null
            || parked.clientMessageId().equals(place.clientMessageId());
    if (!isOfSender || !isOfId) {
      add(Finding.INVENTED, place, "a placeholder of another message");
    }
  }

  private void checkPosted(Truth.Place place, Entry.Posted posted) {
    MessageSent sent = place.sent();
    if (sent == null || !posted.equals(Entry.Posted.of(place.position(), posted.prev(), sent))) {
      add(Finding.INVENTED, place, "the table has something else than the stream");
    } else if (place.isResend()) {
      Truth.Place original = original(place);
      if (original != null) {
        add(Finding.DOUBLED, place, "its original is stored at " + original.position());
      }
    }
  }

  /** A stored message that a resend had to be dropped for; null where it had to be stored. */
  private Truth.@Nullable Place original(Truth.Place resend) {
    NavigableMap<Position, Truth.Place> chain = truth.chain(resend.chatId());
    for (Truth.Place other : chain.headMap(resend.position(), false).descendingMap().values()) {
      if (resend.index() - other.index() > WINDOW_MESSAGES) {
        return null;
      }
      Duration apart = Duration.between(other.record().arrivedAt(), resend.record().arrivedAt());
      if (apart.compareTo(WINDOW) <= 0
          && resend.repeats(other)
          && at(other.chatId(), other.position()) instanceof Entry.Posted
          && !letters.everHad(other.position())) {
        return other;
      }
    }
    return null;
  }

  private void checkMarker(Truth.Place place, Entry.Duplicate marker) {
    Truth.Place original = truth.chain(place.chatId()).get(marker.duplicateOf());
    boolean isRight =
        place.isResend()
            && original != null
            && place.position().isAfter(original.position())
            && place.repeats(original)
            && at(place.chatId(), original.position()) instanceof Entry.Posted;
    if (!isRight) {
      add(Finding.LOST, place, "dropped for what is no original of it, or is not stored");
    }
  }

  private void add(Finding finding, Truth.Place place, String what) {
    report.add(finding, "%s, %s: %s".formatted(place.chatId(), place.position(), what));
  }

  private void checkChat(ChatId chatId, List<Entry> entries) {
    NavigableMap<Position, Truth.Place> chain = truth.chain(chatId);
    Cursor before = Cursor.start();
    int lastIndex = -1;
    for (Entry entry : entries) {
      String where = chatId + ", " + entry.position();
      Truth.Place place = chain.get(entry.position());
      if (place == null) {
        boolean isElsewhere = truth.chatAt(entry.position()) != null;
        report.add(
            isElsewhere ? Finding.WRONG_CHAT : Finding.INVENTED,
            where + ": the stream has no such message of this chat");
        continue;
      }
      if (place.index() <= lastIndex) {
        report.add(Finding.MISORDERED, where + ": the table has it after " + before);
      }
      checkPrev(chatId, entry, before);
      lastIndex = place.index();
      before = entry.position();
    }
  }

  /** A repair where nothing was joins the chain without the entry above it knowing. */
  private void checkPrev(ChatId chatId, Entry entry, Cursor before) {
    Cursor prev = entry.prev();
    if (prev != null && prev.equals(before)) {
      return;
    }
    boolean isRepairedBetween =
        prev != null
            && before.isAfter(prev)
            && truth.chain(chatId).keySet().stream()
                .filter(position -> position.isAfter(prev) && entry.position().isAfter(position))
                .allMatch(letters::everHad);
    if (!isRepairedBetween) {
      report.add(
          Finding.CHAIN_BROKEN,
          "%s, %s: names %s, and follows %s".formatted(chatId, entry.position(), prev, before));
    }
  }

  private void checkBad(Truth.Bad bad) {
    Position position = bad.record().position();
    if (!letters.has(position) && !(letters.everHad(position) && isPostedAnew(bad))) {
      report.add(Finding.LOST, "%s (%s) has no letter in the queue".formatted(position, bad.why()));
    }
  }

  /** A replay of what lay in the wrong place gives it a new one. */
  private boolean isPostedAnew(Truth.Bad bad) {
    byte[] data = bad.record().data().toArray();
    for (NavigableMap<Position, Truth.Place> chain : truth.chains().values()) {
      for (Truth.Place place : chain.values()) {
        if (place.isResend() && NewCopies.isCopy(place, data)) {
          return true;
        }
      }
    }
    return false;
  }
}
