package dev.confab.table;

import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.Role;
import dev.confab.events.UserId;
import java.util.List;

/** What every implementation of the stores asks of its callers. */
final class Checks {
  private Checks() {}

  static void limit(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit must be 1 or more, not " + limit);
    }
  }

  static void batch(List<Messages.Stored> items) {
    if (items.isEmpty() || items.size() > Messages.MAX_BATCH) {
      throw new IllegalArgumentException(
          "a batch holds 1 to " + Messages.MAX_BATCH + " items, not " + items.size());
    }
    if (items.stream().anyMatch(item -> item.entry() instanceof Entry.Parked)) {
      throw new IllegalArgumentException("a placeholder must not overwrite: use placeholder()");
    }
  }

  static Entry replayed(Entry entry, Position position) {
    if (!entry.position().equals(position) || entry instanceof Entry.Parked) {
      throw new IllegalArgumentException("a replay of " + position + " must not put " + entry);
    }
    return entry;
  }

  static void grantable(Role role) {
    if (role == Role.REMOVED) {
      throw new IllegalArgumentException("add makes an owner or a member");
    }
  }

  static void other(UserId userId, UserId owner) {
    if (userId.equals(owner)) {
      throw new IllegalArgumentException("a user ends their own membership by leave()");
    }
  }
}
