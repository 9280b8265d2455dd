package dev.confab.local.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.apigatewaymanagementapi.model.GoneException;

/** Who gets in, and what the functions hear about it. */
class HandshakeTest {
  private final TestGateway gateway = new TestGateway();

  @AfterEach
  void stop() {
    gateway.close();
  }

  private int refusedWith() {
    CompletionException refused =
        catchThrowableOfType(CompletionException.class, () -> gateway.open());
    assertThat(refused).as("a refusal").isNotNull();
    if (refused.getCause() instanceof WebSocketHandshakeException answered) {
      return answered.getResponse().statusCode();
    }
    throw new AssertionError("no answer", refused);
  }

  @Test
  void authorizerThenConnect_seeTheUpgradeRequest() throws Exception {
    gateway.start();
    TestSocket.open(
        gateway.http.newWebSocketBuilder().header("X-Colour", "blue"),
        URI.create(gateway.uri() + "&lang=de&lang=en"));

    JsonNode authorization = gateway.authorize.nextEvent();
    assertThat(authorization.get("type").asText()).isEqualTo("REQUEST");
    assertThat(authorization.get("methodArn").asText())
        .isEqualTo("arn:aws:execute-api:us-east-1:000000000000:confab/local/$connect");
    assertThat(authorization.at("/queryStringParameters/token").asText()).isEqualTo("t");
    assertThat(authorization.at("/headers/X-Colour").asText()).isEqualTo("blue");
    assertThat(authorization.at("/requestContext/routeKey").asText()).isEqualTo("$connect");

    JsonNode connected = gateway.connect.nextEvent();
    assertThat(connected.at("/queryStringParameters/lang").asText()).isEqualTo("en");
    assertThat(connected.at("/multiValueQueryStringParameters/lang"))
        .extracting(JsonNode::asText)
        .containsExactly("de", "en");
    assertThat(connected.at("/multiValueHeaders/X-Colour/0").asText()).isEqualTo("blue");
    assertThat(connected.at("/headers/X-Forwarded-For").asText()).isEqualTo("127.0.0.1");
    assertThat(connected.get("isBase64Encoded").asBoolean(true)).isFalse();
    JsonNode context = connected.get("requestContext");
    assertThat(context.get("eventType").asText()).isEqualTo("CONNECT");
    assertThat(context.get("messageDirection").asText()).isEqualTo("IN");
    assertThat(context.get("connectionId").asText()).matches("[A-Za-z0-9_-]{15}=");
    assertThat(context.get("connectionId"))
        .isEqualTo(authorization.at("/requestContext/connectionId"));
    assertThat(context.get("stage").asText()).isEqualTo("local");
    assertThat(context.get("apiId").asText()).isEqualTo("confab");
    assertThat(context.at("/identity/sourceIp").asText()).isEqualTo("127.0.0.1");
    assertThat(context.at("/identity/userAgent").asText()).startsWith("Java-http-client/");
    assertThat(context.get("requestTime").asText())
        .matches("\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d \\+0000");
    assertThat(context.get("connectedAt").asLong())
        .isLessThanOrEqualTo(context.get("requestTimeEpoch").asLong())
        .isGreaterThan(1_700_000_000_000L);
    assertThat(context.get("domainName").asText()).isEqualTo(gateway.uri().getAuthority());
  }

  @Test
  void authorizersContext_isInEveryLaterEvent_asStrings() throws Exception {
    gateway.start();
    TestSocket client = gateway.open();
    client.send("{\"action\":\"echo\"}");
    client.next();
    client.socket().sendClose(1000, "bye").join();

    for (TestFunction function : List.of(gateway.connect, gateway.echo, gateway.disconnect)) {
      JsonNode authorizer = function.nextEvent().at("/requestContext/authorizer");
      assertThat(authorizer.toString())
          .contains("\"userId\":\"ana\"", "\"principalId\":\"ana\"")
          .contains("\"exp\":\"1795000000\"", "\"admin\":\"true\"");
    }
    assertThat(gateway.authorize.eventsWaiting()).isEqualTo(1);
  }

  @Test
  void missingIdentity_is401_andTheAuthorizerIsNotCalled() throws Exception {
    gateway.identitySources = List.of("route.request.header.Authorization");
    gateway.start();
    assertThat(refusedWith()).isEqualTo(401);
    assertThat(gateway.authorize.eventsWaiting()).isZero();
  }

