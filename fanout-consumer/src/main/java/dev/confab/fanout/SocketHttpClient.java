package dev.confab.fanout;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpRequest;

/**
 * The SDK's way to one endpoint over HTTP/1.1: blocking sockets, kept open from request to request,
 * on the caller's thread, which should be a virtual one. A push is small and there are many: it
 * leaves out what the SDK's own clients do for large bodies.
 *
 * <p>It does what a small JSON service needs and no more: no proxies, no redirects, no compression,
 * bodies in memory. Safe for use by several threads; how many requests run at once is the caller's
 * to bound.
 */
final class SocketHttpClient implements SdkHttpClient {
  /** A connection idle for longer is not trusted to be open still without a look. */
  static final Duration LOOKED_AT_AFTER = Duration.ofSeconds(1);

  /** Shorter than the minute after which load balancers forget an idle connection. */
  static final Duration MAX_IDLE = Duration.ofSeconds(30);

  private final Duration timeOut;
  private final SSLContext tls;
  private final Clock clock;

  /** The one used last comes first: a burst's surplus grows old and is closed. */
  private final ConcurrentLinkedDeque<Idle> idle = new ConcurrentLinkedDeque<>();

  private volatile boolean closed;

  private record Idle(HttpConnection connection, Instant since) {}

  /**
   * @param timeOut for making a connection, and again for a whole response
   * @param tls for {@code https} endpoints
   * @param clock says how long a connection has been idle
   */
  SocketHttpClient(Duration timeOut, SSLContext tls, Clock clock) {
    this.timeOut = timeOut;
    this.tls = tls;
    this.clock = clock;
  }

  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    return new Call(request);
  }

  private final class Call implements ExecutableHttpRequest {
    private final HttpExecuteRequest request;
    private volatile @Nullable HttpConnection connection;

    Call(HttpExecuteRequest request) {
      this.request = request;
    }

    @Override
    public HttpExecuteResponse call() throws IOException {
      SdkHttpRequest http = request.httpRequest();
      byte[] bytes = encode(http, request.contentStreamProvider().orElse(null));
      HttpConnection used = take(http);
      connection = used;
      boolean isReusable = false;
      try {
        HttpConnection.Response response = used.exchange(bytes, timeOut);
        isReusable = response.keepsAlive();
        return HttpExecuteResponse.builder()
            .response(response.head())
            .responseBody(
                AbortableInputStream.create(new ByteArrayInputStream(response.body().toArray())))
            .build();
      } finally {
        if (isReusable) {
          giveBack(used);
        } else {
          used.close();
        }
      }
    }

    @Override
    public void abort() {
      HttpConnection used = connection;
      if (used != null) {
        used.close();
      }
    }
  }

  private static byte[] encode(SdkHttpRequest http, @Nullable ContentStreamProvider content)
      throws IOException {
    StringBuilder head = new StringBuilder(1024);
    head.append(http.method()).append(' ').append(http.encodedPath());
    http.encodedQueryParameters().ifPresent(query -> head.append('?').append(query));
    head.append(" HTTP/1.1\r\n");
    byte[] body = new byte[0];
    if (content != null) {
      try (InputStream in = content.newStream()) {
        body = in.readAllBytes();
      }
    }
    http.forEachHeader((name, values) -> appendField(head, name, values));
    if (http.firstMatchingHeader("Host").isEmpty()) {
      appendField(head, "Host", List.of(http.host() + ":" + http.port()));
    }
    if (content != null && http.firstMatchingHeader("Content-Length").isEmpty()) {
      appendField(head, "Content-Length", List.of(Integer.toString(body.length)));
    }
    head.append("\r\n");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(head.length() + body.length);
    bytes.write(head.toString().getBytes(StandardCharsets.UTF_8));
    bytes.write(body);
    return bytes.toByteArray(); // in one write: one segment, and one TLS record
  }

  private static void appendField(StringBuilder head, String name, List<String> values) {
    for (String value : values) {
      head.append(name).append(": ").append(value).append("\r\n");
    }
  }

  private HttpConnection take(SdkHttpRequest http) throws IOException {
    for (Idle last = idle.pollFirst(); last != null; last = idle.pollFirst()) {
      HttpConnection connection = last.connection();
      boolean isYoung = !isIdleFor(LOOKED_AT_AFTER, last);
      if ((isYoung || (!isIdleFor(MAX_IDLE, last) && connection.looksOpen()))
          && connection.leadsTo(http)) {
        return connection;
      }
      connection.close();
    }
    return HttpConnection.open(http, timeOut, tls);
  }

  private boolean isIdleFor(Duration time, Idle connection) {
    return !clock.instant().isBefore(connection.since().plus(time));
  }

  private void giveBack(HttpConnection used) {
    idle.addFirst(new Idle(used, clock.instant()));
    Idle oldest = idle.peekLast();
    if (oldest != null && isIdleFor(MAX_IDLE, oldest) && idle.remove(oldest)) {
      oldest.connection().close();
    }
    if (closed) {
      closeIdle();
    }
  }

  private void closeIdle() {
    for (Idle next = idle.pollFirst(); next != null; next = idle.pollFirst()) {
      next.connection().close();
    }
  }

  @Override
  public String clientName() {
    return "Socket";
  }

  @Override
  public void close() {
    closed = true;
    closeIdle();
  }
}
