package dev.confab.table;

import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.SentCursor;
import dev.confab.events.ServerFrame;
import dev.confab.events.Timestamps;
import dev.confab.events.UserId;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Messages in the table. Placeholders and markers have no keys in the index: a sender's list shows
 * neither, a placeholder may know no sender or time to be listed by, and each key is a write more.
 */
final class DynamoDbMessages implements Messages {
  /** An item goes from nothing to a placeholder to its end: the third look finds the end. */
  private static final int MAX_LOOKS = 3;

  /** Below the 50 connections that the SDK's HTTP clients keep by default. */
  static final int SMALL_QUERIES_AT_ONCE = 16;

  private static final Condition IS_PLACEHOLDER =
      new Condition("attribute_exists(#parked)", Map.of("#parked", Attributes.PARKED), Map.of());

  private final TableClient table;
  private final Executor executor;

  DynamoDbMessages(TableClient table, Executor executor) {
    this.table = table;
    this.executor = executor;
  }

  @Override
  public BatchOutcome writeBatch(List<Stored> items) {
    Checks.batch(items);
    return switch (table.writeBatch(items.stream().map(DynamoDbMessages::itemOf).toList())) {
      case TableClient.BatchWritten.Done(List<Key> unprocessed) -> {
        Set<Key> left = new HashSet<>(unprocessed);
        yield new BatchOutcome.Written(
            items.stream().filter(item -> left.contains(keyOf(item))).toList());
      }
      case TableClient.BatchWritten.Refused(String reason) -> new BatchOutcome.Refused(reason);
      case TableClient.BatchWritten.Unavailable(String reason) ->
          new BatchOutcome.Unavailable(reason);
    };
  }

  @Override
  public boolean placeholder(ChatId chatId, Entry.Parked parked) {
    Item item = itemOf(new Stored(chatId, parked));
    return table.putIf(item, Condition.ABSENT) instanceof TableClient.Written.Done;
  }

  @Override
  public Repair repair(
      ChatId chatId,
      Position position,
      Supplier<? extends Cursor> prevWhenAbsent,
      Function<? super Cursor, ? extends Entry> entry) {
    for (int look = 1; look <= MAX_LOOKS; look++) {
      Item there = table.get(Keys.message(chatId, position));
      Cursor prev = there == null ? prevWhenAbsent.get() : prevOf(there);
      Entry replayed = Checks.replayed(entry.apply(prev), position);
      if (there != null && !there.has(Attributes.PARKED)) {
        Entry inTable = entryOf(there);
        return inTable.equals(replayed)
            ? new Repair.Repaired(replayed)
            : new Repair.Occupied(inTable);
      }
      Condition unchanged = there == null ? Condition.ABSENT : IS_PLACEHOLDER;
      Item item = itemOf(new Stored(chatId, replayed));
      try {
        if (table.putIf(item, unchanged) instanceof TableClient.Written.Done) {
          return new Repair.Repaired(replayed);
        }
      } catch (SdkException invalid) {
        return new Repair.Refused(TableClient.reasonOf(invalid));
      }
    }
    throw new TableUnavailableException("what is at " + position + " kept changing");
  }

  @Override
  public List<Entry> after(ChatId chatId, Cursor after, int limit) {
    Checks.limit(limit);
    return entries(table.query(Keys.messagesAfter(chatId, after), false, limit));
  }

  @Override
  public List<Entry> before(ChatId chatId, @Nullable Position before, int limit) {
    Checks.limit(limit);
    return entries(table.query(Keys.messagesBefore(chatId, before), true, limit));
  }

  @Override
  public List<Entry> upTo(ChatId chatId, Position upTo, int limit) {
    Checks.limit(limit);
    return entries(table.query(Keys.messagesUpTo(chatId, upTo), true, limit));
  }

  private static List<Entry> entries(List<Item> items) {
    return items.stream().map(DynamoDbMessages::entryOf).toList();
  }

  @Override
  public Cursor newest(ChatId chatId) {
    return highest(Keys.messagesBefore(chatId, null));
  }

