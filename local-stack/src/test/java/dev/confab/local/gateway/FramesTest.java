package dev.confab.local.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client's frames do. */
class FramesTest {
  private static final int FRAME = 32 * 1024;
  private static final int MESSAGE = 128 * 1024;

  private final TestGateway gateway = new TestGateway();

  @AfterEach
  void stop() {
    gateway.close();
  }

  @Test
  void actionSelectsTheRoute_andItsBodyComesBack() throws Exception {
    gateway.start();
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
    gateway.start();
    TestSocket client = gateway.open();
    client.send(frame);
    assertThat(client.next()).isEqualTo("default");
    assertThat(gateway.fallback.nextEvent().at("/requestContext/routeKey").asText())
        .isEqualTo("$default");
  }

  @Test
  void routeWithoutRouteResponse_answersNothing() throws Exception {
    gateway.start();
    TestSocket client = gateway.open();
    client.send("{\"action\":\"tell\"}");
    gateway.echo.nextEvent();
    client.send("{\"action\":\"echo\"}");
    assertThat(client.next()).isEqualTo("{\"action\":\"echo\"}");
    assertThat(client.messagesWaiting()).isZero();
  }

  @Test
  void functionThatFails_isAnInternalServerError() throws Exception {
    gateway.start();
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
    gateway.start();
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
    gateway.start();
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
    gateway.start();
    try (RawSocket client = RawSocket.open(gateway.uri())) {
      client.send(RawSocket.TEXT, true, bytes(FRAME + 1));
      assertClosedWith(client, 1009);
    }
  }

  @Test
  void messageAboveTheLimit_closesWith1009() throws Exception {
    gateway.start();
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
    gateway.start();
    try (RawSocket client = RawSocket.open(gateway.uri())) {
      client.send(RawSocket.TEXT, true, new byte[] {'a', (byte) 0xC3, '('});
      assertClosedWith(client, 1007);
    }
  }

  @Test
  void characterCutByFragments_isWhole() throws Exception {
    gateway.start();
    byte[] euro = "€".getBytes(StandardCharsets.UTF_8);
    try (RawSocket client = RawSocket.open(gateway.uri())) {
      client.send(RawSocket.TEXT, false, new byte[] {euro[0]});
      client.send(RawSocket.CONTINUATION, true, new byte[] {euro[1], euro[2]});
      assertThat(gateway.fallback.nextEvent().get("body").asText()).isEqualTo("€");
    }
  }

  @Test
  void binaryFrame_closesWith1003() throws Exception {
    gateway.start();
    try (RawSocket client = RawSocket.open(gateway.uri())) {
      client.send(RawSocket.BINARY, true, bytes(3));
      assertClosedWith(client, 1003);
    }
  }

  @Test
  void unmaskedFrame_closesWith1002() throws Exception {
    gateway.start();
    try (RawSocket client = RawSocket.open(gateway.uri())) {
      client.send(RawSocket.TEXT, true, bytes(3), false);
      assertClosedWith(client, 1002);
    }
  }

  @Test
  void ping_isAnsweredWithItsPayload() throws Exception {
    gateway.start();
    TestSocket client = gateway.open();
    client
        .socket()
        .sendPing(ByteBuffer.wrap("are you there".getBytes(StandardCharsets.UTF_8)))
        .join();
    assertThat(client.nextPong()).isEqualTo("are you there");
  }

  @Test
  void frameWithoutAnyRoute_isForbidden() throws Exception {
    gateway.routes.remove("$default");
    gateway.start();
    TestSocket client = gateway.open();
    client.send("{\"action\":\"other\"}");
    JsonNode error = TestFunction.JSON.readTree(client.next());
    assertThat(error.get("message").asText()).isEqualTo("Forbidden");
    assertThat(error.get("connectionId").asText()).isEqualTo(gateway.openedId());
  }

