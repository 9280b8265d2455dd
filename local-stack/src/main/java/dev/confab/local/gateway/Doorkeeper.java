package dev.confab.local.gateway;

import dev.confab.local.gateway.Admission.Admitted;
import dev.confab.local.gateway.Admission.Refused;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides on upgrade requests: first the authorizer, then {@code $connect}. Thread-safe. */
final class Doorkeeper {
  private static final Logger LOG = LoggerFactory.getLogger(Doorkeeper.class);

  /** With this message, and this one only, an authorizer's failure is a 401. */
  private static final String UNAUTHORIZED = "Unauthorized";

  private final @Nullable Authorizer authorizer;
  private final @Nullable Route connect;
  private final Invoker invoker;
  private final Events events;
  private final Duration timeout;
  private final @Nullable TokenBucket bucket;

  Doorkeeper(
      WebSocketApi api, Invoker invoker, Events events, Duration timeout, LongSupplier nanoTime) {
    this.authorizer = api.authorizer();
    this.connect = api.routes().get(WebSocketApi.CONNECT);
    this.invoker = invoker;
    this.events = events;
    this.timeout = timeout;
    @Nullable Throttle throttle = connect == null ? null : connect.throttle();
    this.bucket = throttle == null ? null : new TokenBucket(throttle, nanoTime);
  }

  /** Never completes exceptionally. */
  CompletableFuture<Admission> admit(ConnectRequest request) {
    if (bucket != null && !bucket.tryTake()) {
      return CompletableFuture.completedFuture(new Refused(429, "Too Many Requests"));
    }
    return authorize(request)
        .thenCompose(
            admission ->
                switch (admission) {
                  case Admitted(Map<String, String> context, _) -> connect(request, context);
                  case Refused refused -> CompletableFuture.completedFuture(refused);
                });
  }

  private CompletableFuture<Admission> authorize(ConnectRequest request) {
    if (authorizer == null) {
      return CompletableFuture.completedFuture(new Admitted(Map.of(), null));
    }
    for (String source : authorizer.identitySources()) {
      if (!IdentitySource.parse(source).isIn(request)) {
        return CompletableFuture.completedFuture(new Refused(401, UNAUTHORIZED));
      }
    }
    return invoker
        .invoke(authorizer.function(), events.authorize(request), timeout)
        .thenApply(this::judge);
  }

  private Admission judge(Invocation authorization) {
    return switch (authorization) {
      case Invocation.Returned(String payload) -> {
        try {
          Policy policy = Policy.parse(payload);
          yield policy.allows(events.connectArn())
              ? new Admitted(policy.context(), null)
              : new Refused(403, "Forbidden");
        } catch (IllegalArgumentException invalid) {
          LOG.warn("refusing a connection with 500: {}", invalid.getMessage());
          yield new Refused(500, "Internal server error");
        }
      }
      case Invocation.Failed(String message) ->
          message.equals(UNAUTHORIZED)
              ? new Refused(401, UNAUTHORIZED)
              : new Refused(500, "Internal server error");
      case Invocation.TimedOut _ -> new Refused(500, "Internal server error");
    };
  }

  private CompletableFuture<Admission> connect(
      ConnectRequest request, Map<String, String> context) {
    if (connect == null) {
      return CompletableFuture.completedFuture(new Admitted(context, null));
    }
    return invoker
        .invoke(connect.function(), events.connect(request, context), timeout)
        .thenApply(
            connected ->
                switch (connected) {
                  case Invocation.Returned(String payload) -> answer(payload, context);
                  case Invocation.Failed _ -> new Refused(502, "Internal server error");
                  case Invocation.TimedOut _ -> new Refused(504, "Endpoint request timed out");
                });
  }

  private static Admission answer(String payload, Map<String, String> context) {
    @Nullable ProxyResponse response = ProxyResponse.parse(payload);
    if (response == null) {
      LOG.warn("$connect answered no {\"statusCode\": …}: refusing the connection with 502");
      return new Refused(502, "Internal server error");
    }
    if (!response.succeeded()) {
      return new Refused(response.statusCode(), "Connection refused by $connect");
    }
    return new Admitted(context, response.subprotocol());
  }
}
