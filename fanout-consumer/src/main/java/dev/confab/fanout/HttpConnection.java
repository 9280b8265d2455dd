package dev.confab.fanout;

import dev.confab.events.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.SdkHttpResponse;

/**
 * One HTTP/1.1 connection: a request and its whole response at a time. For one thread at a time,
 * but for {@link #close}.
 */
final class HttpConnection {
  /** An answer of a management API is a line of JSON. */
  static final int MAX_BODY_BYTES = 1024 * 1024;

  private static final int MAX_LINE_BYTES = 16 * 1024;
  private static final int MAX_FIELDS = 200;

  /**
   * Blocking sockets have no time-out for writes. Room for a whole request, twice the largest that
   * API Gateway takes, has a write return at once even if the other side is gone.
   */
  private static final int SEND_BUFFER_BYTES = 256 * 1024;

  private final Socket socket;
  private final String host;
  private final int port;
  private final byte[] buffer = new byte[4 * 1024];
  private int next;
  private int end;
  private long readUntilNanos;

  /**
   * A response.
   *
   * @param keepsAlive whether the connection may carry another request
   */
  record Response(SdkHttpResponse head, Bytes body, boolean keepsAlive) {}

  private HttpConnection(Socket socket, String host, int port) {
    this.socket = socket;
    this.host = host;
    this.port = port;
  }

  static HttpConnection open(SdkHttpRequest to, Duration timeOut, SSLContext tls)
      throws IOException {
    Socket plain = connect(to.host(), to.port(), timeOut);
    try {
      plain.setTcpNoDelay(true);
      plain.setSoTimeout(Math.toIntExact(timeOut.toMillis()));
      Socket socket = to.protocol().equals("https") ? secure(plain, to, tls) : plain;
      return new HttpConnection(socket, to.host(), to.port());
    } catch (IOException | RuntimeException failed) {
      plain.close();
      throw failed;
    }
  }

  /** Tries each of the host's addresses. */
  private static Socket connect(String host, int port, Duration timeOut) throws IOException {
    IOException failed = new IOException("no address");
    for (InetAddress address : InetAddress.getAllByName(host)) {
      Socket socket = new Socket();
      try {
        socket.setSendBufferSize(SEND_BUFFER_BYTES);
        socket.connect(new InetSocketAddress(address, port), Math.toIntExact(timeOut.toMillis()));
        return socket;
      } catch (IOException notThere) {
        socket.close();
        failed = notThere;
      }
    }
    throw failed;
  }

