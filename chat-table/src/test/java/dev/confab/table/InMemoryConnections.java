package dev.confab.table;

import dev.confab.events.ConnectionId;
import dev.confab.events.UserId;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

final class InMemoryConnections implements Connections {
  private final InMemoryTable table;
  private final SortedMap<ConnectionId, Connection> connections = new TreeMap<>();

  InMemoryConnections(InMemoryTable table) {
    this.table = table;
  }

  @Override
  public void put(Connection connection) {
    table.call(
        TableCall.CONNECTIONS_PUT,
        () -> {
          connections.put(connection.connectionId(), connection);
          return true;
        });
  }

  @Override
  public void delete(ConnectionId connectionId) {
    table.call(
        TableCall.CONNECTIONS_DELETE,
        () -> {
          connections.remove(connectionId);
          return true;
        });
  }

  @Override
  public List<Connection> of(UserId userId, Instant now) {
    return table.call(
        TableCall.CONNECTIONS_READ,
        () ->
            connections.values().stream()
                .filter(connection -> connection.userId().equals(userId))
                .filter(connection -> !connection.isExpired(now))
                .toList());
  }
}
