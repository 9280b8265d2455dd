package dev.confab.load.simulation;

import dev.confab.events.ChatId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.SentCursor;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.table.Messages;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Hands every call on; a subclass changes some. */
class ForwardingMessages implements Messages {
  private final Messages to;

  ForwardingMessages(Messages to) {
    this.to = to;
  }

  @Override
  public BatchOutcome writeBatch(List<Stored> items) {
    return to.writeBatch(items);
  }

  @Override
  public boolean placeholder(ChatId chatId, Entry.Parked parked) {
    return to.placeholder(chatId, parked);
  }

  @Override
  public Repair repair(
      ChatId chatId,
      Position position,
      Supplier<? extends Cursor> prevWhenAbsent,
      Function<? super Cursor, ? extends Entry> entry) {
    return to.repair(chatId, position, prevWhenAbsent, entry);
  }

  @Override
  public List<Entry> after(ChatId chatId, Cursor after, int limit) {
    return to.after(chatId, after, limit);
  }

  @Override
  public List<Entry> before(ChatId chatId, @Nullable Position before, int limit) {
    return to.before(chatId, before, limit);
  }

  @Override
  public List<Entry> upTo(ChatId chatId, Position upTo, int limit) {
    return to.upTo(chatId, upTo, limit);
  }

  @Override
  public Cursor newest(ChatId chatId) {
    return to.newest(chatId);
  }

  @Override
  public Map<ChatId, Cursor> newest(Collection<ChatId> chatIds) {
    Map<ChatId, Cursor> newest = new LinkedHashMap<>();
    chatIds.forEach(chatId -> newest.put(chatId, newest(chatId)));
    return newest;
  }

  @Override
  public Cursor newestBefore(ChatId chatId, Position exclusive) {
    return to.newestBefore(chatId, exclusive);
  }

  @Override
  public Map<Position, Entry> at(ChatId chatId, Collection<Position> positions) {
    return to.at(chatId, positions);
  }

  @Override
  public List<ServerFrame.OwnMessage> of(UserId sender, @Nullable SentCursor before, int limit) {
    return to.of(sender, before, limit);
  }
}
