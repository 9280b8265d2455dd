package dev.confab.table;

import dev.confab.events.ChatId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.SentCursor;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

final class InMemoryMessages implements Messages {
  private static final Comparator<ServerFrame.OwnMessage> NEWEST_FIRST =
      Comparator.<ServerFrame.OwnMessage, Instant>comparing(own -> own.message().sentAt())
          .thenComparing(own -> own.message().position())
          .reversed();

  private final InMemoryTable table;
  private final Map<ChatId, NavigableMap<Position, Entry>> chats = new HashMap<>();

  InMemoryMessages(InMemoryTable table) {
    this.table = table;
  }

  private NavigableMap<Position, Entry> chat(ChatId chatId) {
    return chats.computeIfAbsent(chatId, _ -> new TreeMap<>());
  }

  @Override
  public BatchOutcome writeBatch(List<Stored> items) {
    Checks.batch(items);
    try {
      return table.call(TableCall.MESSAGES_WRITE_BATCH, () -> write(items));
    } catch (TableUnavailableException unavailable) {
      return new BatchOutcome.Unavailable(String.valueOf(unavailable.getMessage()));
    }
  }

  private BatchOutcome write(List<Stored> items) {
    Set<Map.Entry<ChatId, Position>> places = new HashSet<>();
    for (Stored item : items) {
      if (!places.add(Map.entry(item.chatId(), item.entry().position()))) {
        return new BatchOutcome.Refused("two items with one key");
      }
      if (table.faults().isRefused(item)) {
        return new BatchOutcome.Refused("an item that no table takes");
      }
    }
    Set<Stored> unprocessed = table.faults().unprocessed(items);
    for (Stored item : items) {
      if (!unprocessed.contains(item)) {
        chat(item.chatId()).put(item.entry().position(), item.entry());
      }
    }
    return new BatchOutcome.Written(items.stream().filter(unprocessed::contains).toList());
  }

  @Override
  public boolean placeholder(ChatId chatId, Entry.Parked parked) {
    Stored placeholder = new Stored(chatId, parked);
    return table.call(
        TableCall.MESSAGES_PLACEHOLDER,
        () -> chat(chatId).putIfAbsent(parked.position(), placeholder.entry()) == null);
  }

  @Override
  public Repair repair(
      ChatId chatId,
      Position position,
      Supplier<? extends Cursor> prevWhenAbsent,
      Function<? super Cursor, ? extends Entry> entry) {
    return table.call(
        TableCall.MESSAGES_REPAIR,
        () -> {
          Entry there = chat(chatId).get(position);
          Cursor prev = there == null ? prevWhenAbsent.get() : there.prev();
          if (prev == null) {
            throw new IllegalStateException("an entry without prev");
          }
          Entry replayed = Checks.replayed(entry.apply(prev), position);
          if (there == null || there instanceof Entry.Parked) {
            Stored item = new Stored(chatId, replayed);
            if (table.faults().isRefused(item)) {
              return new Repair.Refused("an item that no table takes");
            }
            chat(chatId).put(position, item.entry());
            return new Repair.Repaired(replayed);
          }
          return there.equals(replayed)
              ? new Repair.Repaired(replayed)
              : new Repair.Occupied(there);
        });
  }

  private List<Entry> read(int limit, Supplier<Stream<Entry>> entries) {
    Checks.limit(limit);
    return table.call(TableCall.MESSAGES_READ, () -> entries.get().limit(limit).toList());
  }

  @Override
  public List<Entry> after(ChatId chatId, Cursor after, int limit) {
    return read(
        limit,
        () ->
            switch (after) {
              case Cursor.Start _ -> chat(chatId).values().stream();
              case Position position -> chat(chatId).tailMap(position, false).values().stream();
            });
  }

  @Override
  public List<Entry> before(ChatId chatId, @Nullable Position before, int limit) {
    return read(
        limit,
        () ->
            before == null
                ? chat(chatId).descendingMap().values().stream()
                : chat(chatId).headMap(before, false).descendingMap().values().stream());
  }

  @Override
  public List<Entry> upTo(ChatId chatId, Position upTo, int limit) {
    return read(limit, () -> chat(chatId).headMap(upTo, true).descendingMap().values().stream());
  }

  @Override
  public Cursor newest(ChatId chatId) {
    return positionOf(before(chatId, null, 1));
  }

  @Override
  public Map<ChatId, Cursor> newest(Collection<ChatId> chatIds) {
    Map<ChatId, Cursor> newest = new LinkedHashMap<>();
    chatIds.forEach(chatId -> newest.put(chatId, newest(chatId)));
    return newest;
  }

  @Override
  public Cursor newestBefore(ChatId chatId, Position exclusive) {
    return positionOf(before(chatId, exclusive, 1));
  }

  private static Cursor positionOf(List<Entry> newest) {
    return newest.isEmpty() ? Cursor.start() : newest.getFirst().position();
  }

  @Override
  public Map<Position, Entry> at(ChatId chatId, Collection<Position> positions) {
    return table.call(
        TableCall.MESSAGES_READ,
        () -> {
          Map<Position, Entry> found = new HashMap<>();
          for (Position position : positions) {
            Entry entry = chat(chatId).get(position);
            if (entry != null) {
              found.put(position, entry);
            }
          }
          return found;
        });
  }

  @Override
  public List<ServerFrame.OwnMessage> of(UserId sender, @Nullable SentCursor before, int limit) {
    Checks.limit(limit);
    return table.call(
        TableCall.MESSAGES_READ,
        () ->
            chats.entrySet().stream()
                .flatMap(chat -> ofChat(chat.getKey(), chat.getValue().values()))
                .filter(own -> own.message().senderId().equals(sender))
                .filter(own -> before == null || isBefore(own.message(), before))
                .sorted(NEWEST_FIRST)
                .limit(limit)
                .toList());
  }

  private static Stream<ServerFrame.OwnMessage> ofChat(ChatId chatId, Collection<Entry> entries) {
    return entries.stream()
        .filter(Entry.Posted.class::isInstance)
        .map(entry -> new ServerFrame.OwnMessage(chatId, (Entry.Posted) entry));
  }

  private static boolean isBefore(Entry.Posted message, SentCursor before) {
    int bySentAt = message.sentAt().compareTo(before.sentAt());
    return bySentAt < 0 || (bySentAt == 0 && before.position().isAfter(message.position()));
  }
}
