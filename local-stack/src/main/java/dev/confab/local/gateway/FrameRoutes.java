package dev.confab.local.gateway;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes frames to their routes' functions and their answers back. Thread-safe. */
final class FrameRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(FrameRoutes.class);

  private final Map<String, Route> routes;
  private final Map<String, TokenBucket> buckets = new HashMap<>();
  private final RouteSelector selector;
  private final Invoker invoker;
  private final Events events;
  private final RequestIds ids;
  private final Duration timeout;

  FrameRoutes(
      WebSocketApi api,
      Invoker invoker,
      Events events,
      RequestIds ids,
      Duration timeout,
      LongSupplier nanoTime) {
    this.routes = api.routes();
    routes.forEach(
        (key, route) -> {
          if (route.throttle() != null) {
            buckets.put(key, new TokenBucket(route.throttle(), nanoTime));
          }
        });
    this.selector = new RouteSelector(api.actionField());
    this.invoker = invoker;
    this.events = events;
    this.ids = ids;
    this.timeout = timeout;
  }

  /**
   * Handles one frame, concurrently with others of the same connection.
   *
   * @return what goes back to the client, if anything; never completes exceptionally
   */
  CompletableFuture<Optional<byte[]>> handle(
      Client client, Map<String, String> authorizer, String frame) {
    String requestId = ids.shortId();
    String routeKey = routeKey(frame);
    @Nullable Route route = routes.get(routeKey);
    if (route == null) {
      return now(events.error("Forbidden", client, requestId));
    }
    if (!take(routeKey)) {
      return now(events.error("Too Many Requests", client, requestId));
    }
    return invoker
        .invoke(
            route.function(),
            events.message(client, authorizer, routeKey, requestId, frame),
            timeout)
        .thenApply(
            invocation -> {
              @Nullable ProxyResponse response =
                  invocation instanceof Invocation.Returned(String payload)
                      ? ProxyResponse.parse(payload)
                      : null;
              if (response == null) {
                String message =
                    invocation instanceof Invocation.TimedOut
                        ? "Endpoint request timed out"
                        : "Internal server error";
                return Optional.of(events.error(message, client, requestId));
              }
              return route.twoWay() && response.body() != null
                  ? Optional.of(response.body().getBytes(StandardCharsets.UTF_8))
                  : Optional.empty();
            });
  }

  private String routeKey(String frame) {
    @Nullable String selected = selector.select(frame);
    // No frame can name $connect or $disconnect.
    return selected != null && !selected.startsWith("$") && routes.containsKey(selected)
        ? selected
        : WebSocketApi.DEFAULT;
  }

  private boolean take(String routeKey) {
    @Nullable TokenBucket bucket = buckets.get(routeKey);
    return bucket == null || bucket.tryTake();
  }

  private static CompletableFuture<Optional<byte[]>> now(byte[] reply) {
    return CompletableFuture.completedFuture(Optional.of(reply));
  }

  /** Tells {@code $disconnect}, once, with nobody to answer to. */
  void disconnected(Connection connection) {
    @Nullable Route route = routes.get(WebSocketApi.DISCONNECT);
    if (route == null) {
      return;
    }
    byte[] event =
        events.disconnect(connection.client(), connection.authorizer(), connection.ending());
    var _ =
        invoker
            .invoke(route.function(), event, timeout)
            .thenAccept(
                invocation -> {
                  if (!(invocation instanceof Invocation.Returned)) {
                    LOG.warn("$disconnect failed for {}", connection.client().connectionId());
                  }
                });
  }
}
