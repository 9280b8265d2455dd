package dev.confab.local.gateway;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the authorizer and {@code $connect} say to an upgrade request. */
sealed interface Admission {
  /**
   * The client may connect.
   *
   * @param authorizer for every later event of the connection
   * @param subprotocol the WebSocket subprotocol that {@code $connect} chose, or null
   */
  record Admitted(Map<String, String> authorizer, @Nullable String subprotocol)
      implements Admission {}

  record Refused(int status, String message) implements Admission {}
}
