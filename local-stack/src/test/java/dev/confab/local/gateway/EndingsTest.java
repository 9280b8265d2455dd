package dev.confab.local.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How connections end, and what {@code $disconnect} hears about it. */
@Timeout(60)
class EndingsTest {
  private final TestGateway gateway = new TestGateway();

  @AfterEach
  void stop() {
    gateway.close();
  }

  private void assertDisconnected(int statusCode, String reason) throws Exception {
    JsonNode event = gateway.disconnect.nextEvent();
    JsonNode context = event.get("requestContext");
    assertThat(context.get("routeKey").asText()).isEqualTo("$disconnect");
    assertThat(context.get("eventType").asText()).isEqualTo("DISCONNECT");
    assertThat(context.get("disconnectStatusCode").asInt()).isEqualTo(statusCode);
    assertThat(context.get("disconnectReason").asText()).isEqualTo(reason);
    assertThat(context.get("connectionId").asText()).isEqualTo(gateway.openedId());
    assertThat(event.has("headers")).isFalse();
  }

  @Test
  void clientsClose_isAnsweredWithItsCode() throws Exception {
    gateway.start();
    TestSocket client = gateway.open();
    client.socket().sendClose(4001, "enough").join();
    assertThat(client.closed().statusCode()).isEqualTo(4001);
    assertDisconnected(4001, "enough");
  }

  @Test
  void clientsCloseWithoutACode_is1005() throws Exception {
    gateway.start();
    try (RawSocket client = RawSocket.open(gateway.uri())) {
      client.send(RawSocket.CLOSE, true, new byte[0]);
      RawSocket.Frame answer = client.receive();
      assertThat(answer.opcode()).isEqualTo(RawSocket.CLOSE);
      assertThat(answer.payload()).isEmpty();
      assertThat(client.isAtEnd()).isTrue();
    }
    assertDisconnected(1005, "Client-side close frame status not set");
  }

  @Test
  void clientThatVanishes_is1006() throws Exception {
    gateway.start();
    RawSocket.open(gateway.uri()).close();
    assertDisconnected(1006, "Connection closed abnormally");
  }

  @Test
  void idleConnection_isClosedWith1001() throws Exception {
    gateway.limits = gateway.limits.withIdleTimeout(Duration.ofMillis(300));
    gateway.start();
    assertThat(gateway.open().closed().statusCode()).isEqualTo(1001);
    assertDisconnected(1001, "Going away");
  }

  @Test
  void oldConnection_isClosedWith1001_howeverActive() throws Exception {
    gateway.limits = gateway.limits.withLifetime(Duration.ofMillis(500));
    gateway.start();
    TestSocket client = gateway.open();
    client.send("{\"action\":\"echo\"}");
    client.next();
    assertThat(client.closed().statusCode()).isEqualTo(1001);
    assertDisconnected(1001, "Going away");
  }

  @Test
  void stop_closesWith1001_andLetsDisconnectEnd() throws Exception {
    gateway.start();
    TestSocket client = gateway.open();
    gateway.close();
    assertThat(client.closed().statusCode()).isEqualTo(1001);
    assertThat(gateway.disconnect.eventsWaiting()).isEqualTo(1);
    assertDisconnected(1001, "Going away");
  }

  @Test
  void peerThatDoesNotAnswerTheClose_isCutOff() throws Exception {
    gateway.limits = gateway.limits.withLifetime(Duration.ofMillis(100));
    gateway.start();
    try (RawSocket client = RawSocket.open(gateway.uri())) {
      assertThat(client.receive().closeCode()).isEqualTo(1001);
      assertDisconnected(1001, "Going away");
    }
  }
}
