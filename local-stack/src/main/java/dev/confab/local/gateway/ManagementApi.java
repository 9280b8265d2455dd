package dev.confab.local.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST}, {@code GET} and {@code DELETE} of {@code /<stage>/@connections/<id>}, with the
 * errors of API Gateway's management API. POSTs to one connection are written in the order in which
 * they came. A request must be signed, as in AWS, but the signature isn't checked. Thread-safe.
 */
final class ManagementApi {
  private final Connections connections;
  private final Events events;
  private final int maxMessageBytes;
  private final @Nullable TokenBucket posts;
  private final String prefix;
  private final String encodedPrefix;

  ManagementApi(
      GatewayConfig config, Connections connections, Events events, LongSupplier nanoTime) {
    this.connections = connections;
    this.events = events;
    this.maxMessageBytes = config.limits().maxMessageBytes();
    @Nullable Throttle throttle = config.limits().posts();
    this.posts = throttle == null ? null : new TokenBucket(throttle, nanoTime);
    this.prefix = "/" + config.stage() + "/@connections/";
    this.encodedPrefix = "/" + config.stage() + "/%40connections/";
  }

  /** The connection id that a path names, still encoded, or null when it is no path of ours. */
  @Nullable String connectionIn(String rawPath) {
    if (rawPath.startsWith(prefix)) {
      return rawPath.substring(prefix.length());
    }
    return rawPath.startsWith(encodedPrefix) ? rawPath.substring(encodedPrefix.length()) : null;
  }

  /** On the event loop of the request; the answer may come later. */
  void handle(FullHttpRequest request, String encodedId, Answer answer) {
    @Nullable String authorization = request.headers().get(HttpHeaderNames.AUTHORIZATION);
    if (authorization == null || !authorization.startsWith("AWS4-")) {
      answer.error(403, "MissingAuthenticationTokenException", "Missing Authentication Token");
      return;
    }
    @Nullable Connection connection = find(encodedId);
    if (connection == null) {
      gone(answer);
      return;
    }
    switch (request.method().name()) {
      case "POST" -> post(connection, request.content(), answer);
      case "GET" ->
          answer.content(
              200,
              "application/json",
              events.connection(connection.client(), connection.lastActiveAt()));
      case "DELETE" -> {
        connection.close(Ending.DELETED);
        answer.empty(204);
      }
      default -> answer.error(403, "MissingAuthenticationTokenException", "No such method");
    }
  }

  private @Nullable Connection find(String encodedId) {
    try {
      // A plus sign in a path is itself, unlike in a query.
      return connections.open(
          QueryStringDecoder.decodeComponent(
              encodedId.replace("+", "%2B"), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException badEscape) {
      return null;
    }
  }

  private void post(Connection connection, ByteBuf body, Answer answer) {
    if (body.readableBytes() > maxMessageBytes) {
      answer.error(
          413,
          "PayloadTooLargeException",
          "A message may have " + maxMessageBytes + " bytes, not " + body.readableBytes());
    } else if (posts != null && !posts.tryTake()) {
      answer.error(429, "LimitExceededException", "Rate exceeded");
    } else if (!ByteBufUtil.isText(body, StandardCharsets.UTF_8)) {
      answer.error(400, "BadRequestException", "A message is sent as text and must be UTF-8");
    } else {
      connection.push(
          body.retain(),
          pushed -> {
            switch (pushed) {
              case SENT -> answer.empty(200);
              case GONE -> gone(answer);
              case FULL ->
                  answer.error(429, "LimitExceededException", "The client's buffer is full");
            }
          });
    }
  }

  private static void gone(Answer answer) {
    answer.error(410, "GoneException", "Gone");
  }
}
