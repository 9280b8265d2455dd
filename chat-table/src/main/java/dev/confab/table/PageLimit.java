package dev.confab.table;

import dev.confab.events.Entry;
import java.util.function.ToIntFunction;

/**
 * How much of a chat one page may hold.
 *
 * @param entries at most, hidden ones counted; at least 1
 * @param bytes at most, as {@code sizeOf} counts them; a single entry over it makes a page of its
 *     own, so that a reader gets on
 * @param sizeOf the bytes that an entry takes in the page; a hidden one takes none
 */
public record PageLimit(int entries, int bytes, ToIntFunction<Entry.Shown> sizeOf) {
  public PageLimit {
    if (entries < 1 || bytes < 1) {
      throw new IllegalArgumentException("a page holds at least one entry and one byte");
    }
  }
}
