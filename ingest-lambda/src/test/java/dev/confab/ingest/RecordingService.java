package dev.confab.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A service of AWS that has nothing: it refuses what nobody signed, as they all do, and answers
 * everything else with nothing. Remembers the operations that it was asked for.
 */
final class RecordingService implements AutoCloseable {
  final List<String> signed = Collections.synchronizedList(new ArrayList<>());
  final List<String> unsigned = Collections.synchronizedList(new ArrayList<>());

  private final HttpServer server;

  RecordingService() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  String endpoint() {
    return "http://localhost:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
      String operation = target.substring(target.indexOf('.') + 1);
      boolean isSigned = exchange.getRequestHeaders().containsKey("Authorization");
      (isSigned ? signed : unsigned).add(operation);
      exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
      byte[] body =
          (isSigned ? "{}" : "{\"__type\":\"MissingAuthenticationTokenException\"}")
              .getBytes(UTF_8);
      exchange.sendResponseHeaders(isSigned ? 200 : 400, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
