package dev.confab.local;

import dev.confab.events.InvalidJsonException;
import dev.confab.events.JsonObject;
import dev.confab.events.JsonText;
import dev.confab.events.UserId;
import dev.confab.local.gateway.HttpRoute;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** What the chat page and the launcher ask the local stack for, over HTTP. */
final class PageRoutes {
  static final String TOKEN = "/token";
  static final String KEYS = "/.well-known/jwks.json";
  private static final String CONFIG = "/config";
  private static final String JSON = "application/json";
  private static final int MAX_NAME_LENGTH = 64;

  private PageRoutes() {}

  static List<HttpRoute> of(DevTokens tokens, URI webSocket) {
    return List.of(
        new HttpRoute("GET", KEYS, _ -> json(200, tokens.jwks())),
        new HttpRoute(
            "GET",
            CONFIG,
            _ ->
                json(
                    200,
                    JsonText.object(
                        json -> json.writeStringField("webSocketUrl", webSocket.toString())))),
        new HttpRoute("POST", TOKEN, request -> token(tokens, request)));
  }

  /** {@code {"name":"Ana"}} to {@code {"token":…,"userId":"ana"}}. */
  private static HttpRoute.Reply token(DevTokens tokens, HttpRoute.Request request) {
    try {
      String name = JsonObject.parse(request.body(), 4096).string("name").strip();
      if (name.length() > MAX_NAME_LENGTH) {
        return refusal("a name has at most " + MAX_NAME_LENGTH + " characters");
      }
      UserId user = userIdOf(name);
      String token = tokens.tokenFor(user, name);
      return json(
          200,
          JsonText.object(
              json -> {
                json.writeStringField("userId", user.value());
                json.writeStringField("token", token);
              }));
    } catch (InvalidJsonException | IllegalArgumentException invalid) {
      return refusal(String.valueOf(invalid.getMessage()));
    }
  }

  /** A name that is a userId stays; of another, what a userId may hold is kept. */
  private static UserId userIdOf(String name) {
    try {
      return new UserId(name);
    } catch (IllegalArgumentException notAnId) {
      String kept = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_.-]+", "-");
      String trimmed = kept.replaceAll("^-+|-+$", "");
      if (trimmed.isEmpty()) {
        throw new IllegalArgumentException("a name needs a letter or a digit", notAnId);
      }
      return new UserId(trimmed);
    }
  }

  private static HttpRoute.Reply refusal(String message) {
    return json(400, JsonText.object(json -> json.writeStringField("message", message)));
  }

  private static HttpRoute.Reply json(int status, String body) {
    return new HttpRoute.Reply(status, JSON, body.getBytes(StandardCharsets.UTF_8));
  }
}
