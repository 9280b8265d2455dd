package dev.confab.table;

import dev.confab.events.UserId;
import java.util.Collection;
import java.util.Map;

/**
 * The names of users, for people to read, as their tokens last told.
 *
 * <p>Safe for use by several threads. Every method throws {@link TableUnavailableException} when
 * the table can't answer, after the client's own retries.
 */
public interface Users {

  /**
   * Stores a user's name if it is new or has changed.
   *
   * @return whether it was and is stored now
   */
  boolean put(UserId userId, String name);

  /**
   * The names of users; those without one are missing from the map. May lag behind by a moment.
   *
   * @param userIds any number, fetched a hundred at a time
   */
  Map<UserId, String> names(Collection<UserId> userIds);
}
