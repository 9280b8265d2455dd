package dev.confab.local.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a proxy integration's function answered.
 *
 * @param statusCode 100 to 599
 * @param body for the client of a two-way route, or null
 * @param subprotocol the {@code Sec-WebSocket-Protocol} header, or null
 */
record ProxyResponse(int statusCode, @Nullable String body, @Nullable String subprotocol) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Null when the answer isn't a proxy response: an integration error. */
  static @Nullable ProxyResponse parse(String answer) {
    try {
      JsonNode root = JSON.readTree(answer);
      JsonNode status = root.path("statusCode");
      int statusCode = status.isTextual() ? Integer.parseInt(status.textValue()) : status.asInt();
      JsonNode body = root.path("body");
      if (statusCode < 100 || statusCode > 599 || body.isContainerNode()) {
        return null;
      }
      String text = body.isNull() || body.isMissingNode() ? null : body.asText();
      if (text != null && root.path("isBase64Encoded").asBoolean()) {
        text = new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
      }
      return new ProxyResponse(statusCode, text, subprotocol(root.path("headers")));
    } catch (IOException | IllegalArgumentException malformed) {
      return null;
    }
  }

  boolean succeeded() {
    return statusCode >= 200 && statusCode < 300;
  }

  private static @Nullable String subprotocol(JsonNode headers) {
    for (Map.Entry<String, JsonNode> header : headers.properties()) {
      if (header.getKey().equalsIgnoreCase("Sec-WebSocket-Protocol")) {
        return header.getValue().asText();
      }
    }
    return null;
  }
}
