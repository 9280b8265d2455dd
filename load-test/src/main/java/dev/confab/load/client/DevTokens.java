package dev.confab.load.client;

import dev.confab.events.InvalidJsonException;
import dev.confab.events.JsonObject;
import dev.confab.events.JsonText;
import dev.confab.events.UserId;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/**
 * A local stack, seen from its page's address: tokens for any name, and where its WebSocket is.
 * Thread-safe.
 */
public final class DevTokens {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int MAX_ANSWER_BYTES = 16 * 1024;

  private final HttpClient http;
  private final URI page;

  /**
   * @param page such as {@code http://localhost:8080/}
   */
  public DevTokens(URI page) {
    this.page = page;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1) // no upgrade to HTTP/2 beside one to WebSocket
            .connectTimeout(TIMEOUT)
            .build();
  }

  /** Where the stack's WebSocket is. */
  public URI webSocketUrl() throws IOException, InterruptedException {
    JsonObject config = answer(HttpRequest.newBuilder(page.resolve("/config")).GET());
    return URI.create(field(config, "webSocketUrl"));
  }

  /** Tokens of one user. */
  public Tokens of(UserId userId) {
    String body = JsonText.object(json -> json.writeStringField("name", userId.value()));
    return () ->
        field(
            answer(
                HttpRequest.newBuilder(page.resolve("/token"))
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString(body))),
            "token");
  }

  private JsonObject answer(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpRequest asked = request.timeout(TIMEOUT).build();
    HttpResponse<byte[]> response = http.send(asked, BodyHandlers.ofByteArray());
    if (response.statusCode() != 200) {
      throw new IOException(asked.uri() + " answered " + response.statusCode());
    }
    try {
      return JsonObject.parse(response.body(), MAX_ANSWER_BYTES);
    } catch (InvalidJsonException notOurs) {
      throw new IOException(asked.uri() + " is no local stack: " + notOurs.getMessage(), notOurs);
    }
  }

  private static String field(JsonObject json, String name) throws IOException {
    try {
      return json.string(name);
    } catch (InvalidJsonException notOurs) {
      throw new IOException("no local stack: " + notOurs.getMessage(), notOurs);
    }
  }
}
