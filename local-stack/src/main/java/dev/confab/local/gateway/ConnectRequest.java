package dev.confab.local.gateway;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An upgrade request, as events tell it. Its query may hold a token: never log one.
 *
 * @param headers by name as the client wrote it, found in any case
 * @param query by name
 */
record ConnectRequest(
    Client client, TreeMap<String, List<String>> headers, Map<String, List<String>> query) {

  ConnectRequest {
    if (headers.comparator() != String.CASE_INSENSITIVE_ORDER) {
      throw new IllegalArgumentException("headers must be found in any case");
    }
  }

  /** The last value of a header, or null. */
  @Nullable String header(String name) {
    List<String> values = headers.get(name);
    return values == null ? null : values.getLast();
  }

  /** The last value of a query parameter, or null. */
  @Nullable String query(String name) {
    List<String> values = query.get(name);
    return values == null ? null : values.getLast();
  }
}
