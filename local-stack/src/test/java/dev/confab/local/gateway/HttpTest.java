package dev.confab.local.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the port serves besides the API. */
class HttpTest {
  private final TestGateway gateway = new TestGateway();

  @BeforeEach
  void start() throws Exception {
    gateway.httpRoutes.add(
        new HttpRoute(
            "GET",
            "/.well-known/jwks.json",
            _ ->
                new HttpRoute.Reply(
                    200, "application/json", "{}".getBytes(StandardCharsets.UTF_8))));
    gateway.httpRoutes.add(
        new HttpRoute(
            "POST",
            "/token",
            request ->
                new HttpRoute.Reply(
                    201,
                    "text/plain",
                    (request.query("user") + new String(request.body(), StandardCharsets.UTF_8))
                        .getBytes(StandardCharsets.UTF_8))));
    gateway.httpRoutes.add(
        new HttpRoute(
            "GET",
            "/broken",
            _ -> {
              throw new IllegalStateException("a fault in a handler");
            }));
    gateway.start();
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return gateway.http.send(
        HttpRequest.newBuilder(gateway.uri(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void routeIsServed() throws Exception {
    HttpResponse<String> response = get("/.well-known/jwks.json");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(response.body()).isEqualTo("{}");
  }

  @Test
  void routeGetsQueryAndBody() throws Exception {
    HttpResponse<String> response =
        gateway.http.send(
            HttpRequest.newBuilder(gateway.uri("/token?user=ana%20b"))
                .POST(HttpRequest.BodyPublishers.ofString("!"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(201);
    assertThat(response.body()).isEqualTo("ana b!");
  }

  @Test
  void routeThatThrows_is500() throws Exception {
    assertThat(get("/broken").statusCode()).isEqualTo(500);
  }

  @Test
  void pageIsServed() throws Exception {
    HttpResponse<String> response = get("/gateway-test.js");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type"))
        .hasValue("text/javascript; charset=utf-8");
    assertThat(response.body()).isEqualTo("export const here = true;\n");
  }

  @Test
  void headHasTheHeadersAndNoBody() throws Exception {
    HttpResponse<String> response =
        gateway.http.send(
            HttpRequest.newBuilder(gateway.uri("/gateway-test.js")).HEAD().build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.headers().firstValueAsLong("Content-Length")).hasValue(26);
    assertThat(response.body()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/nothing", "/../logback-test.xml", "/%2e%2e/logback-test.xml", "/token"})
  void whatIsNotThere_is404(String path) throws Exception {
    assertThat(get(path).statusCode()).isEqualTo(404);
  }

  @Test
  void stagesPathWithoutAnUpgrade_is426() throws Exception {
    assertThat(get("/local?token=t").statusCode()).isEqualTo(426);
  }
}
