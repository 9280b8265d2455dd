package dev.confab.ingest;

import dev.confab.table.Connections;
import dev.confab.table.Connections.Connection;
import dev.confab.table.Users;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Keeps the list of connections. Thread-safe.
 *
 * <p>Both methods throw {@link dev.confab.table.TableUnavailableException}.
 */
final class ConnectionActions {
  /** API Gateway closes a connection after it. */
  static final Duration MAX_LIFETIME = Duration.ofHours(2);

  private final Connections connections;
  private final Users users;
  private final Clock clock;

  ConnectionActions(Connections connections, Users users, Clock clock) {
    this.connections = connections;
    this.users = users;
    this.clock = clock;
  }

  /**
   * When a connection ends at the latest: the earlier of the token's expiry and two hours after
   * connect, in whole seconds. A pure function of what every event of the connection carries, so
   * that no frame has to look it up.
   */
  static Instant expiresAt(Principal principal, Instant connectedAt) {
    Instant closed = connectedAt.plus(MAX_LIFETIME);
    Instant expired = principal.tokenExpiresAt();
    return (closed.isBefore(expired) ? closed : expired).truncatedTo(ChronoUnit.SECONDS);
  }

  /**
   * Keeps a connection, and its user's name where that is new.
   *
   * @return false where it has expired already
   */
  boolean connect(WebSocketEvent event, Principal principal) {
    Instant expiresAt = expiresAt(principal, event.connectedAt());
    if (!clock.instant().isBefore(expiresAt)) {
      return false;
    }
    connections.put(
        new Connection(event.connectionId(), principal.userId(), event.connectedAt(), expiresAt));
    if (principal.name() != null) {
      users.put(principal.userId(), principal.name());
    }
    return true;
  }

  /**
   * Forgets a connection, and that alone: API Gateway may never tell of its end, so that
   * subscriptions end by what the fan-out meets instead.
   */
  void disconnect(WebSocketEvent event) {
    connections.delete(event.connectionId());
  }
}
