package dev.confab.table;

import dev.confab.events.ConnectionId;
import dev.confab.events.Timestamps;
import dev.confab.events.UserId;
import java.time.Instant;
import java.util.List;

/** Connections in the table. */
final class DynamoDbConnections implements Connections {
  private final TableClient table;

  DynamoDbConnections(TableClient table) {
    this.table = table;
  }

  @Override
  public void put(Connection connection) {
    table.put(
        Item.at(Keys.connection(connection.connectionId()))
            .inIndex(Keys.connectionInIndex(connection.userId(), connection.connectionId()))
            .with(Attributes.USER_ID, connection.userId().value())
            .with(Attributes.CONNECTED_AT, Timestamps.format(connection.connectedAt()))
            .expiringAt(connection.expiresAt()));
  }

  @Override
  public void delete(ConnectionId connectionId) {
    table.delete(Keys.connection(connectionId));
  }

  @Override
  public List<Connection> of(UserId userId, Instant now) {
    return table
        .queryIndex(
            Keys.connectionsOf(userId),
            false,
            Integer.MAX_VALUE,
            item -> !connectionOf(item).isExpired(now))
        .stream()
        .map(DynamoDbConnections::connectionOf)
        .toList();
  }

  private static Connection connectionOf(Item item) {
    return new Connection(
        Keys.connectionOf(item.key()),
        new UserId(item.string(Attributes.USER_ID)),
        Timestamps.parse(item.string(Attributes.CONNECTED_AT)),
        item.expiresAt());
  }
}
