package dev.confab.kinesis;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The members of a request, or of an object in one, checked as they are read. A wrong type is a
 * SerializationException and a wrong value a ValidationException, in AWS's words but for the first
 * fault only (AWS lists up to ten).
 */
final class Input {
  private final JsonNode members;
  private final Wire wire;
  private final String path;

  Input(JsonNode members, Wire wire) {
    this(members, wire, "");
  }

  private Input(JsonNode members, Wire wire, String path) {
    this.members = members;
    this.wire = wire;
    this.path = path;
  }

  /**
   * What a text may be.
   *
   * @param minLength in UTF-16 units, as AWS counts
   * @param pattern matches the whole text; null if any will do
   */
  record TextRule(int minLength, int maxLength, @Nullable Pattern pattern) {
    boolean allows(String value) {
      return value.length() >= minLength
          && value.length() <= maxLength
          && (pattern == null || pattern.matcher(value).matches());
    }
  }

  Optional<String> text(String name, TextRule rule) {
    JsonNode node = find(name);
    if (node == null) {
      return Optional.empty();
    }
    if (!node.isTextual()) {
      throw wrongType(node, "String");
    }
    String value = node.textValue();
    Pattern pattern = rule.pattern();
    if (value.length() < rule.minLength()) {
      throw violation(quoted(value), name, "length greater than or equal to " + rule.minLength());
    }
    if (value.length() > rule.maxLength()) {
      throw violation(quoted(value), name, "length less than or equal to " + rule.maxLength());
    }
    if (pattern != null && !pattern.matcher(value).matches()) {
      throw constraint(
          quoted(value), name, "Member must satisfy regular expression pattern: " + pattern);
    }
    return Optional.of(value);
  }

  String requiredText(String name, TextRule rule) {
    return text(name, rule).orElseThrow(() -> missing(name));
  }

  OptionalInt integer(String name, int min, int max) {
    JsonNode node = find(name);
    if (node == null) {
      return OptionalInt.empty();
    }
    if (!node.isNumber()) {
      throw wrongType(node, "Integer");
    }
    long value = node.longValue();
    if (value < min) {
      throw violation(quoted(value), name, "value greater than or equal to " + min);
    }
    if (value > max) {
      throw violation(quoted(value), name, "value less than or equal to " + max);
    }
    return OptionalInt.of((int) value);
  }

  int requiredInteger(String name, int min, int max) {
    return integer(name, min, max).orElseThrow(() -> missing(name));
  }

  boolean flag(String name) {
    JsonNode node = find(name);
    if (node == null) {
      return false;
    }
    if (!node.isBoolean()) {
      throw wrongType(node, "Boolean");
    }
    return node.booleanValue();
  }

  Optional<Instant> timestamp(String name) {
    JsonNode node = find(name);
    if (node == null) {
      return Optional.empty();
    }
    if (!node.isNumber()) {
      throw wrongType(node, "Timestamp");
    }
    return Optional.of(wire.readTimestamp(node));
  }

  <E extends Enum<E>> Optional<E> choice(String name, Class<E> type) {
    JsonNode node = find(name);
    if (node == null) {
      return Optional.empty();
    }
    if (!node.isTextual()) {
      throw wrongType(node, "String");
    }
    String value = node.textValue();
    E[] choices = type.getEnumConstants();
    for (E choice : choices) {
      if (choice.name().equals(value)) {
        return Optional.of(choice);
      }
    }
    throw constraint(
        quoted(value), name, "Member must satisfy enum value set: " + Arrays.toString(choices));
  }

  <E extends Enum<E>> E requiredChoice(String name, Class<E> type) {
    return choice(name, type).orElseThrow(() -> missing(name));
  }

  byte[] requiredData(String name, int maxBytes) {
    JsonNode node = find(name);
    if (node == null) {
      throw missing(name);
    }
    if (!node.isTextual() && !node.isBinary()) {
      throw wrongType(node, "Blob");
    }
    byte[] value;
    try {
      value = node.binaryValue();
    } catch (IOException notBase64) {
      throw ServiceException.serialization(
          "'" + path + name + "' can not be converted to a Blob: " + notBase64.getMessage());
    }
    if (value.length > maxBytes) {
      String shown = "'java.nio.HeapByteBuffer[pos=0 lim=%1$d cap=%1$d]'".formatted(value.length);
      throw violation(shown, name, "length less than or equal to " + maxBytes);
    }
    return value;
  }

  Optional<Input> object(String name) {
    JsonNode node = find(name);
    if (node == null) {
      return Optional.empty();
    }
    if (!node.isObject()) {
      throw wrongType(node, "Structure");
    }
    return Optional.of(new Input(node, wire, pathOf(name) + "."));
  }

  Input requiredObject(String name) {
    return object(name).orElseThrow(() -> missing(name));
  }

  List<Input> requiredObjects(String name, int min, int max) {
    JsonNode node = find(name);
    if (node == null) {
      throw missing(name);
    }
    if (!node.isArray()) {
      throw wrongType(node, "List");
    }
    String shown = "'[" + node.size() + " members]'";
    if (node.size() < min) {
      throw violation(shown, name, "length greater than or equal to " + min);
    }
    if (node.size() > max) {
      throw violation(shown, name, "length less than or equal to " + max);
    }
    List<Input> objects = new ArrayList<>(node.size());
    for (JsonNode element : node) {
      if (!element.isObject()) {
        throw wrongType(element, "Structure");
      }
      String elementPath = pathOf(name) + "." + (objects.size() + 1) + ".member.";
      objects.add(new Input(element, wire, elementPath));
    }
    return objects;
  }

  private @Nullable JsonNode find(String name) {
    JsonNode node = members.get(name);
    return node == null || node.isNull() ? null : node;
  }

  private ServiceException missing(String name) {
    return constraint("null", name, "Member must not be null");
  }

  private ServiceException violation(String shown, String name, String rule) {
    return constraint(shown, name, "Member must have " + rule);
  }

  private ServiceException constraint(String shown, String name, String rule) {
    return ServiceException.validation(
        "1 validation error detected: Value %s at '%s' failed to satisfy constraint: %s"
            .formatted(shown, pathOf(name), rule));
  }

  private static ServiceException wrongType(JsonNode node, String expected) {
    String found = node.getNodeType().name().toLowerCase(Locale.ROOT);
    return ServiceException.serialization(
        "A value of type " + found + " can not be converted to " + expected);
  }

  private static String quoted(Object value) {
    return "'" + value + "'";
  }

  private String pathOf(String name) {
    return path + Character.toLowerCase(name.charAt(0)) + name.substring(1);
  }
}
