package dev.confab.local.gateway;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Which route a frame takes: {@code $request.body.<field>}. Thread-safe. */
final class RouteSelector {
  private static final JsonFactory JSON = new JsonFactory();
  private final String field;

  RouteSelector(String field) {
    this.field = field;
  }

  /** The field's value when the frame is one JSON object that has it as a scalar, else null. */
  @Nullable String select(String frame) {
    try (JsonParser json = JSON.createParser(frame)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      String selected = null;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean selects = json.currentName().equals(field);
        JsonToken value = json.nextToken();
        if (selects) {
          selected = value.isScalarValue() ? json.getText() : null;
        }
        json.skipChildren();
      }
      return json.nextToken() == null ? selected : null;
    } catch (JacksonException notJson) {
      return null;
    } catch (IOException impossibleInMemory) {
      throw new UncheckedIOException(impossibleInMemory);
    }
  }
}