  @Test
  void framesAboveTheRoutesRate_areTooMany() throws Exception {
    gateway.routes.computeIfPresent(
        "echo", (_, route) -> new Route(route.function(), true, new Throttle(0.001, 1)));
    gateway.start();
    TestSocket client = gateway.open();
    client.send("{\"action\":\"echo\"}");
    assertThat(client.next()).isEqualTo("{\"action\":\"echo\"}");
    client.send("{\"action\":\"echo\"}");
    assertThat(client.next()).contains("\"message\":\"Too Many Requests\"");
    client.send("{\"action\":\"other\"}");
    assertThat(client.next()).isEqualTo("default");
  }

  @Test
  void functionThatTakesTooLong_isCutOff() throws Exception {
    gateway.limits = gateway.limits.withIntegrationTimeout(Duration.ofMillis(200));
    gateway.start();
    CountDownLatch interrupted = new CountDownLatch(1);
    gateway.echo.now(
        (_, _) -> {
          try {
            Thread.sleep(Duration.ofMinutes(1));
          } catch (InterruptedException cutOff) {
            interrupted.countDown();
          }
          return "{\"statusCode\":200,\"body\":\"too late\"}";
        });
    TestSocket client = gateway.open();
    client.send("{\"action\":\"echo\"}");
    assertThat(client.next()).contains("Endpoint request timed out");
    assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
    client.send("{\"action\":\"other\"}");
    assertThat(client.next()).isEqualTo("default");
  }

  @Test
  void functionsError_isContained() throws Exception {
    gateway.start();
    gateway.echo.now(
        (_, _) -> {
          throw new StackOverflowError("a function's own");
        });
    TestSocket client = gateway.open();
    client.send("{\"action\":\"echo\"}");
    assertThat(client.next()).contains("Internal server error");
  }

  @Test
  void framesAboveTheBound_wait_andAreNotLost() throws Exception {
    gateway.limits = gateway.limits.withFramesInFlight(2);
    gateway.start();
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Semaphore ends = new Semaphore(0);
    gateway.echo.now(
        (_, _) -> {
          most.accumulateAndGet(running.incrementAndGet(), Math::max);
          ends.acquire();
          running.decrementAndGet();
          return "{\"statusCode\":200,\"body\":\"done\"}";
        });
    int frames = 100;
    try (RawSocket client = RawSocket.open(gateway.uri())) {
      for (int i = 0; i < frames; i++) {
        client.send(RawSocket.TEXT, true, "{\"action\":\"echo\"}".getBytes(StandardCharsets.UTF_8));
      }
      for (int i = 0; i < frames; i++) {
        gateway.echo.nextEvent();
        ends.release();
        assertThat(client.receive().payload()).isEqualTo("done");
      }
    }
    assertThat(most).hasValue(2);
  }

  @Test
  void clientThatReadsNoReplies_isHeldBack_andLosesNone() throws Exception {
    gateway.start();
    int frames = 1_500; // 45 MB, more than the sockets of both sides hold
    byte[] frame =
        ("{\"action\":\"echo\",\"text\":\"" + "x".repeat(30_000) + "\"}")
            .getBytes(StandardCharsets.UTF_8);
    try (RawSocket client = RawSocket.open(gateway.uri())) {
      Thread sending =
          Thread.startVirtualThread(
              () -> {
                try {
                  for (int i = 0; i < frames; i++) {
                    client.send(RawSocket.TEXT, true, frame);
                  }
                } catch (IOException broken) {
                  throw new UncheckedIOException(broken);
                }
              });
      // Reads nothing until the sender is stuck or done: a stuck one is what is to be seen here.
      AtomicInteger seen = new AtomicInteger();
      Awaitility.await()
          .atMost(TestFunction.PATIENCE)
          .pollInterval(Duration.ofMillis(300))
          .until(
              () -> {
                int now = gateway.echo.eventsWaiting();
                return now > 0 && now == seen.getAndSet(now);
              });
      assertThat(sending.isAlive()).isTrue();
      for (int i = 0; i < frames; i++) {
        assertThat(client.receive().payload()).hasSize(frame.length);
      }
    }
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
