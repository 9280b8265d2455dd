package dev.confab.ingest;

import dev.confab.events.ConnectionId;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What API Gateway invokes a route's function with.
 *
 * @param connectedAt when the connection was opened, by API Gateway's clock, in whole milliseconds
 * @param requestId API Gateway's own, for the log; not the client's
 * @param principal what the authorizer said; absent where the API has none, which is a fault
 * @param body the frame, null where there is none or it is no well-formed text
 */
record WebSocketEvent(
    Kind kind,
    String routeKey,
    ConnectionId connectionId,
    Instant connectedAt,
    String requestId,
    @Nullable Principal principal,
    @Nullable String body) {
  /** Lambda takes no larger one for a synchronous invocation. */
  static final int MAX_EVENT_BYTES = 6 * 1024 * 1024;

  /** What happened to the connection. */
  enum Kind {
    CONNECT,
    MESSAGE,
    DISCONNECT;

    private static Kind parse(String name) {
      for (Kind kind : values()) {
        if (kind.name().equals(name)) {
          return kind;
        }
      }
      throw new IllegalArgumentException("no kind of event that a route has");
    }
  }

  /** Reads the event; what the client sent is in {@code body} alone and is not looked at. */
  static WebSocketEvent parse(byte[] event) throws InvalidJsonException {
    JsonObject json = JsonObject.parse(event, MAX_EVENT_BYTES);
    JsonObject context = json.object("requestContext");
    JsonObject authorizer = context.optionalObject("authorizer");
    return new WebSocketEvent(
        context.parsed("eventType", Kind::parse),
        context.string("routeKey"),
        context.parsed("connectionId", ConnectionId::new),
        Instant.ofEpochMilli(context.integer("connectedAt")),
        context.string("requestId"),
        authorizer == null || !authorizer.has("userId") ? null : Principal.read(authorizer),
        body(json));
  }

  private static @Nullable String body(JsonObject json) throws InvalidJsonException {
    boolean isBase64 = json.flag("isBase64Encoded");
    try {
      String body = json.optionalString("body");
      if (body == null || !isBase64) {
        return body;
      }
      byte[] bytes = Base64.getDecoder().decode(body);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (InvalidJsonException | IllegalArgumentException | CharacterCodingException notText) {
      return null;
    }
  }
}
