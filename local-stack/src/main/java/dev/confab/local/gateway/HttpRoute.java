package dev.confab.local.gateway;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP endpoint beside the WebSocket API, on the same port.
 *
 * @param method {@code GET} answers {@code HEAD} too
 * @param path the whole path, such as {@code /.well-known/jwks.json}
 * @param handler called on a virtual thread a request; what it throws is answered 500
 */
public record HttpRoute(String method, String path, Handler handler) {
  public HttpRoute {
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("an HTTP path starts with /, not '" + path + "'");
    }
  }

  /** Thread-safe. */
  public interface Handler {
    Reply handle(Request request) throws Exception;
  }

  /**
   * What a handler gets to see.
   *
   * @param query by name, decoded
   * @param body up to 1 MiB
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares bodies
  public record Request(Map<String, List<String>> query, byte[] body) {
    /** The last value of a parameter, or null. */
    public @Nullable String query(String name) {
      List<String> values = query.get(name);
      return values == null ? null : values.getLast();
    }
  }

  /**
   * What goes back.
   *
   * @param contentType such as {@code application/json}
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Reply(int status, String contentType, byte[] body) {}
}
