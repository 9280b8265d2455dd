package dev.confab.local.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2WebSocketEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2WebSocketEvent.RequestContext;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import com.amazonaws.services.lambda.runtime.serialization.events.LambdaEventSerializers;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Events through AWS' own type for them, and byte for byte where it says nothing. */
class EventShapeTest {
  private static final Instant NOW = Instant.parse("2026-11-24T02:04:05.123Z");
  private static final Client CLIENT =
      new Client("L0SM9cOFvHcCIhw=", NOW.minusSeconds(60), "127.0.0.1", "test/1");
  private static final Map<String, String> AUTHORIZER = Map.of("principalId", "ana");

  private final Events events =
      new Events(
          GatewayConfig.onLoopback(8080),
          "localhost:8080",
          new RequestIds(new SplittableRandom(1)),
          Clock.fixed(NOW, ZoneOffset.UTC));

  private static APIGatewayV2WebSocketEvent parse(byte[] event) {
    PojoSerializer<APIGatewayV2WebSocketEvent> serializer =
        LambdaEventSerializers.serializerFor(
            APIGatewayV2WebSocketEvent.class, EventShapeTest.class.getClassLoader());
    return serializer.fromJson(new ByteArrayInputStream(event));
  }

  private static ConnectRequest request() {
    TreeMap<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.put("Host", List.of("localhost"));
    headers.put("X-Two", List.of("1", "2"));
    return new ConnectRequest(CLIENT, headers, Map.of("token", List.of("t")));
  }

  @Test
  void connect() {
    APIGatewayV2WebSocketEvent event = parse(events.connect(request(), AUTHORIZER));
    assertThat(event.getHeaders()).containsEntry("Host", "localhost").containsEntry("X-Two", "2");
    assertThat(event.getMultiValueHeaders()).containsEntry("X-Two", List.of("1", "2"));
    assertThat(event.getQueryStringParameters()).containsExactly(Map.entry("token", "t"));
    assertThat(event.getMultiValueQueryStringParameters())
        .containsExactly(Map.entry("token", List.of("t")));
    assertThat(event.isIsBase64Encoded()).isFalse();
    assertThat(event.getBody()).isNull();
    RequestContext context = event.getRequestContext();
    assertCommon(context, "$connect", "CONNECT");
    assertThat(context.getMessageId()).isNull();
  }

  @Test
  void message() {
    APIGatewayV2WebSocketEvent event =
        parse(events.message(CLIENT, AUTHORIZER, "join", "requestIdOfFrame", "{\"a\":\"ü\"}"));
    assertThat(event.getBody()).isEqualTo("{\"a\":\"ü\"}");
    assertThat(event.isIsBase64Encoded()).isFalse();
    assertThat(event.getHeaders()).isNull();
    RequestContext context = event.getRequestContext();
    assertCommon(context, "join", "MESSAGE");
    assertThat(context.getRequestId()).isEqualTo("requestIdOfFrame");
    assertThat(context.getMessageId()).hasSize(16).endsWith("=");
  }

  private static void assertCommon(RequestContext context, String routeKey, String eventType) {
    assertThat(context.getRouteKey()).isEqualTo(routeKey);
    assertThat(context.getEventType()).isEqualTo(eventType);
    assertThat(context.getMessageDirection()).isEqualTo("IN");
    assertThat(context.getConnectionId()).isEqualTo("L0SM9cOFvHcCIhw=");
    assertThat(context.getConnectedAt()).isEqualTo(NOW.minusSeconds(60).toEpochMilli());
    assertThat(context.getRequestTimeEpoch()).isEqualTo(NOW.toEpochMilli());
    assertThat(context.getRequestTime()).isEqualTo("24/Nov/2026:02:04:05 +0000");
    assertThat(context.getStage()).isEqualTo("local");
    assertThat(context.getApiId()).isEqualTo("confab");
    assertThat(context.getDomainName()).isEqualTo("localhost:8080");
    assertThat(context.getExtendedRequestId()).isNotEmpty();
    assertThat(context.getRequestId()).isNotEmpty();
    assertThat(context.getIdentity().getSourceIp()).isEqualTo("127.0.0.1");
    assertThat(context.getIdentity().getUserAgent()).isEqualTo("test/1");
    assertThat(context.getAuthorizer()).isEqualTo(Map.of("principalId", "ana"));
  }

  @Test
  void disconnect() {
    String event =
        new String(
            events.disconnect(CLIENT, AUTHORIZER, Ending.GOING_AWAY), StandardCharsets.UTF_8);
    assertCommon(
        parse(event.getBytes(StandardCharsets.UTF_8)).getRequestContext(),
        "$disconnect",
        "DISCONNECT");
    assertThat(event) // AWS' type has neither
        .contains("\"disconnectStatusCode\":1001,\"disconnectReason\":\"Going away\"")
        .contains("\"isBase64Encoded\":false");
  }
}