  @Override
  public Map<ChatId, Cursor> newest(Collection<ChatId> chatIds) {
    List<ChatId> distinct = List.copyOf(new LinkedHashSet<>(chatIds));
    List<Cursor> newest = new Parallel(executor, SMALL_QUERIES_AT_ONCE).map(distinct, this::newest);
    Map<ChatId, Cursor> byChat = new LinkedHashMap<>();
    for (int i = 0; i < distinct.size(); i++) {
      byChat.put(distinct.get(i), newest.get(i));
    }
    return byChat;
  }

  @Override
  public Cursor newestBefore(ChatId chatId, Position exclusive) {
    return highest(Keys.messagesBefore(chatId, exclusive));
  }

  private Cursor highest(Keys.Range range) {
    List<Item> newest = table.query(range, true, 1);
    return newest.isEmpty() ? Cursor.start() : Keys.positionOf(newest.getFirst().key());
  }

  @Override
  public Map<Position, Entry> at(ChatId chatId, Collection<Position> positions) {
    List<Key> keys = positions.stream().map(position -> Keys.message(chatId, position)).toList();
    Map<Position, Entry> found = new HashMap<>();
    for (Item item : table.getAll(keys, true).values()) {
      Entry entry = entryOf(item);
      found.put(entry.position(), entry);
    }
    return found;
  }

  @Override
  public List<ServerFrame.OwnMessage> of(UserId sender, @Nullable SentCursor before, int limit) {
    Checks.limit(limit);
    return table
        .queryIndex(
            Keys.sentBy(sender, before),
            true,
            limit,
            item -> entryOf(item) instanceof Entry.Posted) // the index may lag behind the item
        .stream()
        .map(item -> new ServerFrame.OwnMessage(Keys.chatIdOf(item.key()), postedOf(item)))
        .toList();
  }

  private static Key keyOf(Stored stored) {
    return Keys.message(stored.chatId(), stored.entry().position());
  }

  static Item itemOf(Stored stored) {
    Item item = Item.at(keyOf(stored));
    Cursor prev = stored.entry().prev();
    if (prev != null) { // always: Stored sees to it
      item.with(Attributes.PREV, prev.value());
    }
    return switch (stored.entry()) {
      case Entry.Posted posted ->
          item.inIndex(Keys.messageInIndex(posted.senderId(), posted.sentAt(), posted.position()))
              .with(Attributes.SENDER_ID, posted.senderId().value())
              .with(Attributes.CLIENT_MESSAGE_ID, posted.clientMessageId().value())
              .with(Attributes.TEXT, posted.text())
              .with(Attributes.SENT_AT, Timestamps.format(posted.sentAt()))
              .flagged(Attributes.RESEND, posted.resend());
      case Entry.Parked parked -> {
        UserId senderId = parked.senderId();
        ClientMessageId clientMessageId = parked.clientMessageId();
        yield item.flagged(Attributes.PARKED, true)
            .with(Attributes.SENDER_ID, senderId == null ? null : senderId.value())
            .with(
                Attributes.CLIENT_MESSAGE_ID,
                clientMessageId == null ? null : clientMessageId.value());
      }
      case Entry.Duplicate duplicate ->
          item.with(Attributes.DUPLICATE_OF, duplicate.duplicateOf().value());
    };
  }

  private static Entry entryOf(Item item) {
    Position position = Keys.positionOf(item.key());
    if (item.has(Attributes.DUPLICATE_OF)) {
      return new Entry.Duplicate(position, prevOf(item), item.position(Attributes.DUPLICATE_OF));
    }
    if (item.has(Attributes.PARKED)) {
      String senderId = item.optional(Attributes.SENDER_ID);
      String clientMessageId = item.optional(Attributes.CLIENT_MESSAGE_ID);
      return new Entry.Parked(
          position,
          prevOf(item),
          senderId == null ? null : new UserId(senderId),
          clientMessageId == null ? null : new ClientMessageId(clientMessageId));
    }
    return postedOf(item);
  }

  private static Entry.Posted postedOf(Item item) {
    return new Entry.Posted(
        Keys.positionOf(item.key()),
        prevOf(item),
        new UserId(item.string(Attributes.SENDER_ID)),
        new ClientMessageId(item.string(Attributes.CLIENT_MESSAGE_ID)),
        item.string(Attributes.TEXT),
        Timestamps.parse(item.string(Attributes.SENT_AT)),
        item.has(Attributes.RESEND));
  }

  private static Cursor prevOf(Item item) {
    return Cursor.parse(item.string(Attributes.PREV));
  }
}
