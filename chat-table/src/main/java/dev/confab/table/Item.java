package dev.confab.table;

import dev.confab.events.Position;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** An item of the table: its key and its attributes, read and written by name. */
final class Item {
  private final Key key;
  private final Map<String, AttributeValue> attributes;

  private Item(Key key, Map<String, AttributeValue> attributes) {
    this.key = key;
    this.attributes = attributes;
  }

  /** A new item, to be filled. */
  static Item at(Key key) {
    return new Item(key, new HashMap<>(keyAttributes(key)));
  }

  /** An item as the client gives it. */
  static Item read(Map<String, AttributeValue> attributes) {
    return new Item(keyOf(attributes), attributes);
  }

  static Key keyOf(Map<String, AttributeValue> attributes) {
    AttributeValue pk = attributes.get(Attributes.PK);
    AttributeValue sk = attributes.get(Attributes.SK);
    if (pk == null || sk == null) {
      throw new IllegalStateException("an item without a key: " + attributes.keySet());
    }
    return new Key(pk.s(), sk.s());
  }

  static Map<String, AttributeValue> keyAttributes(Key key) {
    return Map.of(
        Attributes.PK, AttributeValue.fromS(key.pk()),
        Attributes.SK, AttributeValue.fromS(key.sk()));
  }

  Item inIndex(Key indexKey) {
    return with(Attributes.INDEX_PK, indexKey.pk()).with(Attributes.INDEX_SK, indexKey.sk());
  }

  Item with(String name, @Nullable String value) {
    if (value != null) {
      attributes.put(name, AttributeValue.fromS(value));
    }
    return this;
  }

  Item with(String name, long value) {
    attributes.put(name, AttributeValue.fromN(Long.toString(value)));
    return this;
  }

  /** A flag is there when it is set. */
  Item flagged(String name, boolean value) {
    if (value) {
      attributes.put(name, AttributeValue.fromBool(true));
    }
    return this;
  }

  /**
   * DynamoDB counts in seconds: those are rounded up, so that it never drops what has not expired.
   */
  Item expiringAt(Instant expiresAt) {
    long millis = expiresAt.toEpochMilli();
    return with(Attributes.EXPIRES_AT, Math.ceilDiv(millis, 1000))
        .with(Attributes.EXPIRES_AT_MILLIS, millis);
  }

  Key key() {
    return key;
  }

  Map<String, AttributeValue> attributes() {
    return attributes;
  }

  @Nullable String optional(String name) {
    AttributeValue value = attributes.get(name);
    return value == null ? null : value.s();
  }

  String string(String name) {
    String value = optional(name);
    if (value == null) {
      throw missing(name);
    }
    return value;
  }

  Position position(String name) {
    return Position.parse(string(name));
  }

  long number(String name) {
    AttributeValue value = attributes.get(name);
    if (value == null || value.n() == null) {
      throw missing(name);
    }
    return Long.parseLong(value.n());
  }

  boolean has(String name) {
    return attributes.containsKey(name);
  }

  Instant expiresAt() {
    return Instant.ofEpochMilli(number(Attributes.EXPIRES_AT_MILLIS));
  }

  private IllegalStateException missing(String name) {
    return new IllegalStateException("the item " + key + " lacks " + name);
  }
}
