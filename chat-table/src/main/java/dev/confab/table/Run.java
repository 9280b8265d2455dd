package dev.confab.table;

import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import java.util.ArrayList;
import java.util.List;

/**
 * An unbroken run of a chat's chain: a page of history without a hole. Pure: what was read goes in,
 * what a reader may be shown comes out.
 *
 * <p>Entries are not written in their order: a batch is not atomic, and several are under way. One
 * whose {@code prev} lies after the entry below it has a hole there, about to be filled. One whose
 * {@code prev} lies before the entry below it lacks nothing: a repair put that one in between.
 *
 * <p>Where a page is cut depends on what the reader holds:
 *
 * <ul>
 *   <li>{@link #after}: everything up to a cursor. The run begins right behind it and ends before
 *       the first hole. {@code through} is the reader's next cursor.
 *   <li>{@link #newest}: nothing, and {@code through} becomes the first cursor. So the run ends
 *       below the lowest hole in sight; what is above comes {@code after} that, or live.
 *   <li>{@link #before}: what is at a place, and wants to go back. The run begins right below it
 *       and reaches down to the first hole. (Cut below the hole instead, the reader would step over
 *       it unaware.) {@code through} is the low end.
 * </ul>
 *
 * <p>The next page back is {@code before} the oldest message of a page or, where all of it is
 * hidden, {@code before} its {@code through}. A page that has more but moves nothing met a hole:
 * ask again after a pause.
 *
 * @param entries oldest first, hidden ones too
 * @param through how far the run reaches in the direction asked for: its newest entry for {@code
 *     after} and {@code newest}, its oldest for {@code before}. An empty run that has more, or is
 *     {@code after} something, reaches no further than what was asked for; any other empty run's is
 *     {@link Cursor#start}
 * @param hasMore whether there is more in that direction, now or soon
 */
public record Run(List<Entry> entries, Cursor through, boolean hasMore) {
  public Run {
    entries = List.copyOf(entries);
  }

  /** The entries that readers see, oldest first. */
  public List<Entry.Shown> shown() {
    return entries.stream()
        .filter(Entry.Shown.class::isInstance)
        .map(Entry.Shown.class::cast)
        .toList();
  }

  /**
   * The run right behind a cursor.
   *
   * @param oldestFirst what lies after the cursor: one entry more than the limit, or all there are
   */
  public static Run after(Cursor after, List<Entry> oldestFirst, PageLimit limit) {
    Page page = new Page(limit);
    Cursor held = after;
    for (Entry entry : oldestFirst) {
      if (!isNextTo(held, entry) || !page.add(entry)) {
        return new Run(page.entries, held, true);
      }
      held = entry.position();
    }
    return new Run(page.entries, held, false);
  }

  /**
   * The newest run of a chat.
   *
   * @param newestFirst the chat's newest entries: one more than the limit, or all there are
   */
  public static Run newest(List<Entry> newestFirst, PageLimit limit) {
    boolean reachesBottom = newestFirst.size() <= limit.entries();
    List<Entry> unbroken = belowLowestHole(newestFirst, reachesBottom);
    if (unbroken.isEmpty()) {
      return new Run(List.of(), Cursor.start(), false);
    }
    Page page = new Page(limit);
    boolean isCut = !unbroken.stream().allMatch(page::add);
    return new Run(
        page.entries.reversed(), unbroken.getFirst().position(), isCut || !reachesBottom);
  }

  /**
   * The run right below a place.
   *
   * @param before exclusive. Where it is no entry, the reader holds nothing there that the run
   *     could join, and the run is cut as the newest is
   * @param newestFirst what lies up to the place, its own entry first where it is one: two entries
   *     more than the limit, or all there are
   */
  public static Run before(Position before, List<Entry> newestFirst, PageLimit limit) {
    if (newestFirst.isEmpty() || !newestFirst.getFirst().position().equals(before)) {
      Run run = newest(newestFirst, limit);
      Cursor low = run.entries.isEmpty() ? Cursor.start() : run.entries.getFirst().position();
      return new Run(run.entries, low, run.hasMore);
    }
    Page page = new Page(limit);
    Entry above = newestFirst.getFirst();
    for (Entry entry : newestFirst.subList(1, newestFirst.size())) {
      if (!isNextTo(entry.position(), above) || !page.add(entry)) {
        return new Run(page.entries.reversed(), above.position(), true);
      }
      above = entry;
    }
    boolean hasMore = !isNextTo(Cursor.start(), above);
    boolean isEmptyBottom = page.entries.isEmpty() && !hasMore;
    Cursor through = isEmptyBottom ? Cursor.start() : above.position();
    return new Run(page.entries.reversed(), through, hasMore);
  }

  private static List<Entry> belowLowestHole(List<Entry> newestFirst, boolean reachesBottom) {
    for (int i = newestFirst.size() - 1; i >= 0; i--) {
      boolean isLast = i == newestFirst.size() - 1;
      if (isLast && !reachesBottom) {
        continue; // what it follows is not in sight
      }
      Cursor below = isLast ? Cursor.start() : newestFirst.get(i + 1).position();
      if (!isNextTo(below, newestFirst.get(i))) {
        return newestFirst.subList(i + 1, newestFirst.size());
      }
    }
    return newestFirst;
  }

  /** Whether one who holds all up to {@code held} misses nothing before {@code entry}. */
  private static boolean isNextTo(Cursor held, Entry entry) {
    Cursor prev = entry.prev();
    return prev != null && !prev.isAfter(held);
  }

  private static final class Page {
    private final PageLimit limit;
    private final List<Entry> entries = new ArrayList<>();
    private long bytes;

    private Page(PageLimit limit) {
      this.limit = limit;
    }

    private boolean add(Entry entry) {
      int size = entry instanceof Entry.Shown shown ? limit.sizeOf().applyAsInt(shown) : 0;
      boolean isOverfull = size > 0 && bytes > 0 && bytes + size > limit.bytes();
      if (entries.size() == limit.entries() || isOverfull) {
        return false;
      }
      bytes += size;
      entries.add(entry);
      return true;
    }
  }
}
