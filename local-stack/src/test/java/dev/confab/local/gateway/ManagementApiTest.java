package dev.confab.local.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.apigatewaymanagementapi.model.ApiGatewayManagementApiException;
import software.amazon.awssdk.services.apigatewaymanagementapi.model.GetConnectionResponse;
import software.amazon.awssdk.services.apigatewaymanagementapi.model.GoneException;
import software.amazon.awssdk.services.apigatewaymanagementapi.model.LimitExceededException;
import software.amazon.awssdk.services.apigatewaymanagementapi.model.PayloadTooLargeException;

/** {@code @connections}, as the AWS SDK's client and a raw one see it. */
class ManagementApiTest {
  private final TestGateway gateway = new TestGateway();

  @AfterEach
  void stop() {
    gateway.close();
  }

  private void post(String id, String text) {
    gateway
        .management()
        .postToConnection(r -> r.connectionId(id).data(SdkBytes.fromUtf8String(text)));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return gateway.http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void post_reachesTheClient() throws Exception {
    gateway.start();
    TestSocket client = gateway.open();
    post(gateway.openedId(), "grüße");
    assertThat(client.next()).isEqualTo("grüße");
  }

  @ParameterizedTest
  @ValueSource(strings = {"@", "%40"})
  void pathsAtSign_mayBeEncoded(String at) throws Exception {
    gateway.start();
    TestSocket client = gateway.open();
    String id = gateway.openedId().replace("=", "%3D");
    HttpResponse<String> response =
        send(
            HttpRequest.newBuilder(gateway.uri("/local/" + at + "connections/" + id))
                .header("Authorization", "AWS4-HMAC-SHA256 Credential=local")
                .POST(HttpRequest.BodyPublishers.ofString("hello")));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(client.next()).isEqualTo("hello");
  }

  @Test
  void unsignedRequest_is403() throws Exception {
    gateway.start();
    gateway.open();
    String path = "/local/@connections/" + gateway.openedId().replace("=", "%3D");
    assertThat(send(HttpRequest.newBuilder(gateway.uri(path))).statusCode()).isEqualTo(403);
  }

  @Test
  void unknownConnection_isGone() throws Exception {
    gateway.start();
    assertThatThrownBy(() -> post("AAAAAAAAAAAAAAA=", "x")).isInstanceOf(GoneException.class);
    assertThatThrownBy(() -> gateway.management().getConnection(r -> r.connectionId("none")))
        .isInstanceOf(GoneException.class);
    assertThatThrownBy(() -> gateway.management().deleteConnection(r -> r.connectionId("none")))
        .isInstanceOf(GoneException.class);
  }

  @Test
  void closedConnection_isGone() throws Exception {
    gateway.start();
    TestSocket client = gateway.open();
    String id = gateway.openedId();
    client.socket().sendClose(1000, "bye").join();
    gateway.disconnect.nextEvent();
    assertThatThrownBy(() -> post(id, "x")).isInstanceOf(GoneException.class);
  }

  @Test
  void connectionWhoseCloseIsUnanswered_isGone() throws Exception {
    gateway.start();
    try (RawSocket client = RawSocket.open(gateway.uri())) {
      String id = gateway.openedId();
      gateway.management().deleteConnection(r -> r.connectionId(id));
      assertThat(client.receive().closeCode()).isEqualTo(1000);
      assertThatThrownBy(() -> post(id, "x")).isInstanceOf(GoneException.class);
      assertThatThrownBy(() -> gateway.management().getConnection(r -> r.connectionId(id)))
          .isInstanceOf(GoneException.class);
    }
  }

  @Test
  void get_tellsTheConnection() throws Exception {
    gateway.start();
    Instant before = Instant.now().minusMillis(1);
    TestSocket client = gateway.open();
    String id = gateway.openedId();
    client.send("{\"action\":\"echo\"}");
    client.next();
    GetConnectionResponse connection = gateway.management().getConnection(r -> r.connectionId(id));
    assertThat(connection.connectedAt()).isBetween(before, Instant.now());
    assertThat(connection.lastActiveAt()).isBetween(connection.connectedAt(), Instant.now());
    assertThat(connection.identity().sourceIp()).isEqualTo("127.0.0.1");
    assertThat(connection.identity().userAgent()).startsWith("Java-http-client/");
  }

  @Test
  void delete_closesTheConnection() throws Exception {
    gateway.start();
    TestSocket client = gateway.open();
    String id = gateway.openedId();
    gateway.management().deleteConnection(r -> r.connectionId(id));
    assertThat(client.closed().statusCode()).isEqualTo(1000);
    JsonNode context = gateway.disconnect.nextEvent().get("requestContext");
    assertThat(context.get("disconnectStatusCode").asInt()).isEqualTo(1000);
    assertThat(context.get("disconnectReason").asText()).isEqualTo("Connection Closed Normally");
    assertThatThrownBy(() -> post(id, "x")).isInstanceOf(GoneException.class);
  }

  @Test
  void largestMessage_comesWhole_inFramesThatFit() throws Exception {
    gateway.start();
    try (RawSocket client = RawSocket.open(gateway.uri())) {
      post(gateway.openedId(), "x".repeat(128 * 1024));
      int bytes = 0;
      RawSocket.Frame frame;
      do {
        frame = client.receive();
        assertThat(frame.opcode()).isEqualTo(bytes == 0 ? RawSocket.TEXT : RawSocket.CONTINUATION);
        assertThat(frame.payload()).hasSizeLessThanOrEqualTo(32 * 1024);
        bytes += frame.payload().length();
      } while (!frame.last());
      assertThat(bytes).isEqualTo(128 * 1024);
    }
  }

  @Test
  void messageAboveTheLimit_isTooLarge() throws Exception {
    gateway.start();
    gateway.open();
    String id = gateway.openedId();
    assertThatThrownBy(() -> post(id, "x".repeat(128 * 1024 + 1)))
        .isInstanceOf(PayloadTooLargeException.class);
    assertThatThrownBy(() -> post(id, "x".repeat(3 * 1024 * 1024)))
        .isInstanceOf(PayloadTooLargeException.class);
  }

  @Test
  void messageThatIsNotUtf8_isRefused() throws Exception {
    gateway.start();
    gateway.open();
    String id = gateway.openedId();
    ApiGatewayManagementApiException refused =
        catchThrowableOfType(
            ApiGatewayManagementApiException.class,
            () ->
                gateway
                    .management()
                    .postToConnection(
                        r ->
                            r.connectionId(id)
                                .data(SdkBytes.fromByteArray(new byte[] {(byte) 0xFF}))));
    assertThat(refused.statusCode()).isEqualTo(400);
  }

  @Test
  void clientThatDoesNotRead_fillsItsBuffer() throws Exception {
    gateway.start();
    try (RawSocket client = RawSocket.open(gateway.uri())) {
      String id = gateway.openedId();
      String text = "x".repeat(128 * 1024);
      int sent = 0;
      LimitExceededException full = null;
      while (full == null && sent < 1_000) {
        try {
          post(id, text);
          sent++;
        } catch (LimitExceededException bufferFull) {
          full = bufferFull;
        }
      }
      assertThat(full).as("429 before %s messages", sent).isNotNull();
      for (int i = 0; i < sent; i++) { // nothing that was accepted is lost
        int bytes = 0;
        RawSocket.Frame frame;
        do {
          frame = client.receive();
          bytes += frame.payload().length();
        } while (!frame.last());
        assertThat(bytes).isEqualTo(text.length());
      }
      post(id, "again");
      assertThat(client.receive().payload()).isEqualTo("again");
    }
  }

  @Test
  void postsAboveTheRate_areRefused() throws Exception {
    gateway.limits = gateway.limits.withPosts(new Throttle(0.001, 2));
    gateway.start();
    gateway.open();
    String id = gateway.openedId();
    post(id, "1");
    post(id, "2");
    assertThatThrownBy(() -> post(id, "3")).isInstanceOf(LimitExceededException.class);
  }

  @Test
  void pipelinedPosts_areWrittenAndAnsweredInOrder() throws Exception {
    gateway.start();
    TestSocket client = gateway.open();
    String path = "/local/@connections/" + gateway.openedId().replace("=", "%3D");
    StringBuilder requests = new StringBuilder();
    int posts = 500;
    for (int i = 0; i < posts; i++) {
      String body = String.valueOf(i);
      requests.append(
          "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: AWS4-x\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(i == 250 ? "/local/@connections/none" : path, body.length(), body));
    }
    try (RawSocket raw = RawSocket.http(gateway.uri("/"))) {
      raw.write(requests.toString());
      for (int i = 0; i < posts; i++) {
        String head = raw.readHead();
        assertThat(head).startsWith(i == 250 ? "HTTP/1.1 410" : "HTTP/1.1 200");
        raw.read(Integer.parseInt(head.replaceAll("(?is).*content-length: (\\d+).*", "$1")));
      }
    }
    for (int i : IntStream.range(0, posts).filter(i -> i != 250).toArray()) {
      assertThat(client.next()).isEqualTo(String.valueOf(i));
    }
  }
}
