package dev.confab.events;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object from outside, read strictly: no duplicate keys, nothing after the object, at most
 * {@value #MAX_DEPTH} levels, well-formed UTF-8. Fields that nobody asks for are ignored, so that a
 * newer producer can add some. Immutable.
 *
 * <p>Read with jackson-core alone: data binding by reflection would cost the ingest Lambda a
 * quarter of a second of every cold start.
 */
public final class JsonObject {
  /** The deepest frame or event has 4 levels. */
  public static final int MAX_DEPTH = 16;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(64)
                  .maxNameLength(1024)
                  .build())
          .build();

  private final Map<String, @Nullable Object> fields;

  private JsonObject(Map<String, @Nullable Object> fields) {
    this.fields = fields;
  }

  /**
   * Reads an object.
   *
   * @param maxBytes refused unread above it
   */
  public static JsonObject parse(byte[] utf8, int maxBytes) throws InvalidJsonException {
    if (utf8.length > maxBytes) {
      throw new InvalidJsonException("larger than " + maxBytes + " bytes");
    }
    try {
      return parse(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString());
    } catch (CharacterCodingException notUtf8) {
      throw new InvalidJsonException("not well-formed UTF-8", notUtf8);
    }
  }

  /**
   * Reads an object.
   *
   * @param maxBytes of UTF-8; refused unread above it
   */
  public static JsonObject parse(String json, int maxBytes) throws InvalidJsonException {
    try {
      if (json.length() > maxBytes || Texts.utf8Bytes(json) > maxBytes) {
        throw new InvalidJsonException("larger than " + maxBytes + " bytes");
      }
    } catch (CharacterCodingException loneSurrogate) {
      throw new InvalidJsonException("not well-formed Unicode", loneSurrogate);
    }
    return parse(json);
  }

  /** Reads an object whose size the caller has limited. */
  public static JsonObject parse(String json) throws InvalidJsonException {
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new InvalidJsonException("not a JSON object");
      }
      JsonObject object = object(parser);
      if (parser.nextToken() != null) {
        throw new InvalidJsonException("something follows the JSON object");
      }
      return object;
    } catch (IOException notJson) {
      throw new InvalidJsonException(
          "not valid JSON (no duplicate keys, at most " + MAX_DEPTH + " levels)", notJson);
    }
  }

  private static JsonObject object(JsonParser parser) throws IOException {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      fields.put(name, value(parser));
    }
    return new JsonObject(Collections.unmodifiableMap(fields));
  }

  private static @Nullable Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> {
        List<@Nullable Object> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(parser));
        }
        yield Collections.unmodifiableList(items);
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> integer(parser.getBigIntegerValue());
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  private static Object integer(BigInteger value) {
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  /** The names of the fields, in the order they stand. */
  public List<String> names() {
    return List.copyOf(fields.keySet());
  }

  /** Whether the field is there and isn't null. */
  public boolean has(String name) {
    return fields.get(name) != null;
  }

  public String string(String name) throws InvalidJsonException {
    return required(name, optionalString(name));
  }

  public @Nullable String optionalString(String name) throws InvalidJsonException {
    String text = optional(name, String.class, "a string");
    if (text != null && !Texts.isWellFormed(text)) {
      throw new InvalidJsonException(name + " is not well-formed Unicode");
    }
    return text;
  }

  /**
   * A string of a form that a constructor or parser knows.
   *
   * @param form throws an IllegalArgumentException that quotes nothing of what it refuses
   */
  public <T> T parsed(String name, Function<String, T> form) throws InvalidJsonException {
    return required(name, optionalParsed(name, form));
  }

  /** A string of a form that a constructor or parser knows, or null where it is absent. */
  public <T> @Nullable T optionalParsed(String name, Function<String, T> form)
      throws InvalidJsonException {
    String text = optionalString(name);
    return text == null ? null : apply(name, text, form);
  }

  public long integer(String name) throws InvalidJsonException {
    return required(name, optional(name, Long.class, "a whole number"));
  }

  public long integer(String name, long otherwise) throws InvalidJsonException {
    Long value = optional(name, Long.class, "a whole number");
    return value == null ? otherwise : value;
  }

  /** A whole number from 0 to the largest int. */
  public int count(String name) throws InvalidJsonException {
    return inRange(name, integer(name));
  }

  public int count(String name, int otherwise) throws InvalidJsonException {
    return inRange(name, integer(name, otherwise));
  }

  private static int inRange(String name, long value) throws InvalidJsonException {
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new InvalidJsonException(name + " is out of range");
    }
    return (int) value;
  }

  /** False where it is absent. */
  public boolean flag(String name) throws InvalidJsonException {
    Boolean value = optional(name, Boolean.class, "true or false");
    return value != null && value;
  }

  public JsonObject object(String name) throws InvalidJsonException {
    return required(name, optionalObject(name));
  }

  public @Nullable JsonObject optionalObject(String name) throws InvalidJsonException {
    return optional(name, JsonObject.class, "an object");
  }

  /** A list of strings of a form that a constructor or parser knows. */
  public <T> List<T> parsedList(String name, Function<String, T> form) throws InvalidJsonException {
    List<T> items = new ArrayList<>();
    for (Object item : list(name)) {
      if (!(item instanceof String text)) {
        throw new InvalidJsonException(name + " must hold strings");
      }
      items.add(apply(name, text, form));
    }
    return List.copyOf(items);
  }

  public List<JsonObject> objects(String name) throws InvalidJsonException {
    List<JsonObject> items = new ArrayList<>();
    for (Object item : list(name)) {
      if (!(item instanceof JsonObject object)) {
        throw new InvalidJsonException(name + " must hold objects");
      }
      items.add(object);
    }
    return List.copyOf(items);
  }

  private List<?> list(String name) throws InvalidJsonException {
    return required(name, optional(name, List.class, "a list"));
  }

  private static <T> T apply(String name, String text, Function<String, T> form)
      throws InvalidJsonException {
    try {
      return form.apply(text);
    } catch (IllegalArgumentException otherForm) {
      throw new InvalidJsonException(name + ": " + otherForm.getMessage(), otherForm);
    }
  }

  private <T> @Nullable T optional(String name, Class<T> type, String what)
      throws InvalidJsonException {
    Object value = fields.get(name);
    if (value != null && !type.isInstance(value)) {
      throw new InvalidJsonException(name + " must be " + what);
    }
    return type.cast(value);
  }

  private static <T> T required(String name, @Nullable T value) throws InvalidJsonException {
    if (value == null) {
      throw new InvalidJsonException(name + " is missing");
    }
    return value;
  }
}
