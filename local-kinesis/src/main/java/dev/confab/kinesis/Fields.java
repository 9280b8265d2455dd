package dev.confab.kinesis;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Writes members of one object, in either encoding. A member that is null is left out. */
final class Fields {
  private final JsonGenerator out;
  private final Wire wire;

  Fields(JsonGenerator out, Wire wire) {
    this.out = out;
    this.wire = wire;
  }

  /** Writes one element of a list. */
  interface Element<T> {
    void write(Fields out, T element) throws IOException;
  }

  Fields text(String name, @Nullable Object value) throws IOException {
    if (value != null) {
      out.writeStringField(name, value.toString());
    }
    return this;
  }

  Fields number(String name, long value) throws IOException {
    out.writeNumberField(name, value);
    return this;
  }

  Fields flag(String name, boolean value) throws IOException {
    out.writeBooleanField(name, value);
    return this;
  }

  Fields data(String name, byte[] value) throws IOException {
    out.writeBinaryField(name, value);
    return this;
  }

  /**
   * @param millis milliseconds since 1970
   */
  Fields timestamp(String name, long millis) throws IOException {
    out.writeFieldName(name);
    wire.writeTimestamp(out, millis);
    return this;
  }

  Fields object(String name, Reply members) throws IOException {
    out.writeObjectFieldStart(name);
    members.writeTo(this);
    out.writeEndObject();
    return this;
  }

  <T> Fields objects(String name, Collection<T> elements, Element<T> element) throws IOException {
    out.writeArrayFieldStart(name);
    for (T each : elements) {
      out.writeStartObject();
      element.write(this, each);
      out.writeEndObject();
    }
    out.writeEndArray();
    return this;
  }

  Fields texts(String name, Collection<String> elements) throws IOException {
    out.writeArrayFieldStart(name);
    for (String each : elements) {
      out.writeString(each);
    }
    out.writeEndArray();
    return this;
  }
}