  @Test
  void authorizerThatFailsAsUnauthorized_is401() throws Exception {
    gateway.start();
    gateway.authorize.now(
        (_, _) -> {
          throw new IllegalStateException("Unauthorized");
        });
    assertThat(refusedWith()).isEqualTo(401);
  }

  @Test
  void authorizerThatFailsOtherwise_is500() throws Exception {
    gateway.start();
    gateway.authorize.now(
        (_, _) -> {
          throw new IllegalStateException("the key set is out of reach");
        });
    assertThat(refusedWith()).isEqualTo(500);
    assertThat(gateway.connect.eventsWaiting()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Deny  | *                                                              | 403
          Allow | arn:aws:execute-api:us-east-1:000000000000:other/local/$connect | 403
          Allow | arn:aws:execute-api:*:*:confab/*                               | 101
          Allow | *                                                              | 101
          """)
  void policyDecides(String effect, String resource, int status) throws Exception {
    gateway.start();
    gateway.authorize.nowAnswering(
        """
        {"principalId":"ana","policyDocument":{"Statement":[
          {"Action":"execute-api:Invoke","Effect":"%s","Resource":"%s"}]}}\
        """
            .formatted(effect, resource));
    if (status == 101) {
      gateway.open().send("hello");
    } else {
      assertThat(refusedWith()).isEqualTo(status);
    }
  }

  @Test
  void connectThatAnswersNo_refusesWithItsStatus() throws Exception {
    gateway.start();
    gateway.connect.nowAnswering("{\"statusCode\":409}");
    assertThat(refusedWith()).isEqualTo(409);
  }

  @Test
  void connectThatFails_is502_andThatTakesTooLong_504() throws Exception {
    gateway.limits = gateway.limits.withIntegrationTimeout(Duration.ofMillis(200));
    gateway.start();
    gateway.connect.now(
        (_, _) -> {
          throw new IllegalStateException("the table is out of reach");
        });
    assertThat(refusedWith()).isEqualTo(502);
    gateway.connect.nowAnswering("no proxy response");
    assertThat(refusedWith()).isEqualTo(502);
    gateway.connect.now(
        (_, _) -> {
          Thread.sleep(Duration.ofMinutes(1));
          return "";
        });
    assertThat(refusedWith()).isEqualTo(504);
  }

  @Test
  void postFromInsideConnect_isGone() throws Exception {
    gateway.start();
    gateway.connect.now(
        (event, _) -> {
          String id = event.at("/requestContext/connectionId").asText();
          assertThatThrownBy(
                  () ->
                      gateway
                          .management()
                          .postToConnection(
                              r -> r.connectionId(id).data(SdkBytes.fromUtf8String("early"))))
              .isInstanceOf(GoneException.class);
          return "{\"statusCode\":200}";
        });
    gateway.open();
    String id = gateway.openedId();
    gateway
        .management()
        .postToConnection(r -> r.connectionId(id).data(SdkBytes.fromUtf8String("in time")));
  }

  @Test
  void connectChoosesTheSubprotocol() throws Exception {
    gateway.start();
    gateway.connect.nowAnswering(
        "{\"statusCode\":200,\"headers\":{\"sec-websocket-protocol\":\"chat.v1\"}}");
    TestSocket client =
        TestSocket.open(
            gateway.http.newWebSocketBuilder().subprotocols("chat.v2", "chat.v1"), gateway.uri());
    assertThat(client.socket().getSubprotocol()).isEqualTo("chat.v1");
  }

  @Test
  void withoutAnAuthorizer_everyoneComesIn() throws Exception {
    gateway.authorized = false;
    gateway.start();
    gateway.open();
    assertThat(gateway.connect.nextEvent().at("/requestContext/authorizer").isMissingNode())
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not json",
        "{\"policyDocument\":{\"Statement\":[]}}",
        "{\"principalId\":\"a\",\"policyDocument\":{\"Statement\":[{\"Effect\":\"allow\"}]}}",
        "{\"principalId\":\"a\",\"policyDocument\":{\"Statement\":[]},\"context\":{\"a\":{}}}"
      })
  void authorizersMalformedAnswer_is500(String answer) throws Exception {
    gateway.start();
    gateway.authorize.nowAnswering(answer);
    assertThat(refusedWith()).isEqualTo(500);
  }

  @Test
  void authorizersAnswerAboveEightKilobytes_is500() throws Exception {
    gateway.start();
    gateway.authorize.nowAnswering(
        "{\"principalId\":\"a\",\"policyDocument\":{\"Statement\":{\"Effect\":\"Allow\","
            + "\"Action\":\"execute-api:Invoke\",\"Resource\":\"*\"}},\"context\":{\"a\":\""
            + "x".repeat(8 * 1024)
            + "\"}}");
    assertThat(refusedWith()).isEqualTo(500);
  }

  @Test
  void connectionsAboveTheRate_are429() throws Exception {
    gateway.routes.computeIfPresent(
        "$connect", (_, route) -> new Route(route.function(), false, new Throttle(0.001, 1)));
    gateway.start();
    gateway.open();
    assertThat(refusedWith()).isEqualTo(429);
    assertThat(gateway.connect.eventsWaiting()).isEqualTo(1);
  }

  @Test
  void clientThatLeavesDuringConnect_isDisconnected() throws Exception {
    gateway.start();
    CountDownLatch left = new CountDownLatch(1);
    gateway.connect.now(
        (_, _) -> {
          assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
          return "{\"statusCode\":200}";
        });
    RawSocket client = RawSocket.http(gateway.uri("/"));
    client.write(RawSocket.upgrade(gateway.uri(), ""));
    String id = gateway.openedId();
    client.close();
    left.countDown();
    JsonNode context = gateway.disconnect.nextEvent().get("requestContext");
    assertThat(context.get("connectionId").asText()).isEqualTo(id);
    assertThat(context.get("disconnectStatusCode").asInt()).isEqualTo(1006);
  }

  @Test
  void claimedForwarding_isKeptBeforeTheTrueAddress() throws Exception {
    gateway.start();
    try (RawSocket client = RawSocket.http(gateway.uri("/"))) {
      client.write(RawSocket.upgrade(gateway.uri(), "x-forwarded-for: 10.0.0.1\r\n"));
      assertThat(client.readHead()).startsWith("HTTP/1.1 101");
    }
    JsonNode headers = gateway.connect.nextEvent().get("headers");
    assertThat(headers.get("x-forwarded-for").asText()).isEqualTo("10.0.0.1, 127.0.0.1");
    assertThat(headers.has("X-Forwarded-For")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"8000, 101", "12000, 431"})
  void token_mayFillAPIGatewaysTenKilobytes(int length, int status) throws Exception {
    gateway.start();
    URI uri = URI.create(gateway.uri() + "x".repeat(length));
    try (RawSocket client = RawSocket.http(uri)) {
      client.write(RawSocket.upgrade(uri, ""));
      assertThat(client.readHead()).startsWith("HTTP/1.1 " + status);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Sec-WebSocket-Version: 13, Sec-WebSocket-Version: 8, 426",
    "Sec-WebSocket-Key, Sec-WebSocket-Kay, 400",
    "'keep-alive, Upgrade', keep-alive, 400",
    "token=t, token=%zz, 400"
  })
  void brokenUpgrade_isRefused_beforeAnyFunction(String from, String to, int status)
      throws Exception {
    gateway.start();
    try (RawSocket client = RawSocket.http(gateway.uri())) {
      client.write(RawSocket.upgrade(gateway.uri(), "").replace(from, to));
      assertThat(client.readHead()).startsWith("HTTP/1.1 " + status);
    }
    assertThat(gateway.authorize.eventsWaiting()).isZero();
  }

  @Test
  void functionsHaveAContext() throws Exception {
    gateway.start();
    gateway.connect.now(
        (_, context) -> {
          assertThat(context.getFunctionName()).isEqualTo("connect");
          assertThat(context.getInvokedFunctionArn())
              .isEqualTo("arn:aws:lambda:us-east-1:000000000000:function:connect");
          assertThat(UUID.fromString(context.getAwsRequestId()).version()).isEqualTo(4);
          assertThat(context.getXrayTraceId()).matches("Root=1-[0-9a-f]{8}-[0-9a-f]{24}");
          assertThat(context.getRemainingTimeInMillis()).isBetween(1, 29_000);
          return "{\"statusCode\":200}";
        });
    gateway.open();
  }
}
