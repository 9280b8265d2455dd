package dev.confab.table;

import dev.confab.events.ConnectionId;
import dev.confab.events.UserId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * The WebSocket connections of each user, as far as {@code $connect} and {@code $disconnect} told:
 * the latter may not come, so a connection here may be gone.
 *
 * <p>Safe for use by several threads. Every method throws {@link TableUnavailableException} when
 * the table can't answer, after the client's own retries.
 */
public interface Connections {

  /**
   * A connection.
   *
   * @param connectedAt in whole milliseconds
   * @param expiresAt when it ends at the latest, in whole milliseconds
   */
  record Connection(
      ConnectionId connectionId, UserId userId, Instant connectedAt, Instant expiresAt) {
    public Connection {
      connectedAt = connectedAt.truncatedTo(ChronoUnit.MILLIS);
      expiresAt = expiresAt.truncatedTo(ChronoUnit.MILLIS);
    }

    public boolean isExpired(Instant now) {
      return !now.isBefore(expiresAt);
    }
  }

  /** Puts a connection, whatever is there. */
  void put(Connection connection);

  /** Forgets a connection; nothing happens where there is none. */
  void delete(ConnectionId connectionId);

  /**
   * A user's connections in the order of their ids; from an index that may lag behind by a moment.
   *
   * @param now what expired by then is left out, whether or not the table has dropped it
   */
  List<Connection> of(UserId userId, Instant now);
}
