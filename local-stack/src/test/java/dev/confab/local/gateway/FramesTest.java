package dev.confab.local.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client's frames do. */
class FramesTest {
  private static final int FRAME = 32 * 1024;
  private static final int MESSAGE = 128 * 1024;

  private final TestGateway gateway = new TestGateway();

  @BeforeEach
  void start() throws Exception {
    gateway.start();
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  @Test
  void actionSelectsTheRoute_andItsBodyComesBack() throws Exception {
    TestSocket client = gateway.open();
    String frame = "{\"action\":\"echo\",\"text\":\"ünï\"}";
    client.send(frame);
    assertThat(client.next()).isEqualTo(frame);

    JsonNode event = gateway.echo.nextEvent();
    assertThat(event.get("body").asText()).isEqualTo(frame);
    assertThat(event.get("isBase64Encoded").asBoolean(true)).isFalse();
    assertThat(event.has("headers")).isFalse();
    JsonNode context = event.get("requestContext");
    assertThat(context.get("routeKey").asText()).isEqualTo("echo");
    assertThat(context.get("eventType").asText()).isEqualTo("MESSAGE");
    assertThat(context.get("messageId").asText()).matches("[A-Za-z0-9_-]{15}=");
    assertThat(context.get("connectionId").asText()).isEqualTo(gateway.openedId());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"action\":\"other\"}",
        "{\"action\":\"$connect\"}",
        "{\"action\":\"$disconnect\"}",
        "{\"action\":{\"echo\":1}}",
        "{\"action\":\"echo\"",
        "{\"action\":\"echo\"} {}",
        "[\"action\",\"echo\"]",
        "{\"inner\":{\"action\":\"echo\"}}",
        "echo",
        ""
      })
  void whatSelectsNoRoute_goesToDefault(String frame) throws Exception {
    TestSocket client = gateway.open();
    client.send(frame);
    assertThat(client.next()).isEqualTo("default");
    assertThat(gateway.fallback.nextEvent().at("/requestContext/routeKey").asText())
        .isEqualTo("$default");
  }

  @Test
  void routeWithoutRouteResponse_answersNothing() throws Exception {
    TestSocket client = gateway.open();
    client.send("{\"action\":\"tell\"}");
    gateway.echo.nextEvent();
    client.send("{\"action\":\"echo\"}");
    assertThat(client.next()).isEqualTo("{\"action\":\"echo\"}");
    assertThat(client.messagesWaiting()).isZero();
  }

  @Test
  void functionThatFails_isAnInternalServerError() throws Exception {
    TestSocket client = gateway.open();
    String id = gateway.openedId();
    gateway.echo.now(
        (_, _) -> {
          throw new IllegalStateException("the stream is out of reach");
        });
    client.send("{\"action\":\"echo\"}");
    JsonNode error = TestFunction.JSON.readTree(client.next());
    assertThat(error.get("message").asText()).isEqualTo("Internal server error");
    assertThat(error.get("connectionId").asText()).isEqualTo(id);
    assertThat(error.get("requestId"))
        .isEqualTo(gateway.echo.nextEvent().at("/requestContext/requestId"));

    gateway.echo.nowAnswering("{\"noStatus\":1}");
    client.send("{\"action\":\"echo\"}");
    assertThat(client.next()).contains("Internal server error");
  }

  @Test
  void framesOfOneConnection_runAtOnce() throws Exception {
    CountDownLatch secondRan = new CountDownLatch(1);
    gateway.echo.now(
        (event, _) -> {
          boolean first = event.get("body").asText().contains("first");
          if (first) {
            assertThat(secondRan.await(20, TimeUnit.SECONDS)).isTrue();
          } else {
            secondRan.countDown();
          }
          return "{\"statusCode\":200,\"body\":\"%s\"}".formatted(first ? "first" : "second");
        });
    TestSocket client = gateway.open();
    client.send("{\"action\":\"echo\",\"n\":\"first\"}");
    client.send("{\"action\":\"echo\",\"n\":\"second\"}");
    assertThat(List.of(client.next(), client.next())).containsExactlyInAnyOrder("first", "second");
  }

