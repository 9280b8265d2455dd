package dev.confab.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpJwksTest {
  private final MutableClock clock = new MutableClock(Issuer.NOW);
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private HttpJwks jwks(Clock clock) {
    return new HttpJwks(
        URI.create("http://localhost:" + server.getAddress().getPort() + "/keys"), clock);
  }

  private void answer(int status, byte[] body) {
    server.createContext(
        "/keys",
        exchange -> {
          exchange.getResponseHeaders().add("Location", "/elsewhere");
          respond(exchange, status, body);
        });
  }

  private static void respond(HttpExchange exchange, int status, byte[] body) throws IOException {
    try (exchange) {
      exchange.sendResponseHeaders(status, 0);
      exchange.getResponseBody().write(body);
    }
  }

  @Test
  void keys_areFetched() throws IOException {
    answer(200, "{\"keys\":[]}".getBytes(UTF_8));
    assertThat(jwks(clock).fetch()).isEqualTo("{\"keys\":[]}");
  }

  @Test
  void redirectAndError_areFailures() {
    server.createContext("/elsewhere", exchange -> respond(exchange, 200, "{}".getBytes(UTF_8)));
    answer(302, new byte[0]);
    assertThatThrownBy(() -> jwks(clock).fetch()).hasMessage("the keys' address answered 302");
    server.removeContext("/keys");
    assertThatThrownBy(() -> jwks(clock).fetch()).hasMessage("the keys' address answered 404");
  }

  @Test
  void answerWithoutEnd_isCutOff() {
    answer(200, new byte[HttpJwks.MAX_BYTES + 1]);
    assertThatThrownBy(() -> jwks(clock).fetch())
        .hasMessage("the keys' address answered more than 262144 bytes");
  }

  @Test
  void answerThatDrips_isGivenUp() {
    answer(200, new byte[1000]);
    Clock hasty =
        new MutableClock(Issuer.NOW) {
          @Override
          public java.time.Instant instant() {
            advance(Duration.ofSeconds(3));
            return super.instant();
          }
        };
    assertThatThrownBy(() -> jwks(hasty).fetch())
        .hasMessage("the keys' address took longer than PT5S");
  }

  @Test
  void nobodyThere_isAFailure() {
    HttpJwks jwks = jwks(clock);
    server.stop(0);
    assertThatThrownBy(jwks::fetch).isInstanceOf(IOException.class);
  }
}
