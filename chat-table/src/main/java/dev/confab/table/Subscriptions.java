package dev.confab.table;

import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Position;
import dev.confab.events.UserId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which connections receive which chat, each as an interval of the chat's positions.
 *
 * <p>An interval that ended stays until it expires: deleted, it could be brought back by a late
 * write of an owner that lost the shard, and a removed user would receive the chat again. For the
 * same reason every change carries its position, and one that is older than what the table holds is
 * refused.
 *
 * <p>Safe for use by several threads. Reads are consistent. Every method throws {@link
 * TableUnavailableException} when the table can't answer, after the client's own retries.
 */
public interface Subscriptions {

  /**
   * One connection's interval in one chat: what comes after {@code since} and before {@code until}.
   *
   * @param generation of the user's membership when it subscribed
   * @param since the position of the {@code subscribed} event
   * @param until the position of the event that ended it; absent while it goes on
   * @param lastChange the position of the event that made the interval what it is; the newer wins
   * @param expiresAt when it ends by itself, in whole milliseconds
   */
  record Subscription(
      ConnectionId connectionId,
      UserId userId,
      long generation,
      Position since,
      @Nullable Position until,
      Position lastChange,
      Instant expiresAt) {
    public Subscription {
      if (generation < 1) {
        throw new IllegalArgumentException("generation must be 1 or more");
      }
      if (since.isAfter(lastChange)) {
        throw new IllegalArgumentException("since lies after lastChange");
      }
      if (until != null && (since.isAfter(until) || until.isAfter(lastChange))) {
        throw new IllegalArgumentException("until lies outside since and lastChange");
      }
      expiresAt = expiresAt.truncatedTo(ChronoUnit.MILLIS);
    }

    /** Whether the interval holds a position, exclusive at both ends. */
    public boolean covers(Position position) {
      return position.isAfter(since) && (until == null || until.isAfter(position));
    }

    public boolean isExpired(Instant now) {
      return !now.isBefore(expiresAt);
    }
  }

  /**
   * Every interval of a chat that has not expired, ended ones too, in the order of the connections'
   * ids. One consistent query of as many pages as it takes; all in memory.
   *
   * @param now what expired by then is left out, whether or not the table has dropped it
   */
  List<Subscription> of(ChatId chatId, Instant now);

  /** What became of a change. */
  sealed interface Change {
    /** The table holds it. */
    record Applied() implements Change {}

    /**
     * The table holds this change or a newer one already, and was left as it is.
     *
     * @param inTable what to take into memory in its place
     */
    record AlreadyApplied(Subscription inTable) implements Change {}
  }

  /**
   * Puts an interval, if the table has none for its connection and chat, or one whose {@code
   * lastChange} is older.
   */
  Change put(ChatId chatId, Subscription changed);
}
