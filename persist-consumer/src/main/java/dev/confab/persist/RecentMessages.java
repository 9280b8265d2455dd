package dev.confab.persist;

import dev.confab.events.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a chat's recent messages are, to tell a resend from a first copy. Only what is stored, or
 * on its way there, counts as an original: a placeholder has nothing to show for it.
 */
final class RecentMessages {
  /** The guarantee's window: a resend later than this may be stored twice. */
  static final int MAX_MESSAGES = 1_000;

  static final Duration WINDOW = Duration.ofMinutes(10);

  private record Seen(Position position, Instant arrivedAt) {}

  /** In the order of their positions. */
  private final Map<MessageKey, Seen> seen = new LinkedHashMap<>();

  @Nullable Position originalOf(MessageKey key) {
    Seen original = seen.get(key);
    return original == null ? null : original.position();
  }

  /** Remembers an original. */
  void add(MessageKey key, Position position, Instant arrivedAt) {
    seen.putIfAbsent(key, new Seen(position, arrivedAt));
    Instant horizon = arrivedAt.minus(WINDOW);
    Iterator<Seen> oldest = seen.values().iterator();
    while (oldest.hasNext()) {
      boolean isTooOld = oldest.next().arrivedAt().isBefore(horizon);
      if (!isTooOld && seen.size() <= MAX_MESSAGES) {
        return;
      }
      oldest.remove();
    }
  }

  /** Forgets an original that turned out not to be stored. */
  void remove(Position position) {
    seen.values().removeIf(one -> one.position().equals(position));
  }

  int size() {
    return seen.size();
  }
}
