package dev.confab.persist;

import dev.confab.events.ChatId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.SentCursor;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.table.Messages;
import dev.confab.table.TableUnavailableException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A table of which some writes happen much later than their time-out: what a worker sends off
 * before it freezes, or is killed, or gives up.
 */
final class LateMessages implements Messages {
  private final Messages table;
  private final BooleanSupplier isLate;
  private final List<Runnable> late = new ArrayList<>();

  /**
   * @param isLate asked for each write
   */
  LateMessages(Messages table, BooleanSupplier isLate) {
    this.table = table;
    this.isLate = isLate;
  }

  /** Writes that haven't happened yet. */
  List<Runnable> late() {
    return late;
  }

  @Override
  public BatchOutcome writeBatch(List<Stored> items) {
    if (isLate.getAsBoolean()) {
      List<Stored> copy = List.copyOf(items);
      late.add(() -> table.writeBatch(copy));
      return new BatchOutcome.Unavailable("time-out");
    }
    return table.writeBatch(items);
  }

  @Override
  public boolean placeholder(ChatId chatId, Entry.Parked parked) {
    if (isLate.getAsBoolean()) {
      late.add(() -> unheard(() -> table.placeholder(chatId, parked)));
      throw new TableUnavailableException("time-out");
    }
    return table.placeholder(chatId, parked);
  }

  private static void unheard(Runnable write) {
    try {
      write.run();
    } catch (TableUnavailableException nobodyListens) {
      // it happened, or it did not
    }
  }

  @Override
  public Repair repair(
      ChatId chatId,
      Position position,
      Supplier<? extends Cursor> prevWhenAbsent,
      Function<? super Cursor, ? extends Entry> entry) {
    return table.repair(chatId, position, prevWhenAbsent, entry);
  }

  @Override
  public List<Entry> after(ChatId chatId, Cursor after, int limit) {
    return table.after(chatId, after, limit);
  }

  @Override
  public List<Entry> before(ChatId chatId, @Nullable Position before, int limit) {
    return table.before(chatId, before, limit);
  }

  @Override
  public List<Entry> upTo(ChatId chatId, Position upTo, int limit) {
    return table.upTo(chatId, upTo, limit);
  }

  @Override
  public Cursor newest(ChatId chatId) {
    return table.newest(chatId);
  }

  @Override
  public Map<ChatId, Cursor> newest(Collection<ChatId> chatIds) {
    return table.newest(chatIds);
  }

  @Override
  public Cursor newestBefore(ChatId chatId, Position exclusive) {
    return table.newestBefore(chatId, exclusive);
  }

  @Override
  public Map<Position, Entry> at(ChatId chatId, Collection<Position> positions) {
    return table.at(chatId, positions);
  }

  @Override
  public List<ServerFrame.OwnMessage> of(UserId sender, @Nullable SentCursor before, int limit) {
    return table.of(sender, before, limit);
  }
}
