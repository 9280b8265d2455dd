package dev.confab.fanout;

import dev.confab.events.Bytes;
import dev.confab.events.ConnectionId;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * The {@code @connections} of stage {@code local} on a port of this machine: as much HTTP as it
 * takes, so that a test sees the wire and can break it.
 */
final class StubEndpoint implements AutoCloseable {
  private static final String PREFIX = "/local/@connections/";

  private final ServerSocket server;
  private final Map<ConnectionId, List<Bytes>> open = new HashMap<>();
  private final List<String> requestLines = new ArrayList<>();
  private final List<Map<String, String>> headers = new ArrayList<>();
  private final Set<Socket> sockets = new HashSet<>();
  private final AtomicInteger accepted = new AtomicInteger();
  private volatile Function<String, InMemoryPushes.Fault> faults = _ -> InMemoryPushes.Fault.NONE;

  StubEndpoint() {
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException noPort) {
      throw new UncheckedIOException(noPort);
    }
    Thread.startVirtualThread(this::accept);
  }

  URI uri() {
    return URI.create("http://localhost:" + server.getLocalPort() + "/local");
  }

  synchronized void open(ConnectionId connection) {
    open.put(connection, new ArrayList<>());
  }

  synchronized void closeConnection(ConnectionId connection) {
    open.remove(connection);
  }

  synchronized List<Bytes> framesOf(ConnectionId connection) {
    return List.copyOf(open.getOrDefault(connection, List.of()));
  }

  void fail(InMemoryPushes.Fault fault) {
    fail(_ -> fault);
  }

  /** From now on, requests fail as their request line says. */
  void fail(Function<String, InMemoryPushes.Fault> byRequestLine) {
    faults = byRequestLine;
  }

  /** As they came: nothing decoded. */
  synchronized List<String> requestLines() {
    return List.copyOf(requestLines);
  }

  /** Of each request, names in lower case. */
  synchronized List<Map<String, String>> headers() {
    return List.copyOf(headers);
  }

  /** How many TCP connections were made. */
  int accepted() {
    return accepted.get();
  }

  /** Breaks what is open, as an idle time-out of a load balancer does. */
  synchronized void dropSockets() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    sockets.clear();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        accepted.incrementAndGet();
        synchronized (this) {
          sockets.add(socket);
        }
        Thread.startVirtualThread(() -> serve(socket));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (String line = line(in); !line.isEmpty(); line = line(in)) {
        Map<String, String> fields = new HashMap<>();
        for (String field = line(in); !field.isEmpty(); field = line(in)) {
          int colon = field.indexOf(':');
          fields.put(
              field.substring(0, colon).toLowerCase(Locale.ROOT),
              field.substring(colon + 1).strip());
        }
        byte[] body = in.readNBytes(Integer.parseInt(fields.getOrDefault("content-length", "0")));
        if (!answer(line, fields, Bytes.of(body), socket)) {
          return;
        }
      }
    } catch (IOException clientLeft) {
      // So does a client that gives up.
    }
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != -1 && b != '\n'; b = in.read()) {
      line.write(b);
    }
    return line.toString(StandardCharsets.US_ASCII).strip();
  }

  private boolean answer(String line, Map<String, String> fields, Bytes body, Socket socket)
      throws IOException {
    synchronized (this) {
      requestLines.add(line);
      headers.add(fields);
    }
    return switch (faults.apply(line)) {
      case NONE -> write(socket, deliver(line, body) ? ok(line) : error(410, "GoneException"));
      case SLOW -> write(socket, error(429, "LimitExceededException"));
      case ERROR -> write(socket, error(500, "InternalServerErrorException"));
      case TOO_LARGE -> write(socket, error(413, "PayloadTooLargeException"));
      case BAD_ID -> write(socket, error(400, "BadRequestException"));
      case NEVER -> true;
      case RESET -> {
        deliver(line, body);
        socket.setSoLinger(true, 0);
        yield false;
      }
    };
  }

  private synchronized boolean deliver(String line, Bytes body) {
    String path = line.substring(line.indexOf(' ') + 1, line.lastIndexOf(' '));
    if (!path.startsWith(PREFIX)) {
      return false;
    }
    String id =
        URLDecoder.decode(
            path.substring(PREFIX.length()).replace("+", "%2B"), StandardCharsets.UTF_8);
    List<Bytes> frames = open.get(new ConnectionId(id));
    if (frames != null && line.startsWith("POST")) {
      frames.add(body);
    }
    return frames != null;
  }

  private static String ok(String line) {
    String body = line.startsWith("GET") ? "{\"connectedAt\":\"2026-11-24T02:04:05.123Z\"}" : "";
    return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
  }

  private static String error(int status, String type) {
    String body = "{\"message\":null}";
    return "HTTP/1.1 %d X\r\nx-amzn-ErrorType: %s\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(status, type, body.length(), body);
  }

  private static boolean write(Socket socket, String response) throws IOException {
    socket.getOutputStream().write(response.getBytes(StandardCharsets.US_ASCII));
    return true;
  }

  @Override
  public void close() throws IOException {
    server.close();
    dropSockets();
  }
}
