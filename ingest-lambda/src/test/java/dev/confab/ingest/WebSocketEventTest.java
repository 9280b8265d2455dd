package dev.confab.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2WebSocketEvent;
import com.amazonaws.services.lambda.runtime.serialization.events.LambdaEventSerializers;
import dev.confab.events.ConnectionId;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.UserId;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds our parsing against AWS' own type of the event. */
class WebSocketEventTest {
  /** As API Gateway's documentation shows it, with an authorizer's context. */
  private static final String MESSAGE =
      """
      {
        "requestContext": {
          "routeKey": "sendMessage",
          "authorizer": {
            "userId": "ana", "name": "Ana 🌊", "exp": "1795489445",
            "principalId": "ana", "integrationLatency": 204
          },
          "messageId": "L0SM9dGFvHcCIhw=",
          "eventType": "MESSAGE",
          "extendedRequestId": "JKJaXmPLvHcESHA=",
          "requestTime": "24/Nov/2026:02:04:05 +0000",
          "messageDirection": "IN",
          "stage": "prod",
          "connectedAt": 1795485845123,
          "requestTimeEpoch": 1795485846123,
          "identity": {"userAgent": "wscat", "sourceIp": "192.0.2.3"},
          "requestId": "JKJaXmPLvHcESHA=",
          "domainName": "abcdef123.execute-api.eu-west-1.amazonaws.com",
          "connectionId": "L0SM9cOFvHcCIhw=",
          "apiId": "abcdef123"
        },
        "body": "{\\"action\\":\\"sendMessage\\"}",
        "isBase64Encoded": false
      }""";

  private static APIGatewayV2WebSocketEvent pojo(String json) {
    return LambdaEventSerializers.serializerFor(
            APIGatewayV2WebSocketEvent.class, WebSocketEventTest.class.getClassLoader())
        .fromJson(new ByteArrayInputStream(json.getBytes(UTF_8)));
  }

  @Test
  void documentedEvent_isRead() throws Exception {
    assertThat(WebSocketEvent.parse(MESSAGE.getBytes(UTF_8)))
        .isEqualTo(
            new WebSocketEvent(
                WebSocketEvent.Kind.MESSAGE,
                "sendMessage",
                new ConnectionId("L0SM9cOFvHcCIhw="),
                Instant.parse("2026-11-24T02:04:05.123Z"),
                "JKJaXmPLvHcESHA=",
                new Principal(new UserId("ana"), "Ana 🌊", Instant.parse("2026-11-24T03:04:05Z")),
                "{\"action\":\"sendMessage\"}"));
  }

  @Test
  void documentedEvent_readsAsAwsOwnTypeDoes() throws Exception {
    APIGatewayV2WebSocketEvent theirs = pojo(MESSAGE);
    WebSocketEvent ours = WebSocketEvent.parse(MESSAGE.getBytes(UTF_8));

    APIGatewayV2WebSocketEvent.RequestContext context = theirs.getRequestContext();
    assertThat(ours.kind().name()).isEqualTo(context.getEventType());
    assertThat(ours.routeKey()).isEqualTo(context.getRouteKey());
    assertThat(ours.connectionId().value()).isEqualTo(context.getConnectionId());
    assertThat(ours.connectedAt().toEpochMilli()).isEqualTo(context.getConnectedAt());
    assertThat(ours.requestId()).isEqualTo(context.getRequestId());
    assertThat(ours.body()).isEqualTo(theirs.getBody());
    assertThat(ours.principal())
        .extracting(Principal::userId)
        .hasToString((String) context.getAuthorizer().get("userId"));
    assertThat(WebSocketEvent.parse(Backend.json(theirs))).isEqualTo(ours);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CONNECT", "DISCONNECT", "MESSAGE"})
  void eventThatAwsOwnTypeWrites_isRead(String type) throws Exception {
    APIGatewayV2WebSocketEvent theirs = Backend.event(type, "ana");
    theirs.setHeaders(Map.of("Host", "x", "Origin", "https://chat.example.com"));
    theirs.setQueryStringParameters(Map.of("token", "x.y.z"));

    WebSocketEvent ours = WebSocketEvent.parse(Backend.json(theirs));

    assertThat(ours.kind()).hasToString(type);
    assertThat(ours.body()).isNull();
    assertThat(ours.principal())
        .isEqualTo(new Principal(new UserId("ana"), null, Backend.TOKEN_EXPIRES_AT));
  }

  @Test
  void base64Body_isDecoded() throws Exception {
    APIGatewayV2WebSocketEvent event = Backend.event("MESSAGE", "ana");
    event.setIsBase64Encoded(true);
    event.setBody(Base64.getEncoder().encodeToString("{\"a\":\"ñ\"}".getBytes(UTF_8)));
    assertThat(WebSocketEvent.parse(Backend.json(event)).body()).isEqualTo("{\"a\":\"ñ\"}");

    event.setBody(Base64.getEncoder().encodeToString(new byte[] {(byte) 0xc3, 0x28}));
    assertThat(WebSocketEvent.parse(Backend.json(event)).body()).isNull();
    event.setBody("not base64!");
    assertThat(WebSocketEvent.parse(Backend.json(event)).body()).isNull();
  }

  @Test
  void eventWithoutAuthorizer_hasNoPrincipal() throws Exception {
    APIGatewayV2WebSocketEvent event = Backend.event("MESSAGE", "ana");
    event.getRequestContext().setAuthorizer(new HashMap<>(Map.of("principalId", "ana")));
    assertThat(WebSocketEvent.parse(Backend.json(event)).principal()).isNull();
    event.getRequestContext().setAuthorizer(null);
    assertThat(WebSocketEvent.parse(Backend.json(event)).principal()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"requestContext\":{}}",
        "{\"requestContext\":{\"eventType\":\"ELSE\",\"routeKey\":\"x\",\"connectionId\":\"x\","
            + "\"connectedAt\":1,\"requestId\":\"x\"}}",
        "{\"requestContext\":{\"eventType\":\"MESSAGE\",\"routeKey\":\"x\",\"connectionId\":\"#\","
            + "\"connectedAt\":1,\"requestId\":\"x\"}}",
        "{\"requestContext\":{\"eventType\":\"MESSAGE\",\"routeKey\":\"x\",\"connectionId\":\"x\","
            + "\"connectedAt\":\"1\",\"requestId\":\"x\"}}",
        "{\"requestContext\":{\"eventType\":\"MESSAGE\",\"routeKey\":\"x\",\"connectionId\":\"x\","
            + "\"connectedAt\":1,\"requestId\":\"x\",\"authorizer\":{\"userId\":\"ana\"}}}",
        "{\"requestContext\":{\"eventType\":\"MESSAGE\",\"routeKey\":\"x\",\"connectionId\":\"x\","
            + "\"connectedAt\":1,\"requestId\":\"x\",\"authorizer\":{\"userId\":\"ana\","
            + "\"exp\":\"99999999999999999\"}}}"
      })
  void whatIsNoEvent_isRefused(String json) {
    assertThatThrownBy(() -> WebSocketEvent.parse(json.getBytes(UTF_8)))
        .isInstanceOf(InvalidJsonException.class);
  }
}
