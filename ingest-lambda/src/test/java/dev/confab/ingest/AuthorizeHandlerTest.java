package dev.confab.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.services.lambda.runtime.events.APIGatewayCustomAuthorizerEvent;
import com.amazonaws.services.lambda.runtime.events.IamPolicyResponse;
import com.amazonaws.services.lambda.runtime.serialization.events.LambdaEventSerializers;
import com.amazonaws.services.lambda.runtime.serialization.factories.JacksonFactory;
import com.nimbusds.jose.JWSAlgorithm;
import dev.confab.events.JsonObject;
import dev.confab.events.UserId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AuthorizeHandlerTest {
  private static final String ARN =
      "arn:aws:execute-api:eu-west-1:123456789012:abcdef123/prod/$connect";

  private final Issuer issuer = new Issuer();
  private final MutableClock clock = new MutableClock(Issuer.NOW);
  private final FakeContext context = new FakeContext();
  private final String token = Issuer.token(Issuer.claims().claim("name", "Ana"));
  private final AuthorizeHandler handler =
      new AuthorizeHandler(
          Issuer.config(JWSAlgorithm.RS256, Set.of("https://chat.example.com")), issuer, clock);

  @AfterEach
  void noTokenIsEverLogged() {
    assertThat(context.log).allSatisfy(line -> assertThat(line).doesNotContain(token));
  }

  private String ask(String event) throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    handler.handleRequest(new ByteArrayInputStream(event.getBytes(UTF_8)), output, context);
    return output.toString(UTF_8);
  }

  private static String event(Map<String, String> query, Map<String, String> headers) {
    APIGatewayCustomAuthorizerEvent event = new APIGatewayCustomAuthorizerEvent();
    event.setType("REQUEST");
    event.setMethodArn(ARN);
    event.setQueryStringParameters(query);
    event.setHeaders(headers);
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    LambdaEventSerializers.serializerFor(
            APIGatewayCustomAuthorizerEvent.class, AuthorizeHandlerTest.class.getClassLoader())
        .toJson(event, json);
    return json.toString(UTF_8);
  }

  private void assertUnauthorized(String event, String reason) {
    assertThatThrownBy(() -> ask(event))
        .isInstanceOf(UnauthorizedException.class)
        .hasMessage("Unauthorized");
    assertThat(context.log).last().asString().contains("\"reason\":\"" + reason + "\"");
  }

  private void assertForbidden(String event) throws IOException {
    String policy = ask(event);
    assertThat(policy).contains("\"Effect\":\"Deny\"").contains(ARN);
    assertThat(policy).doesNotContain("Allow").doesNotContain("context");
  }

  @Test
  void goodToken_isAllowedThatRoute_andSaysWhoItIs() throws Exception {
    String answer = ask(event(Map.of("token", token), Map.of("Host", "x")));

    JsonObject context = JsonObject.parse(answer).object("context");
    assertThat(Principal.read(context))
        .isEqualTo(new Principal(new UserId("ana"), "Ana", Instant.parse("2026-11-24T03:04:05Z")));
    var expected =
        IamPolicyResponse.builder()
            .withPrincipalId("ana")
            .withPolicyDocument(
                IamPolicyResponse.PolicyDocument.builder()
                    .withVersion(IamPolicyResponse.VERSION_2012_10_17)
                    .withStatement(List.of(IamPolicyResponse.allowStatement(ARN)))
                    .build())
            .withContext(Map.of("userId", "ana", "name", "Ana", "exp", "1795489445"))
            .build();
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    JacksonFactory.getInstance().getSerializer(IamPolicyResponse.class).toJson(expected, json);
    assertThat(tree(answer)).isEqualTo(tree(json.toString(UTF_8)));
  }

  private static Object tree(String json) {
    return JacksonFactory.getInstance().getSerializer(Map.class).fromJson(json);
  }

  @Test
  void bearerHeader_isAllowed_whateverItsCase() throws Exception {
    for (String name : List.of("Authorization", "authorization", "AUTHORIZATION")) {
      for (String scheme : List.of("Bearer ", "bearer ", "BEARER  ")) {
        assertThat(ask(event(Map.of(), Map.of(name, scheme + token)))).contains("Allow");
      }
    }
  }

  @Test
  void sameTokenTwice_isAllowed_differentOnesAreNot() throws Exception {
    String bobs = Issuer.token(Issuer.claims().subject("bob"));

    assertThat(ask(event(Map.of("token", token), Map.of("Authorization", "Bearer " + token))))
        .contains("Allow");
    assertUnauthorized(
        event(Map.of("token", token), Map.of("Authorization", "Bearer " + bobs)),
        "different tokens");
    assertUnauthorized(
        """
        {"methodArn":"arn","queryStringParameters":{"token":"%s"},
         "multiValueQueryStringParameters":{"token":["%s","%s"]}}"""
            .formatted(bobs, token, bobs),
        "different tokens");
  }

  @Test
  void noToken_isUnauthorized() {
    assertUnauthorized(event(Map.of(), Map.of()), "no token");
    assertUnauthorized(
        event(Map.of(), Map.of("Authorization", "Basic YTpi")),
        "the Authorization header is no bearer token");
    assertUnauthorized("{\"methodArn\":\"arn\",\"headers\":null}", "no token");
  }

  @Test
  void expiredToken_isUnauthorized() {
    String old = Issuer.token(Issuer.claims().expirationTime(Date.from(Issuer.NOW)));
    assertUnauthorized(event(Map.of("token", old), Map.of()), "expired");
  }

  @Test
  void pageOfAnotherOrigin_isForbidden() throws Exception {
    Map<String, String> query = Map.of("token", token);
    assertForbidden(event(query, Map.of("Origin", "https://evil.example")));
    assertForbidden(event(query, Map.of("origin", "https://chat.example.com.evil.example")));
    assertForbidden(event(query, Map.of("origin", "http://chat.example.com")));
    assertForbidden(event(query, Map.of("origin", "null")));
    assertForbidden(event(Map.of(), Map.of("origin", "https://evil.example")));
    assertForbidden(
        """
        {"methodArn":"%s","queryStringParameters":{"token":"%s"},
         "multiValueHeaders":{"Origin":["https://chat.example.com","https://evil.example"]}}"""
            .formatted(ARN, token));
    assertThat(ask(event(query, Map.of("origin", "https://chat.example.com")))).contains("Allow");
    assertThat(ask(event(query, Map.of("Origin", "https://Chat.Example.com")))).contains("Allow");
  }

  @Test
  void noKeys_isNoneOfBoth() {
    issuer.outage = "down";
    assertThatThrownBy(() -> ask(event(Map.of("token", token), Map.of())))
        .isInstanceOf(KeysUnavailableException.class);
  }

  @Test
  void hostileEvent_isUnauthorized() {
    for (String event :
        List.of(
            "",
            "[]",
            "{}",
            "{\"methodArn\":7}",
            "{\"methodArn\":\"a\",\"methodArn\":\"b\"}",
            "{\"methodArn\":\"a\",\"headers\":{\"" + "x".repeat(2000) + "\":\"y\"}}",
            "{\"methodArn\":\"a\",\"queryStringParameters\":{\"token\":{}}}",
            "{\"methodArn\":\"a\",\"multiValueHeaders\":{\"authorization\":\"" + token + "\"}}",
            "{\"a\":".repeat(5000))) {
      assertThatThrownBy(() -> ask(event)).as(event).isInstanceOf(UnauthorizedException.class);
    }
  }
}
