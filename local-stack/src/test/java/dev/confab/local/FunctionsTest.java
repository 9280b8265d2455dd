package dev.confab.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.confab.local.gateway.Gateway;
import dev.confab.local.gateway.GatewayConfig;
import dev.confab.local.gateway.HttpRoute;
import dev.confab.local.gateway.LambdaFunction;
import dev.confab.local.gateway.Route;
import dev.confab.local.gateway.WebSocketApi;
import dev.confab.local.template.LocalValues;
import dev.confab.local.template.Template;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The template's own handlers, made and put behind the gateway. */
class FunctionsTest {
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "AWS_REGION", "us-east-1",
          "AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:1",
          "AWS_ENDPOINT_URL_KINESIS", "http://localhost:1");

  private static Template template(URI gateway) throws Exception {
    return Template.read(
        Path.of("../template.yaml"),
        new LocalValues(
            "confab", "us-east-1", "000000000000", URI.create("http://localhost:9324"), gateway),
        Map.of(
            "StageName",
            "local",
            "JwtIssuer",
            gateway.toString(),
            "JwtAudience",
            "confab",
            "JwksUrl",
            gateway + "/jwks.json"));
  }

  private static Template withHandler(String handlerClass) throws Exception {
    Template template = template(URI.create("http://localhost:8080"));
    return new Template(
        template.api(),
        Map.of(
            "Broken",
            new Template.Function(
                "Broken", "broken", handlerClass, Duration.ofSeconds(1), Map.of())),
        template.streams(),
        template.tables(),
        template.queues(),
        template.tasks());
  }

  @Test
  void everyHandlerOfTheTemplate_canBeMade() throws Exception {
    Template template = template(URI.create("http://localhost:8080"));
    WebSocketApi api = Functions.api(template, ENVIRONMENT, true);
    assertThat(api.routes()).containsOnlyKeys(template.api().routes().keySet());
    assertThat(api.authorizer()).isNotNull();
    assertThat(api.routes().values()).allMatch(route -> route.throttle() != null);
    assertThat(Functions.api(template, ENVIRONMENT, false).routes().values())
        .allMatch(route -> route.throttle() == null);
  }

  @Test
  void routesOfOneFunction_shareItsHandler() throws Exception {
    Map<String, Route> routes =
        Functions.api(template(URI.create("http://localhost:8080")), ENVIRONMENT, false).routes();
    assertThat(routes.get("history")).isEqualTo(routes.get("sync"));
  }

  @Test
  void missingClass_isNamed() throws Exception {
    Template template = withHandler("dev.confab.ingest.Missing");
    assertThatThrownBy(() -> Functions.api(template, ENVIRONMENT, false))
        .hasMessage("Broken: handler dev.confab.ingest.Missing no such class is on the class path");
  }

  @Test
  void classThatIsNoHandler_isNamed() throws Exception {
    Template template = withHandler("java.lang.String");
    assertThatThrownBy(() -> Functions.api(template, ENVIRONMENT, false))
        .hasMessage("Broken: handler java.lang.String is not a RequestStreamHandler");
  }

  @Test
  void handlerThatRefusesItsEnvironment_saysWhy() throws Exception {
    Template template = withHandler("dev.confab.ingest.ChatHandler");
    assertThatThrownBy(() -> Functions.api(template, ENVIRONMENT, false))
        .hasMessageStartingWith("Broken: handler dev.confab.ingest.ChatHandler could not be made: ")
        .hasMessageContaining("TABLE_NAME");
  }

  /** The real authorizer, its key set served by the gateway itself, before a route that echoes. */
  @Test
  void tokensAreJudgedByTheRealAuthorizer() throws Exception {
    RSAKey key = new RSAKeyGenerator(2048).keyID("test").generate();
    RequestStreamHandler ok =
        (_, output, _) -> output.write("{\"statusCode\":200}".getBytes(StandardCharsets.UTF_8));
    try (HttpClient http = HttpClient.newHttpClient();
        Gateway gateway = Gateway.bind(GatewayConfig.onLoopback(0))) {
      URI address = URI.create("http://localhost:" + gateway.port());
      WebSocketApi real = Functions.api(template(address), ENVIRONMENT, false);
      Route connect = new Route(new LambdaFunction("ok", ok, Duration.ofSeconds(9)), false);
      gateway.serve(
          new WebSocketApi("action", Map.of("$connect", connect), real.authorizer()),
          List.of(
              new HttpRoute(
                  "GET",
                  "/jwks.json",
                  _ ->
                      new HttpRoute.Reply(
                          200,
                          "application/json",
                          new JWKSet(key.toPublicJWK())
                              .toString()
                              .getBytes(StandardCharsets.UTF_8)))));
      String good = token(key, address, Instant.now().plusSeconds(600));
      String expired = token(key, address, Instant.now().minusSeconds(600));
      URI uri = gateway.webSocketUri();

      assertThat(connect(http, URI.create(uri + "?token=" + good), null)).isEqualTo(101);
      assertThat(connect(http, uri, "Bearer " + good)).isEqualTo(101);
      assertThat(connect(http, URI.create(uri + "?token=" + expired), null)).isEqualTo(401);
      assertThat(connect(http, uri, null)).isEqualTo(401);
    }
  }

  private static String token(RSAKey key, URI issuer, Instant expires) throws Exception {
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(),
            new JWTClaimsSet.Builder()
                .issuer(issuer.toString())
                .audience("confab")
                .subject("ana")
                .expirationTime(Date.from(expires))
                .build());
    token.sign(new RSASSASigner(key));
    return token.serialize();
  }

  private static int connect(HttpClient http, URI uri, @Nullable String authorization) {
    WebSocket.Builder builder = http.newWebSocketBuilder();
    Optional.ofNullable(authorization).ifPresent(value -> builder.header("Authorization", value));
    try {
      builder.buildAsync(uri, new WebSocket.Listener() {}).join().abort();
      return 101;
    } catch (CompletionException refused) {
      if (refused.getCause() instanceof WebSocketHandshakeException answered) {
        return answered.getResponse().statusCode();
      }
      throw refused;
    }
  }
}
