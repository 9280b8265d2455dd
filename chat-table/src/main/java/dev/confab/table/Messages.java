package dev.confab.table;

import dev.confab.events.ChatId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.SentCursor;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What was said in every chat: the entries of its chain, in the order of their positions.
 *
 * <p>An item is a pure function of its record and {@code prev}. Writing one again writes the same
 * bytes, so a second writer does no harm.
 *
 * <p>Reads of one chat are consistent: they see every write that was answered before they began.
 * The list of a sender comes from an index and may lag behind by a moment. A batch is not atomic: a
 * reader may see some of its items and not yet others; {@link History} reads over that.
 *
 * <p>Safe for use by several threads. Limits: about 1,000 KB written a second in one chat, about
 * 1,000 messages a second of one sender (each is one partition).
 *
 * <p>Every method but {@link #writeBatch} throws {@link TableUnavailableException} when the table
 * can't answer, after the client's own retries.
 */
public interface Messages {
  /** Items in one batch, DynamoDB's limit. Each holds at most 16 KiB of text, far below 16 MB. */
  int MAX_BATCH = 25;

  /**
   * An entry and the chat it is in.
   *
   * @param entry its {@code prev} is known and lies before it
   */
  record Stored(ChatId chatId, Entry entry) {
    public Stored {
      Cursor prev = entry.prev();
      if (prev == null) {
        throw new IllegalArgumentException("an entry in the table names the one before it");
      }
      if (!entry.position().isAfter(prev)) {
        throw new IllegalArgumentException(
            "prev " + prev.value() + " is not before " + entry.position().value());
      }
    }
  }

  /** What became of a batch. */
  sealed interface BatchOutcome {
    /**
     * Every item is stored but those that the table had no room for just now.
     *
     * @param unprocessed to write again after a pause, in the order given; empty when all is done
     */
    record Written(List<Stored> unprocessed) implements BatchOutcome {
      public Written {
        unprocessed = List.copyOf(unprocessed);
      }
    }

    /**
     * The table won't ever take this batch (a ValidationException); nothing is stored. One item may
     * be the cause: halve the batch to find it.
     */
    record Refused(String reason) implements BatchOutcome {}

    /**
     * The table throttled, failed or did not answer. Any part may be stored; write it all again
     * after a pause.
     */
    record Unavailable(String reason) implements BatchOutcome {}
  }

  /**
   * Puts entries, whatever is in their places. One request, never retried here: the caller owns the
   * pauses. Throws nothing for what the table answers.
   *
   * @param items 1 to {@value #MAX_BATCH}, of any chats, none a {@link Entry.Parked}, which must
   *     not overwrite
   */
  BatchOutcome writeBatch(List<Stored> items);

  /**
   * Puts a placeholder where nothing is.
   *
   * @return whether it did; false means that something is there already, and stays
   */
  boolean placeholder(ChatId chatId, Entry.Parked parked);

  /** What a replay found. */
  sealed interface Repair {
    /**
     * The table now holds what the record says, put by this call or an earlier one: readers can be
     * told either way.
     */
    record Repaired(Entry entry) implements Repair {}

    /** Something else is there, and stays. */
    record Occupied(Entry inTable) implements Repair {}

    /**
     * The table won't ever take the record's entry (a ValidationException): what is there stays.
     */
    record Refused(String reason) implements Repair {}
  }

  /**
   * Puts a replayed record's entry where nothing or a placeholder is. A placeholder's {@code prev}
   * is kept, so that the chain stays as readers know it.
   *
   * @param prevWhenAbsent asked only where nothing is; {@link #newestBefore} is an answer
   * @param entry the record's entry at {@code position} with the {@code prev} given; not a
   *     placeholder; called more than once
   */
  Repair repair(
      ChatId chatId,
      Position position,
      Supplier<? extends Cursor> prevWhenAbsent,
      Function<? super Cursor, ? extends Entry> entry);

  /**
   * A chat's entries after a place, oldest first, hidden ones too.
   *
   * @param after exclusive; need not be an entry
   * @param limit at least 1; a page of any size is gathered in memory
   */
  List<Entry> after(ChatId chatId, Cursor after, int limit);

  /**
   * A chat's entries before a place, newest first, hidden ones too.
   *
   * @param before exclusive; need not be an entry; null for the newest of all
   * @param limit at least 1; a page of any size is gathered in memory
   */
  List<Entry> before(ChatId chatId, @Nullable Position before, int limit);

  /** As {@link #before}, with the entry at {@code upTo}, where there is one, as the first. */
  List<Entry> upTo(ChatId chatId, Position upTo, int limit);

  /** The position of a chat's newest entry; {@link Cursor#start} where there is none. */
  Cursor newest(ChatId chatId);

  /**
   * As {@link #newest(ChatId)}, of many chats: one small query each, a bounded number at a time.
   *
   * @return a value for each chat given
   */
  Map<ChatId, Cursor> newest(Collection<ChatId> chatIds);

  /** The position of a chat's newest entry before a place, {@link Cursor#start} for none. */
  Cursor newestBefore(ChatId chatId, Position exclusive);

  /** The entries at some places of a chat; those where nothing is are missing from the map. */
  Map<Position, Entry> at(ChatId chatId, Collection<Position> positions);

  /**
   * A user's messages over all chats, newest first by {@code sentAt}, then by position. Neither
   * placeholders nor markers are among them.
   *
   * @param before exclusive; null for the newest of all
   * @param limit at least 1
   */
  List<ServerFrame.OwnMessage> of(UserId sender, @Nullable SentCursor before, int limit);
}