  private static Socket secure(Socket plain, SdkHttpRequest to, SSLContext tls) throws IOException {
    SSLSocket socket =
        (SSLSocket) tls.getSocketFactory().createSocket(plain, to.host(), to.port(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS"); // else any host's certificate does
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  boolean leadsTo(SdkHttpRequest request) {
    boolean isTls = socket instanceof SSLSocket;
    return request.host().equals(host)
        && request.port() == port
        && request.protocol().equals("https") == isTls;
  }

  /**
   * Sends a request and reads what comes back.
   *
   * @param timeOut for the whole response
   * @throws IOException if there is none in time; close the connection then
   */
  Response exchange(byte[] request, Duration timeOut) throws IOException {
    readUntilNanos = System.nanoTime() + timeOut.toNanos();
    socket.getOutputStream().write(request);
    while (true) {
      Response response = read();
      if (response.head().statusCode() >= 200) { // not "100 Continue"
        return response;
      }
    }
  }

  private Response read() throws IOException {
    String line = line();
    SdkHttpResponse.Builder head = SdkHttpResponse.builder().statusCode(status(line));
    int fields = 0;
    for (String field = line(); !field.isEmpty(); field = line()) {
      int colon = field.indexOf(':');
      if (colon < 1 || ++fields > MAX_FIELDS) {
        throw new ProtocolException("bad or too many header fields");
      }
      head.appendHeader(field.substring(0, colon), field.substring(colon + 1).strip());
    }
    return body(head.build(), line.startsWith("HTTP/1.1"));
  }

  private static int status(String line) throws ProtocolException {
    if (line.startsWith("HTTP/1.") && line.length() >= 12) { // HTTP/1.1 200 OK
      String code = line.substring(9, 12);
      if (code.chars().allMatch(c -> c >= '0' && c <= '9')) {
        return Integer.parseInt(code);
      }
    }
    throw new ProtocolException("not an HTTP/1 response");
  }

  private Response body(SdkHttpResponse head, boolean isPersistent) throws IOException {
    boolean staysOpen = isPersistent && !has(head, "Connection", "close");
    if (head.statusCode() < 200 || head.statusCode() == 204 || head.statusCode() == 304) {
      return new Response(head, Bytes.of(new byte[0]), staysOpen);
    }
    if (has(head, "Transfer-Encoding", "chunked")) {
      return new Response(head, chunked(), staysOpen);
    }
    String length = head.firstMatchingHeader("Content-Length").orElse(null);
    if (length != null) {
      return new Response(head, exactly(length(length, 10)), staysOpen);
    }
    return new Response(head, untilClosed(), false);
  }

  private static boolean has(SdkHttpResponse head, String name, String token) {
    return head.firstMatchingHeader(name)
        .map(value -> value.toLowerCase(Locale.ROOT).contains(token))
        .orElse(false);
  }

  private Bytes chunked() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      int bytes = length(line().split(";", 2)[0].strip(), 16);
      if (bytes == 0) {
        break;
      }
      body.write(exactly(bytes).toArray());
      if (body.size() > MAX_BODY_BYTES || !line().isEmpty()) {
        throw new ProtocolException("a chunk that is too long");
      }
    }
    while (!line().isEmpty()) {} // trailers
    return Bytes.of(body.toByteArray());
  }

  private static int length(String text, int radix) throws ProtocolException {
    try {
      int bytes = Integer.parseInt(text, radix);
      if (bytes >= 0 && bytes <= MAX_BODY_BYTES) {
        return bytes;
      }
    } catch (NumberFormatException notANumber) {
      // Nor is it a length.
    }
    throw new ProtocolException("no length of a body that is read here");
  }

  private Bytes untilClosed() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int b = read1(); b != -1; b = read1()) {
      if (body.size() == MAX_BODY_BYTES) {
        throw new ProtocolException("a body that is too long");
      }
      body.write(b);
    }
    return Bytes.of(body.toByteArray());
  }

  private Bytes exactly(int bytes) throws IOException {
    byte[] body = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      int b = read1();
      if (b == -1) {
        throw new EOFException("the connection ended within a response");
      }
      body[i] = (byte) b;
    }
    return Bytes.of(body);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder(64);
    for (int b = read1(); b != '\n'; b = read1()) {
      if (b == -1) {
        throw new EOFException("the connection ended before a response");
      }
      if (line.length() == MAX_LINE_BYTES) {
        throw new ProtocolException("a header line that is too long");
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  /** The next byte, -1 at the end. A read time-out is for one read; the deadline is for all. */
  private int read1() throws IOException {
    if (next == end) {
      long leftMillis = Duration.ofNanos(readUntilNanos - System.nanoTime()).toMillis();
      if (leftMillis < 0) {
        throw new SocketTimeoutException("Read timed out");
      }
      socket.setSoTimeout(Math.toIntExact(Math.max(1, leftMillis)));
      next = 0;
      end = Math.max(0, socket.getInputStream().read(buffer));
      if (end == 0) {
        return -1;
      }
    }
    return buffer[next++] & 0xff;
  }

  /** Whether the other side has not closed it. Takes a millisecond. */
  boolean looksOpen() {
    try {
      readUntilNanos = System.nanoTime() + Duration.ofMillis(1).toNanos();
      int _ = read1();
      return false; // closed, or it says something to nobody: unusable
    } catch (SocketTimeoutException silent) {
      return true;
    } catch (IOException broken) {
      return false;
    }
  }

  void close() {
    try {
      socket.close();
    } catch (IOException closedAnyway) {
      // Nothing is lost with it.
    }
  }
}
