package dev.confab.local.gateway;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The routes of a WebSocket API.
 *
 * @param actionField the field of a frame's JSON that names its route: {@code action} for {@code
 *     $request.body.action}
 * @param routes by route key; {@code $connect}, {@code $disconnect} and {@code $default} may be
 *     missing as in API Gateway
 * @param authorizer of {@code $connect}, or null to let everyone in
 */
public record WebSocketApi(
    String actionField, Map<String, Route> routes, @Nullable Authorizer authorizer) {
  public static final String CONNECT = "$connect";
  public static final String DISCONNECT = "$disconnect";
  public static final String DEFAULT = "$default";

  public WebSocketApi {
    routes = Map.copyOf(routes);
  }
}