  @Test
  void largestFrameAndMessage_pass() throws Exception {
    try (RawSocket client = RawSocket.open(gateway.uri())) {
      client.send(RawSocket.TEXT, true, bytes(FRAME));
      gateway.fallback.nextEvent();
      client.receive();
      client.send(RawSocket.TEXT, false, bytes(FRAME));
      client.send(RawSocket.CONTINUATION, false, bytes(FRAME));
      client.send(RawSocket.CONTINUATION, false, bytes(FRAME));
      client.send(RawSocket.CONTINUATION, true, bytes(MESSAGE - 3 * FRAME));
      assertThat(gateway.fallback.nextEvent().get("body").asText()).hasSize(MESSAGE);
    }
  }

  @Test
  void frameAboveTheLimit_closesWith1009() throws Exception {
    try (RawSocket client = RawSocket.open(gateway.uri())) {
      client.send(RawSocket.TEXT, true, bytes(FRAME + 1));
      assertClosedWith(client, 1009);
    }
  }

  @Test
  void messageAboveTheLimit_closesWith1009() throws Exception {
    try (RawSocket client = RawSocket.open(gateway.uri())) {
      client.send(RawSocket.TEXT, false, bytes(FRAME));
      client.send(RawSocket.CONTINUATION, false, bytes(FRAME));
      client.send(RawSocket.CONTINUATION, false, bytes(FRAME));
      client.send(RawSocket.CONTINUATION, false, bytes(FRAME));
      client.send(RawSocket.CONTINUATION, true, bytes(1));
      assertClosedWith(client, 1009);
      assertThat(gateway.fallback.eventsWaiting()).isZero();
    }
  }

  @Test
  void brokenUtf8_closesWith1007() throws Exception {
    try (RawSocket client = RawSocket.open(gateway.uri())) {
      client.send(RawSocket.TEXT, true, new byte[] {'a', (byte) 0xC3, '('});
      assertClosedWith(client, 1007);
    }
  }

  @Test
  void characterCutByFragments_isWhole() throws Exception {
    byte[] euro = "€".getBytes(StandardCharsets.UTF_8);
    try (RawSocket client = RawSocket.open(gateway.uri())) {
      client.send(RawSocket.TEXT, false, new byte[] {euro[0]});
      client.send(RawSocket.CONTINUATION, true, new byte[] {euro[1], euro[2]});
      assertThat(gateway.fallback.nextEvent().get("body").asText()).isEqualTo("€");
    }
  }

  @Test
  void binaryFrame_closesWith1003() throws Exception {
    try (RawSocket client = RawSocket.open(gateway.uri())) {
      client.send(RawSocket.BINARY, true, bytes(3));
      assertClosedWith(client, 1003);
    }
  }

  @Test
  void unmaskedFrame_closesWith1002() throws Exception {
    try (RawSocket client = RawSocket.open(gateway.uri())) {
      client.send(RawSocket.TEXT, true, bytes(3), false);
      assertClosedWith(client, 1002);
    }
  }

  @Test
  void ping_isAnsweredWithItsPayload() throws Exception {
    TestSocket client = gateway.open();
    client
        .socket()
        .sendPing(ByteBuffer.wrap("are you there".getBytes(StandardCharsets.UTF_8)))
        .join();
    assertThat(client.nextPong()).isEqualTo("are you there");
  }

  private void assertClosedWith(RawSocket client, int code) throws Exception {
    RawSocket.Frame frame = client.receive();
    assertThat(frame.opcode()).isEqualTo(RawSocket.CLOSE);
    assertThat(frame.closeCode()).isEqualTo(code);
    assertThat(client.isAtEnd()).isTrue();
    client.close();
    JsonNode event = gateway.disconnect.nextEvent();
    assertThat(event.at("/requestContext/disconnectStatusCode").asInt()).isEqualTo(code);
  }

  private static byte[] bytes(int count) {
    return "x".repeat(count).getBytes(StandardCharsets.US_ASCII);
  }
}
