package dev.confab.load.client;

import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.UserId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a chat that a client holds, in the chat's order, each message once: of several
 * copies (a sender's resend that was stored again) the first is shown, wherever one looks from and
 * whichever came first. A placeholder is shown only where no copy is. Not thread-safe.
 */
final class Timeline {
  private record Key(UserId senderId, ClientMessageId clientMessageId) {}

  private final ChatId chatId;
  private final Consumer<Output> out;
  private final NavigableMap<Position, Entry.Shown> entries = new TreeMap<>();
  private final Map<Key, TreeSet<Position>> copies = new HashMap<>();

  Timeline(ChatId chatId, Consumer<Output> out) {
    this.chatId = chatId;
    this.out = out;
  }

  /**
   * Holds an entry, in the place of a placeholder at its position. A message is never replaced:
   * what came live may be read from history as parked.
   */
  void put(Entry.Shown entry) {
    Entry.Shown before = entries.get(entry.position());
    if (before instanceof Entry.Posted || entry.equals(before)) {
      return;
    }
    if (before != null) {
      remove(entry.position());
    }
    Key key = keyOf(entry);
    Position shown = winner(key);
    entries.put(entry.position(), entry);
    if (key == null) {
      out.accept(new Output.Shown(chatId, entry));
      return;
    }
    copies.computeIfAbsent(key, _ -> new TreeSet<>()).add(entry.position());
    move(shown, winner(key));
  }

  private void remove(Position position) {
    Entry.Shown entry = entries.get(position);
    if (entry == null) {
      return;
    }
    Key key = keyOf(entry);
    Position shown = winner(key);
    entries.remove(position);
    TreeSet<Position> of = key == null ? null : copies.get(key);
    if (key == null || of == null) {
      out.accept(new Output.Hidden(chatId, position));
      return;
    }
    of.remove(position);
    if (of.isEmpty()) {
      copies.remove(key);
    }
    move(shown, winner(key));
  }

  private void move(@Nullable Position from, @Nullable Position to) {
    if (from != null && !from.equals(to)) {
      out.accept(new Output.Hidden(chatId, from));
    }
    Entry.Shown entry = to == null || to.equals(from) ? null : entries.get(to);
    if (entry != null) {
      out.accept(new Output.Shown(chatId, entry));
    }
  }

  /** Which of a message's copies is shown. */
  private @Nullable Position winner(@Nullable Key key) {
    TreeSet<Position> of = key == null ? null : copies.get(key);
    if (of == null) {
      return null;
    }
    for (Position position : of) {
      if (entries.get(position) instanceof Entry.Posted) {
        return position;
      }
    }
    return of.first();
  }

  private static @Nullable Key keyOf(Entry.Shown entry) {
    return switch (entry) {
      case Entry.Posted posted -> new Key(posted.senderId(), posted.clientMessageId());
      case Entry.Parked parked -> {
        UserId senderId = parked.senderId();
        ClientMessageId id = parked.clientMessageId();
        yield senderId == null || id == null ? null : new Key(senderId, id);
      }
    };
  }

  /** Forgets the oldest entries. */
  void forget(int count) {
    for (int i = 0; i < count && !entries.isEmpty(); i++) {
      remove(entries.firstKey());
    }
  }

  int size() {
    return entries.size();
  }

  @Nullable Position oldest() {
    return entries.isEmpty() ? null : entries.firstKey();
  }

  Entry.@Nullable Shown at(Position position) {
    return entries.get(position);
  }

  @Nullable Position below(Position position) {
    return entries.lowerKey(position);
  }

  /** Where placeholders are, oldest first. */
  List<Position> parked() {
    return entries.values().stream()
        .filter(Entry.Parked.class::isInstance)
        .map(Entry.Shown::position)
        .toList();
  }

  /** What is to be seen, oldest first. */
  List<Entry.Shown> shown() {
    List<Entry.Shown> shown = new ArrayList<>();
    for (Entry.Shown entry : entries.values()) {
      Key key = keyOf(entry);
      if (key == null || entry.position().equals(winner(key))) {
        shown.add(entry);
      }
    }
    return shown;
  }
}
