package dev.confab.load;

import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.load.client.Output;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * What one connection saw of its chat, from the outputs of its client alone. Fed by one thread;
 * read by others once that has ended, or under its lock.
 */
final class Witness {
  private final BitSet seen = new BitSet();
  private int[] order = new int[64];
  private int count;
  private int duplicates;
  private int backwards;
  private int parked;
  private @Nullable Position last;

  /**
   * Takes an entry in.
   *
   * @return the number of a message that is seen for the first time, -1 for anything else
   */
  synchronized int see(Output.Shown shown) {
    if (!(shown.entry() instanceof Entry.Posted posted)) {
      parked++;
      return -1;
    }
    int number = Load.numberIn(posted.text());
    if (number < 0) {
      return -1;
    }
    if (last != null && !posted.position().isAfter(last)) {
      backwards++;
    } else {
      last = posted.position();
    }
    if (seen.get(number)) {
      duplicates++;
      return -1;
    }
    seen.set(number);
    if (count == order.length) {
      order = Arrays.copyOf(order, count * 2);
    }
    order[count++] = number;
    return number;
  }

  /** The messages, in the order in which they were shown. */
  synchronized int[] order() {
    return Arrays.copyOf(order, count);
  }

  synchronized int count() {
    return count;
  }

  /** Messages that were shown a second time. */
  synchronized int duplicates() {
    return duplicates;
  }

  /** Messages that were shown after one of a later position. */
  synchronized int backwards() {
    return backwards;
  }

  /** Placeholders that were shown. */
  synchronized int parked() {
    return parked;
  }
}
