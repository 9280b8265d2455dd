package dev.confab.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2WebSocketEvent;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.Position;
import dev.confab.events.UserId;
import dev.confab.table.Connections;
import dev.confab.table.Faults;
import dev.confab.table.Subscriptions;
import dev.confab.table.TableCall;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionHandlerTest {
  private static final UserId ANA = new UserId("ana");

  private final Backend backend = new Backend();
  private final APIGatewayV2WebSocketEvent connect = Backend.event("CONNECT", "ana");

  private void tokenExpiresAt(Instant time) {
    connect.getRequestContext().getAuthorizer().put("exp", Long.toString(time.getEpochSecond()));
  }

  private List<Connections.Connection> connections() {
    return backend.table.connections().of(ANA, Backend.NOW);
  }

  @Test
  void connect_keepsTheConnection_untilTheTokenExpires() {
    assertThat(backend.answer(connect)).isEqualTo("{\"statusCode\":200}");
    assertThat(connections())
        .containsExactly(
            new Connections.Connection(
                Backend.CONNECTION, ANA, Backend.CONNECTED_AT, Backend.TOKEN_EXPIRES_AT));
  }

  @Test
  void longToken_endsAfterTwoHours_inWholeSeconds() {
    tokenExpiresAt(Backend.NOW.plus(Duration.ofDays(1)));
    backend.answer(connect);
    assertThat(connections())
        .singleElement()
        .extracting(Connections.Connection::expiresAt)
        .hasToString("2026-11-24T04:03:05Z");
  }

  @Test
  void tokenWithAnEndlessExpiry_endsAfterTwoHoursToo() {
    connect.getRequestContext().getAuthorizer().put("exp", "31556889864403199");
    assertThat(backend.status(connect)).isEqualTo(200);
    assertThat(connections()).hasSize(1);
  }

  @Test
  void tokenThatExpiredMeanwhile_isUnauthorized() {
    tokenExpiresAt(Backend.NOW);
    assertThat(backend.status(connect)).isEqualTo(401);
    assertThat(connections()).isEmpty();
  }

  @Test
  void name_isKept_whereThereIsOne() {
    backend.status(connect);
    assertThat(backend.table.users().names(List.of(ANA))).isEmpty();

    connect.getRequestContext().getAuthorizer().put("name", "Ana 🌊");
    backend.status(connect);
    assertThat(backend.table.users().names(List.of(ANA))).containsEntry(ANA, "Ana 🌊");
  }

  @Test
  void disconnect_forgetsTheConnection_andNothingElse() {
    backend.status(connect);
    ChatId lobby = backend.chat("lobby", "open", "ana");
    Position since = Position.of("1", 0);
    var subscription =
        new Subscriptions.Subscription(
            Backend.CONNECTION, ANA, 1, since, null, since, Backend.TOKEN_EXPIRES_AT);
    backend.table.subscriptions().put(lobby, subscription);

    assertThat(backend.answer(Backend.event("DISCONNECT", "ana")))
        .isEqualTo("{\"statusCode\":200}");

    assertThat(connections()).isEmpty();
    assertThat(backend.table.subscriptions().of(lobby, Backend.NOW)).containsExactly(subscription);
    assertThat(backend.stream.events).isEmpty();
    assertThat(backend.status(Backend.event("DISCONNECT", "ana"))).as("again").isEqualTo(200);
  }

  @Test
  void tableThatStaysAway_refusesTheConnection() {
    backend.tableFaults.put(TableCall.CONNECTIONS_PUT, Faults.Fault.NOT_DONE);
    assertThat(backend.status(connect)).isEqualTo(503);
    assertThat(backend.context.log).singleElement().asString().contains("\"unavailable\"");
  }

  @Test
  void faultOfOurs_refusesTheConnection() {
    backend.bug = new IllegalStateException("a bug");
    assertThat(backend.answer(connect)).isEqualTo("{\"statusCode\":500}");
    assertThat(backend.status(Backend.event("DISCONNECT", "ana"))).isEqualTo(500);
  }

  @Test
  void missingAuthorizer_isAFaultOfTheDeployment() {
    connect.getRequestContext().setAuthorizer(null);
    assertThat(backend.status(connect)).isEqualTo(500);
    assertThat(backend.context.log).singleElement().asString().contains("attach the authorizer");

    APIGatewayV2WebSocketEvent frame = Backend.event("MESSAGE", "ana");
    frame.getRequestContext().setAuthorizer(null);
    frame.setBody("{\"action\":\"chats\"}");
    assertThat(backend.answer(frame)).contains("INTERNAL");
  }

  @Test
  void whatIsNoEvent_isRefused() {
    assertThat(backend.answer("{}".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .isEqualTo("{\"statusCode\":400}");
  }

  @Test
  void frame_getsItsAnswer_fromWhicheverHandler() {
    assertThat(backend.ask("ana", new ClientFrame.Chats(null, null, 10))).isNotNull();
  }
}
