package dev.confab.table;

import dev.confab.events.ChatId;
import dev.confab.events.Cursor;
import dev.confab.events.Position;

/**
 * A chat's history, read in unbroken runs: see {@link Run} for where a page is cut. One query a
 * page. Safe for use by several threads.
 *
 * <p>Every method throws {@link TableUnavailableException} as {@link Messages} does.
 */
public final class History {
  private final Messages messages;

  public History(Messages messages) {
    this.messages = messages;
  }

  /** The oldest page after a cursor, up to which the reader holds everything. */
  public Run after(ChatId chatId, Cursor after, PageLimit limit) {
    return Run.after(after, messages.after(chatId, after, limit.entries() + 1), limit);
  }

  /** The newest page, for a reader without a cursor. */
  public Run newest(ChatId chatId, PageLimit limit) {
    return Run.newest(messages.before(chatId, null, limit.entries() + 1), limit);
  }

  /** The newest page before a place that the reader holds. */
  public Run before(ChatId chatId, Position before, PageLimit limit) {
    return Run.before(before, messages.upTo(chatId, before, limit.entries() + 2), limit);
  }
}
