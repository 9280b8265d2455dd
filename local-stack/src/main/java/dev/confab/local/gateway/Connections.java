package dev.confab.local.gateway;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** The connections from the end of their handshake until {@code $disconnect}. Thread-safe. */
final class Connections {
  private final ConcurrentMap<String, Connection> byId = new ConcurrentHashMap<>();

  void opened(Connection connection) {
    byId.put(connection.client().connectionId(), connection);
  }

  void ended(Connection connection) {
    byId.remove(connection.client().connectionId(), connection);
  }

  /** Null also once the connection's end has begun. */
  @Nullable Connection open(String connectionId) {
    Connection connection = byId.get(connectionId);
    return connection == null || connection.isEnding() ? null : connection;
  }

  List<Connection> all() {
    return List.copyOf(byId.values());
  }
}
