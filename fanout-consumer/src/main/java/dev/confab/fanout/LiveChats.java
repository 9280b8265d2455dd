package dev.confab.fanout;

import dev.confab.events.ChatId;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The chats of one shard that are in memory, within a bound: those idle longest are forgotten, and
 * read from the table again when something happens in them. Used by one thread.
 */
final class LiveChats {
  private final long maxWeight;
  private final Map<ChatId, LiveChat> byIdleness = new LinkedHashMap<>(16, 0.75f, true);
  private final Set<LiveChat> touched = new LinkedHashSet<>();
  private long weight;

  /**
   * @param maxWeight of all chats together, in {@link LiveChat#weight}; a batch that needs more has
   *     it until it ends
   */
  LiveChats(long maxWeight) {
    this.maxWeight = maxWeight;
  }

  /** The chat, new if it isn't in memory. */
  LiveChat of(ChatId chatId) {
    LiveChat chat = byIdleness.computeIfAbsent(chatId, LiveChat::new);
    touched.add(chat);
    return chat;
  }

  /** Forgets what has ended, then idle chats while there is too much. */
  void endBatch(Instant now) {
    for (LiveChat chat : touched) {
      chat.forgetEnded(now);
      weight += chat.weight() - chat.counted;
      chat.counted = chat.weight();
    }
    Iterator<LiveChat> idle = byIdleness.values().iterator();
    while (weight > maxWeight && idle.hasNext()) {
      LiveChat chat = idle.next();
      if (!touched.contains(chat)) { // the batch may be offered again in part
        weight -= chat.counted;
        idle.remove();
      }
    }
    touched.clear();
  }

  int size() {
    return byIdleness.size();
  }
}
