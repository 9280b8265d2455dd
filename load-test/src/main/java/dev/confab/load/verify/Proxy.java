package dev.confab.load.verify;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Stands before one of AWS' services as they run here: passes calls on, or does what a fault wants
 * instead. Thread-safe.
 */
public final class Proxy implements AutoCloseable {
  /** Those of the connection, not of the message, and those that the client sets by itself. */
  private static final Set<String> NOT_PASSED_ON =
      Set.of("connection", "content-length", "expect", "host", "transfer-encoding", "upgrade");

  /**
   * A call.
   *
   * @param operation such as {@code BatchWriteItem}; the method where the protocol has none
   */
  public record Call(String operation, String path, String body) {}

  /** What becomes of a call. */
  public sealed interface Reaction {
    /**
     * The service hears it and answers.
     *
     * @param body what it hears
     * @param answer makes the answer's body out of the service's
     */
    record Pass(String body, UnaryOperator<String> answer) implements Reaction {}

    /** The service hears it; then this runs, and the connection closes without an answer. */
    record PassUnanswered(Runnable then) implements Reaction {}

    /** The service never hears of it. */
    record Answer(int status, String body) implements Reaction {}

    /** This runs, and the connection closes without an answer; the service never hears of it. */
    record Drop(Runnable first) implements Reaction {}

    /** No answer for as long as the proxy stands; the service never hears of it. */
    record Silence() implements Reaction {}

    /** The service hears it as it is and answers. */
    static Reaction pass(Call call) {
      return new Pass(call.body(), answer -> answer);
    }
  }

  private final URI service;
  private final Function<Call, Reaction> rule;
  private final HttpServer server;
  private final HttpClient http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closing = new CountDownLatch(1);

  /**
   * @param service without a path
   * @param rule asked about each call, by many threads
   */
  public Proxy(URI service, Function<Call, Reaction> rule) throws IOException {
    this.service = service;
    this.rule = rule;
    this.http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::take);
    server.setExecutor(threads);
    server.start();
  }

  /** Where it listens, without a path. */
  public URI uri() {
    return URI.create("http://localhost:" + server.getAddress().getPort());
  }

  private void take(HttpExchange exchange) throws IOException {
    String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
    Call call =
        new Call(
            target == null
                ? exchange.getRequestMethod()
                : target.substring(target.lastIndexOf('.') + 1),
            exchange.getRequestURI().toString(),
            new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    try (exchange) {
      switch (rule.apply(call)) {
        case Reaction.Pass(String body, UnaryOperator<String> answer) -> {
          HttpResponse<String> response = passOn(exchange, body);
          answer(exchange, response.statusCode(), answer.apply(response.body()));
        }
        case Reaction.PassUnanswered(Runnable then) -> {
          passOn(exchange, call.body());
          then.run();
        }
        case Reaction.Answer(int status, String body) -> {
          exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.0");
          answer(exchange, status, body);
        }
        case Reaction.Drop(Runnable first) -> first.run();
        case Reaction.Silence() -> closing.await();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private HttpResponse<String> passOn(HttpExchange exchange, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(service.resolve(exchange.getRequestURI().toString()))
            .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofString(body));
    exchange.getRequestHeaders().forEach((name, values) -> copy(name, values, request::header));
    HttpResponse<String> response =
        http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    response
        .headers()
        .map()
        .forEach((name, values) -> copy(name, values, exchange.getResponseHeaders()::add));
    return response;
  }

  private static void copy(String name, List<String> values, BiConsumer<String, String> to) {
    if (!NOT_PASSED_ON.contains(name.toLowerCase(Locale.ROOT))) {
      values.forEach(value -> to.accept(name, value));
    }
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().remove("x-amz-crc32"); // of the body that the service sent
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
    http.shutdownNow();
  }
}
