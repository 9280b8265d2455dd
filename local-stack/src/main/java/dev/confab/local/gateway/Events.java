package dev.confab.local.gateway;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the events that functions get, in API Gateway's shape and its order of fields. Headers and
 * query are in {@code CONNECT} events only. Thread-safe.
 */
final class Events {
  /** {@code $context.requestTime}, the Apache log format. */
  private static final DateTimeFormatter REQUEST_TIME =
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private static final JsonFactory JSON = new JsonFactory();

  private final GatewayConfig config;
  private final String domainName;
  private final RequestIds ids;
  private final Clock clock;

  /**
   * @param domainName host and port, as a client writes them
   */
  Events(GatewayConfig config, String domainName, RequestIds ids, Clock clock) {
    this.config = config;
    this.domainName = domainName;
    this.ids = ids;
    this.clock = clock;
  }

  /** The ARN that an authorizer's policy allows or denies. */
  String connectArn() {
    return "arn:aws:execute-api:%s:%s:%s/%s/%s"
        .formatted(
            config.region(),
            config.accountId(),
            config.apiId(),
            config.stage(),
            WebSocketApi.CONNECT);
  }

  byte[] authorize(ConnectRequest request) {
    return write(
        json -> {
          json.writeStringField("type", "REQUEST");
          json.writeStringField("methodArn", connectArn());
          writeRequest(json, request);
          json.writeObjectFieldStart("stageVariables");
          json.writeEndObject();
          startContext(json, WebSocketApi.CONNECT, "CONNECT", Map.of());
          endContext(json, request.client(), ids.shortId());
        });
  }

  byte[] connect(ConnectRequest request, Map<String, String> authorizer) {
    return write(
        json -> {
          writeRequest(json, request);
          startContext(json, WebSocketApi.CONNECT, "CONNECT", authorizer);
          endContext(json, request.client(), ids.shortId());
          json.writeBooleanField("isBase64Encoded", false);
        });
  }

  byte[] message(
      Client client,
      Map<String, String> authorizer,
      String routeKey,
      String requestId,
      String body) {
    return write(
        json -> {
          startContext(json, routeKey, "MESSAGE", authorizer);
          json.writeStringField("messageId", ids.shortId());
          endContext(json, client, requestId);
          json.writeStringField("body", body);
          json.writeBooleanField("isBase64Encoded", false);
        });
  }

  byte[] disconnect(Client client, Map<String, String> authorizer, Ending ending) {
    return write(
        json -> {
          startContext(json, WebSocketApi.DISCONNECT, "DISCONNECT", authorizer);
          json.writeNumberField("disconnectStatusCode", ending.statusCode());
          json.writeStringField("disconnectReason", ending.reason());
          endContext(json, client, ids.shortId());
          json.writeBooleanField("isBase64Encoded", false);
        });
  }

  /** What a client gets when its frame could not be handled, in API Gateway's words. */
  byte[] error(String message, Client client, String requestId) {
    return write(
        json -> {
          json.writeStringField("message", message);
          json.writeStringField("connectionId", client.connectionId());
          json.writeStringField("requestId", requestId);
        });
  }

  /** What GET {@code @connections} says. */
  byte[] connection(Client client, Instant lastActiveAt) {
    return write(
        json -> {
          json.writeStringField("connectedAt", client.connectedAt().toString());
          writeIdentity(json, client);
          json.writeStringField("lastActiveAt", lastActiveAt.toString());
        });
  }

  private static void writeRequest(JsonGenerator json, ConnectRequest request) throws IOException {
    writeLast(json, "headers", request.headers());
    writeAll(json, "multiValueHeaders", request.headers());
    if (!request.query().isEmpty()) {
      writeLast(json, "queryStringParameters", request.query());
      writeAll(json, "multiValueQueryStringParameters", request.query());
    }
  }

  private static void writeLast(JsonGenerator json, String field, Map<String, List<String>> values)
      throws IOException {
    json.writeObjectFieldStart(field);
    for (Map.Entry<String, List<String>> value : values.entrySet()) {
      json.writeStringField(value.getKey(), value.getValue().getLast());
    }
    json.writeEndObject();
  }

  private static void writeAll(JsonGenerator json, String field, Map<String, List<String>> values)
      throws IOException {
    json.writeObjectFieldStart(field);
    for (Map.Entry<String, List<String>> value : values.entrySet()) {
      json.writeArrayFieldStart(value.getKey());
      for (String one : value.getValue()) {
        json.writeString(one);
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  private static void startContext(
      JsonGenerator json, String routeKey, String eventType, Map<String, String> authorizer)
      throws IOException {
    json.writeObjectFieldStart("requestContext");
    json.writeStringField("routeKey", routeKey);
    if (!authorizer.isEmpty()) {
      json.writeObjectFieldStart("authorizer");
      for (Map.Entry<String, String> value : authorizer.entrySet()) {
        json.writeStringField(value.getKey(), value.getValue());
      }
      json.writeEndObject();
    }
    json.writeStringField("eventType", eventType);
  }

  private void endContext(JsonGenerator json, Client client, String requestId) throws IOException {
    Instant now = clock.instant();
    json.writeStringField("extendedRequestId", requestId);
    json.writeStringField("requestTime", REQUEST_TIME.format(now));
    json.writeStringField("messageDirection", "IN");
    json.writeStringField("stage", config.stage());
    json.writeNumberField("connectedAt", client.connectedAt().toEpochMilli());
    json.writeNumberField("requestTimeEpoch", now.toEpochMilli());
    writeIdentity(json, client);
    json.writeStringField("requestId", requestId);
    json.writeStringField("domainName", domainName);
    json.writeStringField("connectionId", client.connectionId());
    json.writeStringField("apiId", config.apiId());
    json.writeEndObject();
  }

  private static void writeIdentity(JsonGenerator json, Client client) throws IOException {
    json.writeObjectFieldStart("identity");
    json.writeStringField("sourceIp", client.sourceIp());
    @Nullable String userAgent = client.userAgent();
    if (userAgent != null) {
      json.writeStringField("userAgent", userAgent);
    }
    json.writeEndObject();
  }

  private interface Fields {
    void writeTo(JsonGenerator json) throws IOException;
  }

  private static byte[] write(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      fields.writeTo(json);
      json.writeEndObject();
    } catch (IOException impossibleInMemory) {
      throw new UncheckedIOException(impossibleInMemory);
    }
    return bytes.toByteArray();
  }
}
