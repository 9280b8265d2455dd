package dev.confab.load.check;

import dev.confab.events.ClientMessageId;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.UserId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compares what each client shows in the end with the table. */
final class ViewCheck {
  private final History history;
  private final Truth truth;
  private final Report.Builder report;

  ViewCheck(History history, Truth truth, Report.Builder report) {
    this.history = history;
    this.truth = truth;
    this.report = report;
  }

  private record Key(@Nullable UserId senderId, @Nullable ClientMessageId clientMessageId) {}

  void check() {
    for (History.View view : history.views()) {
      check(view, expected(view));
    }
  }

  /**
   * Each message once: of its copies the first that is stored, else the first placeholder. What a
   * client got live it may show where the table has a placeholder.
   */
  private Map<Position, Entry.Shown> expected(History.View view) {
    Map<Position, Entry.Shown> live = new HashMap<>();
    for (Entry.Shown entry : view.shown()) {
      if (entry instanceof Entry.Posted) {
        live.put(entry.position(), entry);
      }
    }
    Map<Key, Entry.Shown> winners = new HashMap<>();
    List<Entry.Shown> nameless = new ArrayList<>();
    for (Entry entry : history.table().getOrDefault(view.chatId(), List.of())) {
      if (entry instanceof Entry.Shown inTable) {
        Entry.Shown shown = live.getOrDefault(entry.position(), inTable);
        Key key = keyOf(shown);
        if (key == null) {
          nameless.add(shown);
        } else {
          winners.merge(key, shown, ViewCheck::first);
        }
      }
    }
    List<Entry.Shown> all = new ArrayList<>(nameless);
    all.addAll(winners.values());
    all.sort((one, other) -> one.position().compareTo(other.position()));
    Map<Position, Entry.Shown> byPosition = new LinkedHashMap<>();
    all.forEach(entry -> byPosition.put(entry.position(), entry));
    return byPosition;
  }

  private static Entry.Shown first(Entry.Shown one, Entry.Shown other) {
    boolean isOneStored = one instanceof Entry.Posted;
    boolean isOtherStored = other instanceof Entry.Posted;
    if (isOneStored != isOtherStored) {
      return isOneStored ? one : other;
    }
    return one.position().isAfter(other.position()) ? other : one;
  }

  private static @Nullable Key keyOf(Entry.Shown entry) {
    Key key =
        switch (entry) {
          case Entry.Posted posted -> new Key(posted.senderId(), posted.clientMessageId());
          case Entry.Parked parked -> new Key(parked.senderId(), parked.clientMessageId());
        };
    return key.senderId() == null || key.clientMessageId() == null ? null : key;
  }

  private void check(History.View view, Map<Position, Entry.Shown> expected) {
    String who = "%s of %s in %s".formatted(view.connectionId(), view.userId(), view.chatId());
    if (!view.isCurrent()) {
      report.add(Finding.NOT_RECOVERED, who + " is still behind");
    }
    Set<Position> shown = new HashSet<>();
    Truth.Place before = null;
    for (Entry.Shown entry : view.shown()) {
      shown.add(entry.position());
      Truth.Place place = truth.chain(view.chatId()).get(entry.position());
      Entry.Shown inTable = expected.get(entry.position());
      if (place == null) {
        boolean isElsewhere = truth.chatAt(entry.position()) != null;
        report.add(
            isElsewhere ? Finding.WRONG_CHAT : Finding.INVENTED,
            who + " shows " + entry.position());
        continue;
      }
      if (before != null && place.index() <= before.index()) {
        report.add(
            Finding.MISORDERED,
            "%s shows %s behind %s".formatted(who, entry.position(), before.position()));
      }
      before = place;
      if (inTable == null) {
        report.add(
            Finding.MISORDERED, "%s shows a copy of another: %s".formatted(who, entry.position()));
      } else if (entry instanceof Entry.Parked && inTable instanceof Entry.Posted) {
        report.add(
            Finding.NOT_RECOVERED,
            "%s shows a placeholder at %s, which is repaired".formatted(who, entry.position()));
      }
    }
    for (Position position : expected.keySet()) {
      if (!shown.contains(position)) {
        report.add(
            view.isCurrent() ? Finding.SILENT_GAP : Finding.NOT_RECOVERED,
            "%s lacks %s".formatted(who, position));
      }
    }
  }
}
