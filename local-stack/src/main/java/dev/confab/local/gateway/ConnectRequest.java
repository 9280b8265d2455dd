package dev.confab.local.gateway;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An upgrade request, as events tell it. Its query may hold a token: never log one.
 *
 * @param headers by name as the client wrote it, and what a load balancer would add
 */
record ConnectRequest(
    Client client, Map<String, List<String>> headers, Map<String, List<String>> query) {

  /** The last value of a header, its name in any case, or null. */
  @Nullable String header(String name) {
    for (Map.Entry<String, List<String>> header : headers.entrySet()) {
      if (header.getKey().equalsIgnoreCase(name)) {
        return header.getValue().getLast();
      }
    }
    return null;
  }

  /** The last value of a query parameter, or null. */
  @Nullable String query(String name) {
    List<String> values = query.get(name);
    return values == null ? null : values.getLast();
  }
}
