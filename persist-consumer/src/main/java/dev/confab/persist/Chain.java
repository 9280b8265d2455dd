package dev.confab.persist;

import dev.confab.events.ChatEvent.MessageSent;
import dev.confab.events.ChatId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.table.Messages;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One chat's chain on one lease: gives each record its entry, with its {@code prev}.
 *
 * <p>What lies below the first position of this lease is settled: the checkpoint passed it, so it
 * is in the table. What comes from there on is known from memory, as it was given its place here.
 * So neither {@code prev} nor the search for a resend's original ever reads what may still be on
 * its way to the table.
 */
final class Chain {
  private final ChatId chatId;
  private final Position first;
  private final RecentMessages recent = new RecentMessages();
  private @Nullable Map<MessageKey, Position> before;
  private Cursor newest;

  /**
   * @param first the first position that this lease takes into the chat
   * @param newest the newest entry below it: beyond it, the last owner may have written too
   */
  Chain(ChatId chatId, Position first, Cursor newest) {
    this.chatId = chatId;
    this.first = first;
    this.newest = newest;
  }

  ChatId chatId() {
    return chatId;
  }

  /** The next entry is at a position: the place that it names as the one before it. */
  Cursor take(Position position) {
    Cursor prev = newest;
    newest = position;
    return prev;
  }

  /**
   * The entry of a message: itself or, for a resend whose original is stored, a marker.
   *
   * @throws dev.confab.table.TableUnavailableException if the table can't say what lies below; the
   *     chain is as before then
   */
  Entry entryOf(Position position, MessageSent sent, Instant arrivedAt, Messages messages) {
    Entry entry = entryAt(position, newest, sent, arrivedAt, messages);
    newest = position;
    return entry;
  }

  /** As {@link #entryOf}, at a place that was given before. */
  Entry entryAt(
      Position position, Cursor prev, MessageSent sent, Instant arrivedAt, Messages messages) {
    MessageKey key = MessageKey.of(sent.senderId(), sent.clientMessageId(), sent.text());
    Position original = sent.resend() ? originalOf(key, messages) : null;
    if (original != null) {
      return new Entry.Duplicate(position, prev, original);
    }
    recent.add(key, position, arrivedAt);
    return Entry.Posted.of(position, prev, sent);
  }

  private @Nullable Position originalOf(MessageKey key, Messages messages) {
    Position inMemory = recent.originalOf(key);
    return inMemory != null ? inMemory : settledBefore(messages).get(key);
  }

  /** Read once, at the chat's first resend: it never changes. */
  private Map<MessageKey, Position> settledBefore(Messages messages) {
    Map<MessageKey, Position> settled = before;
    if (settled == null) {
      settled = new HashMap<>();
      for (Entry entry : messages.before(chatId, first, RecentMessages.MAX_MESSAGES)) {
        if (entry instanceof Entry.Posted posted) {
          settled.put( // newest first: the oldest of several stays
              MessageKey.of(posted.senderId(), posted.clientMessageId(), posted.text()),
              posted.position());
        }
      }
      before = settled;
    }
    return settled;
  }

  /** A replay put a message back below: from now on it is an original. */
  void repaired(Entry entry, Instant arrivedAt) {
    if (entry instanceof Entry.Posted posted) {
      recent.add(
          MessageKey.of(posted.senderId(), posted.clientMessageId(), posted.text()),
          posted.position(),
          arrivedAt);
    }
  }

  /** A message turned out not to be stored: it is nobody's original. */
  void refused(Position position) {
    recent.remove(position);
  }

  /** How many things it remembers, about 300 bytes each. */
  int weight() {
    Map<MessageKey, Position> settled = before;
    return 1 + recent.size() + (settled == null ? 0 : settled.size());
  }
}
