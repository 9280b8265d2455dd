package dev.confab.kinesis;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.time.Instant;

/**
 * The two encodings of the Kinesis protocol. They differ in how bytes (base64 or binary) and
 * moments (seconds with a fraction, or milliseconds) are written.
 */
final class Wire {
  private static final int MAX_DEPTH = 16;

  /** A blob of 10 MiB in base64, and room for the rest. */
  private static final int MAX_TEXT_CHARS = 16 * 1024 * 1024;

  /** AWS JSON 1.1: the CLI and most SDKs. */
  static final Wire JSON =
      new Wire("JSON", "application/x-amz-json-1.1", "application/json", jsonMapper());

  /** AWS CBOR 1.1: the SDK for Java's default. */
  static final Wire CBOR =
      new Wire("CBOR", "application/x-amz-cbor-1.1", "application/x-amz-cbor-1.1", cborMapper());

  private final String name;
  private final String contentType;
  private final String eventContentType;
  private final ObjectMapper mapper;

  private Wire(String name, String contentType, String eventContentType, ObjectMapper mapper) {
    this.name = name;
    this.contentType = contentType;
    this.eventContentType = eventContentType;
    this.mapper = mapper;
  }

  private static ObjectMapper jsonMapper() {
    JsonMapper mapper = new JsonMapper();
    mapper.getFactory().setStreamReadConstraints(constraints());
    return mapper;
  }

  private static ObjectMapper cborMapper() {
    return new CBORMapper(CBORFactory.builder().streamReadConstraints(constraints()).build());
  }

  private static StreamReadConstraints constraints() {
    return StreamReadConstraints.builder()
        .maxNestingDepth(MAX_DEPTH)
        .maxStringLength(MAX_TEXT_CHARS)
        .build();
  }

  /** The encoding that a request's content type names; JSON unless it says CBOR. */
  static Wire of(String contentType) {
    return contentType.contains("cbor") ? CBOR : JSON;
  }

  String contentType() {
    return contentType;
  }

  /** The content type of one event within an event stream. */
  String eventContentType() {
    return eventContentType;
  }

  /** Reads a request's body; an empty one is an empty object. */
  JsonNode read(InputStream body) {
    try {
      JsonNode tree = mapper.readTree(body);
      if (tree == null || tree.isMissingNode()) {
        return mapper.createObjectNode();
      }
      if (!tree.isObject()) {
        throw ServiceException.serialization("The request's body must be an object.");
      }
      return tree;
    } catch (IOException malformed) {
      throw ServiceException.serialization(
          "The request's body is not well-formed " + name + ": " + malformed.getMessage());
    }
  }

  Instant readTimestamp(JsonNode number) {
    if (this == CBOR) {
      return Instant.ofEpochMilli(number.longValue());
    }
    return Instant.ofEpochMilli(number.decimalValue().movePointRight(3).longValue());
  }

  byte[] write(Reply reply) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator generator = mapper.createGenerator(bytes)) {
      generator.writeStartObject();
      reply.writeTo(new Fields(generator, this));
      generator.writeEndObject();
    } catch (IOException impossibleInMemory) {
      throw new IllegalStateException(impossibleInMemory);
    }
    return bytes.toByteArray();
  }

  void writeTimestamp(JsonGenerator generator, long millis) throws IOException {
    if (this == CBOR) {
      generator.writeNumber(millis);
    } else {
      generator.writeNumber(BigDecimal.valueOf(millis, 3));
    }
  }
}
