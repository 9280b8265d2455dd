package dev.confab.coldstart;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A stand-in of Lambda's Runtime API, for one process at a time. It gives one event at a time, and
 * says what the process had used the moment its answer came.
 *
 * <p>SnapStart's part too: a process that asks for {@code restore/next} has done what it does
 * before a snapshot and waits; answering it is restoring it. Credentials come from here then, as
 * they do from Lambda: what was got before has expired by the restore.
 */
final class RuntimeApi implements AutoCloseable {
  static final String TRACE_ID = "1-67891233-abcdef012345678912345678";

  private static final String ROOT = "/2018-06-01/runtime/";
  private static final String CREDENTIALS = "/credentials";
  private static final String TOKEN = "of-this-environment";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration TIME_OUT = Duration.ofSeconds(10);
  private static final Duration EXPIRES_SOON = Duration.ofSeconds(1);
  private static final Duration EXPIRES_LATE = Duration.ofHours(6);

  /** What came back for an event. */
  sealed interface Reply {
    /**
     * An answer.
     *
     * @param usage of the process, when the answer came
     */
    record Answer(String body, Usage usage) implements Reply {}

    /** A failure that the process reported, or its end. */
    record Failure(String reason) implements Reply {}
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final BlockingQueue<byte[]> events = new LinkedBlockingQueue<>();
  private final BlockingQueue<Reply> replies = new LinkedBlockingQueue<>();
  private final CountDownLatch checkpoint = new CountDownLatch(1);
  private final CountDownLatch restored = new CountDownLatch(1);
  private final AtomicLong requests = new AtomicLong();
  private volatile long pid;

  RuntimeApi() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /** For {@code AWS_LAMBDA_RUNTIME_API}. */
  String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** For {@code AWS_CONTAINER_CREDENTIALS_FULL_URI}. */
  String credentialsUri() {
    return "http://" + address() + CREDENTIALS;
  }

  /** For {@code AWS_CONTAINER_AUTHORIZATION_TOKEN}. */
  String credentialsToken() {
    return TOKEN;
  }

  /** Tells whose usage to count, and by whose end not to wait any longer. */
  void serves(Process process) {
    pid = process.pid();
    var _ =
        process
            .onExit()
            .thenAccept(ended -> fail("the process ended with code " + ended.exitValue()));
  }

  private void fail(String reason) {
    replies.add(new Reply.Failure(reason));
    checkpoint.countDown();
  }

  /**
   * Has an event handled.
   *
   * @throws IllegalStateException if that fails
   */
  Reply.Answer invoke(byte[] event) throws InterruptedException {
    events.add(event);
    return switch (replies.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      case Reply.Answer answer -> answer;
      case Reply.Failure(String reason) -> throw new IllegalStateException(reason);
      case null -> throw new IllegalStateException("no answer within " + PATIENCE);
    };
  }

  /** Waits until the process would be snapshot. */
  void awaitCheckpoint() throws InterruptedException {
    if (!checkpoint.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("no checkpoint within " + PATIENCE);
    }
    if (replies.peek() instanceof Reply.Failure(String reason)) {
      throw new IllegalStateException(reason);
    }
  }

  /** Lets the process go on, as what was restored from a snapshot. */
  void restore() {
    restored.countDown();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    try (exchange) {
      if (path.equals(CREDENTIALS)) {
        credentials(exchange);
      } else if (path.equals(ROOT + "invocation/next")) {
        next(exchange);
      } else if (path.startsWith(ROOT + "invocation/") && path.endsWith("/response")) {
        Usage usage = Usage.of(pid); // before anything else
        String body = read(exchange);
        respond(exchange, 202, "{\"status\":\"OK\"}");
        replies.add(new Reply.Answer(body, usage));
      } else if (path.equals(ROOT + "restore/next")) {
        checkpoint.countDown();
        restored.await();
        respond(exchange, 200, "");
      } else { // an error of the invocation, of the start or of the restore
        fail(path + ": " + read(exchange));
        respond(exchange, 202, "{\"status\":\"OK\"}");
      }
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  private void next(HttpExchange exchange) throws IOException, InterruptedException {
    byte[] event = events.take();
    var headers = exchange.getResponseHeaders();
    headers.set("Content-Type", "application/json");
    headers.set(
        "Lambda-Runtime-Aws-Request-Id",
        "8f507cfc-0000-4000-8000-%012d".formatted(requests.incrementAndGet()));
    headers.set(
        "Lambda-Runtime-Deadline-Ms", Long.toString(Instant.now().plus(TIME_OUT).toEpochMilli()));
    headers.set(
        "Lambda-Runtime-Invoked-Function-Arn",
        "arn:aws:lambda:us-east-1:123456789012:function:send-message:live");
    headers.set(
        "Lambda-Runtime-Trace-Id", "Root=" + TRACE_ID + ";Parent=53995c3f42cd8ad8;Sampled=1");
    exchange.sendResponseHeaders(200, event.length);
    exchange.getResponseBody().write(event);
  }

  private void credentials(HttpExchange exchange) throws IOException {
    if (!TOKEN.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      respond(exchange, 403, "{\"code\":\"Forbidden\",\"message\":\"another's token\"}");
      return;
    }
    Duration validFor = restored.getCount() == 0 ? EXPIRES_LATE : EXPIRES_SOON;
    respond(
        exchange,
        200,
        """
        {"AccessKeyId":"local","SecretAccessKey":"local","Token":"local","Expiration":"%s"}"""
            .formatted(Instant.now().plus(validFor)));
  }

  private static String read(HttpExchange exchange) throws IOException {
    return new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static void respond(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    if (bytes.length == 0) {
      exchange.sendResponseHeaders(status, -1); // no body
      return;
    }
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    threads.shutdownNow();
    server.stop(0);
    threads.close();
  }
}
