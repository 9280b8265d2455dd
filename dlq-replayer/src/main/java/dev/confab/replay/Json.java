package dev.confab.replay;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.JsonObject;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON of any kind as plain values: {@code Map} in the order of its fields, {@code List}, {@code
 * String}, {@code BigDecimal}, {@code Boolean}, null. Two are equal if they mean the same, whatever
 * the blanks and the order of fields. The contract's {@code JsonObject} reads fields that it knows;
 * this keeps those that nobody knows, since an operator edits what someone else wrote.
 */
final class Json {
  /** A line of an export holds a record of up to 10 MiB in base64, and its letter. */
  private static final int MAX_STRING_CHARS = 32 * 1024 * 1024;

  private static final int MAX_NUMBER_CHARS = 64;

  /** Well inside an int, so that what BigDecimal reckons with a scale never leaves it. */
  private static final int MAX_SCALE = 1_000_000_000;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(JsonObject.MAX_DEPTH)
                  .maxNumberLength(MAX_NUMBER_CHARS)
                  .maxStringLength(MAX_STRING_CHARS)
                  .build())
          .build();

  private Json() {}

  /**
   * Reads one value.
   *
   * @throws InvalidJsonException if it is no JSON, has a field twice, more than {@link
   *     JsonObject#MAX_DEPTH} levels, an exponent beyond a thousand million or too many digits, or
   *     something after the value
   */
  static @Nullable Object parse(String text) throws InvalidJsonException {
    try (JsonParser parser = JSON.createParser(text)) {
      if (parser.nextToken() == null) {
        throw new InvalidJsonException("there is nothing");
      }
      Object value = value(parser);
      if (parser.nextToken() != null) {
        throw new InvalidJsonException("something follows the JSON value");
      }
      return value;
    } catch (IOException
        | NumberFormatException notJson) { // the latter for an exponent of 11 digits
      throw new InvalidJsonException(
          "not valid JSON (no duplicate keys, at most " + JsonObject.MAX_DEPTH + " levels)",
          notJson);
    }
  }

  private static @Nullable Object value(JsonParser parser)
      throws IOException, InvalidJsonException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          fields.put(name, value(parser));
        }
        yield fields;
      }
      case START_ARRAY -> {
        List<@Nullable Object> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(parser));
        }
        yield items;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser.getDecimalValue());
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  /** 1.0 and 1 are one number, and BigDecimal's equals says otherwise. */
  private static BigDecimal number(BigDecimal value) throws InvalidJsonException {
    if (Math.abs((long) value.scale()) > MAX_SCALE) {
      throw new InvalidJsonException("a number is too large or too small");
    }
    BigDecimal number = value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
    if (plain(number).toString().length() > MAX_NUMBER_CHARS) { // what we write we must read
      throw new InvalidJsonException("a number has more than " + MAX_NUMBER_CHARS + " characters");
    }
    return number;
  }

  /** 1E+2 as 100, but a number that says it has a million digits stays short. */
  private static BigDecimal plain(BigDecimal number) {
    boolean isShortInteger =
        number.scale() < 0 && (long) number.precision() - number.scale() < MAX_NUMBER_CHARS;
    return isShortInteger ? number.setScale(0) : number;
  }

  /** In one line. */
  static String text(@Nullable Object value) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      write(json, value);
    } catch (IOException impossibleInMemory) {
      throw new UncheckedIOException(impossibleInMemory);
    }
    return text.toString();
  }

  static void write(JsonGenerator json, @Nullable Object value) throws IOException {
    switch (value) {
      case null -> json.writeNull();
      case Map<?, ?> fields -> {
        json.writeStartObject();
        for (Map.Entry<?, ?> field : fields.entrySet()) {
          json.writeFieldName(String.valueOf(field.getKey()));
          write(json, field.getValue());
        }
        json.writeEndObject();
      }
      case List<?> items -> {
        json.writeStartArray();
        for (Object item : items) {
          write(json, item);
        }
        json.writeEndArray();
      }
      case String text -> json.writeString(text);
      case BigDecimal number -> json.writeNumber(plain(number));
      case Boolean flag -> json.writeBoolean(flag);
      default -> throw new IllegalArgumentException("no JSON value: " + value.getClass());
    }
  }
}
