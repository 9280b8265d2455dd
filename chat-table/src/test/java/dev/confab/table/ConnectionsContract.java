package dev.confab.table;

import static dev.confab.table.Samples.ANA;
import static dev.confab.table.Samples.BEN;
import static dev.confab.table.Samples.LOBBY;
import static dev.confab.table.Samples.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Access;
import dev.confab.events.ConnectionId;
import dev.confab.events.UserId;
import dev.confab.table.Connections.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link Connections} does. */
public abstract class ConnectionsContract {
  private static final Instant LATER = NOON.plus(Duration.ofHours(2));

  private ChatTable table;
  private Connections connections;

  protected abstract ChatTable newTable();

  @BeforeEach
  void setUp() {
    table = newTable();
    connections = table.connections();
  }

  private static Connection connection(String id, UserId userId, Instant expiresAt) {
    return new Connection(new ConnectionId(id), userId, NOON, expiresAt);
  }

  @Test
  void connectionsOfAUser_areInTheOrderOfTheirIds() {
    connections.put(connection("b=", ANA, LATER));
    connections.put(connection("+/a=", ANA, LATER));
    connections.put(connection("c", BEN, LATER));
    connections.put(connection("d", new UserId("ana2"), LATER));

    assertThat(connections.of(ANA, NOON))
        .containsExactly(connection("+/a=", ANA, LATER), connection("b=", ANA, LATER));
    assertThat(connections.of(new UserId("dan"), NOON)).isEmpty();
  }

  @Test
  void whatIsDeleted_isGone() {
    connections.put(connection("a", ANA, LATER));
    connections.put(connection("b", ANA, LATER));

    connections.delete(new ConnectionId("a"));
    connections.delete(new ConnectionId("a"));
    connections.delete(new ConnectionId("never"));

    assertThat(connections.of(ANA, NOON)).containsExactly(connection("b", ANA, LATER));
  }

  @Test
  void whatExpired_isLeftOut_toTheMillisecond() {
    connections.put(connection("a", ANA, LATER.plusMillis(1)));
    connections.put(connection("b", ANA, LATER));

    assertThat(connections.of(ANA, LATER.minusMillis(1))).hasSize(2);
    assertThat(connections.of(ANA, LATER))
        .containsExactly(connection("a", ANA, LATER.plusMillis(1)));
    assertThat(connections.of(ANA, LATER.plusMillis(1))).isEmpty();
  }

  @Test
  void nothingElseOfAUser_isAConnection() {
    table.chats().create(new Chats.Chat(LOBBY, null, Access.OPEN, ANA));
    Samples.write(table.messages(), LOBBY, Samples.chain(0, 2));
    table.subscriptions().put(LOBBY, Samples.subscription("c", 1, null, LATER));

    assertThat(connections.of(ANA, NOON)).isEmpty();
  }

  @Test
  void manyConnectionsOfAUser_areOneList() {
    List<Connection> many =
        IntStream.range(0, 130).mapToObj(n -> connection("c" + (1000 + n), ANA, LATER)).toList();
    many.forEach(connections::put);

    assertThat(connections.of(ANA, NOON)).isEqualTo(many);
  }
}
