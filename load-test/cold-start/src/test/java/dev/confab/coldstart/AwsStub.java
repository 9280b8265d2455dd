package dev.confab.coldstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.confab.events.ChatEvents;
import dev.confab.events.Decoded;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * As much of Kinesis and DynamoDB as {@code sendMessage} meets, over TLS, each on its own port:
 * PutRecord and GetItem. Ana is a member of the lobby; nobody else is of anything.
 */
final class AwsStub implements AutoCloseable {
  static final String STREAM = "chat-stream";
  static final String TABLE = "chat-table";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectMapper CBOR = new CBORMapper();
  private static final String CBOR_TYPE = "application/x-amz-cbor-1.1";

  private static final String UNSIGNED =
      """
      {"__type":"com.amazon.coral.service#MissingAuthenticationTokenException",\
      "message":"Request is missing Authentication Token"}""";

  private static final String MEMBER =
      """
      {"Item":{"PK":{"S":"CHAT#lobby"},"SK":{"S":"MEMBER#ana"},"role":{"S":"member"},\
      "generation":{"N":"1"},"GSI1PK":{"S":"USER#ana"},"GSI1SK":{"S":"CHAT#lobby"}}}""";

  /** A record that was put, as the consumers would read it. */
  record Put(Decoded decoded, String sequenceNumber) {}

  private final Certificate certificate;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpsServer kinesis;
  private HttpsServer dynamoDb;
  private final AtomicInteger puts = new AtomicInteger();
  private final AtomicInteger unsigned = new AtomicInteger();
  private final AtomicInteger reads = new AtomicInteger();
  private volatile @Nullable Put lastPut;

  AwsStub(Certificate certificate) throws IOException, GeneralSecurityException {
    this.certificate = certificate;
    kinesis = start(0, this::kinesis);
    dynamoDb = start(0, this::dynamoDb);
  }

  private interface Service {
    void answer(HttpExchange exchange) throws IOException;
  }

  private HttpsServer start(int port, Service service)
      throws IOException, GeneralSecurityException {
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(certificate.newServerContext()));
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            if (exchange.getRequestHeaders().getFirst("Authorization") == null) {
              refuse(exchange);
              return;
            }
            service.answer(exchange);
          }
        });
    server.start();
    return server;
  }

  URI kinesis() {
    return URI.create("https://localhost:" + kinesis.getAddress().getPort());
  }

  URI dynamoDb() {
    return URI.create("https://localhost:" + dynamoDb.getAddress().getPort());
  }

  /** Cuts every connection and forgets every TLS session: what a restored copy has are dead. */
  void restart() throws IOException, GeneralSecurityException {
    kinesis.stop(0);
    dynamoDb.stop(0);
    kinesis = start(kinesis.getAddress().getPort(), this::kinesis);
    dynamoDb = start(dynamoDb.getAddress().getPort(), this::dynamoDb);
  }

  /** The records put so far. */
  int puts() {
    return puts.get();
  }

  /** The requests refused so far, for nobody had signed them. */
  int unsigned() {
    return unsigned.get();
  }

  /** The items asked for so far. */
  int reads() {
    return reads.get();
  }

  /** The newest record. */
  Put lastPut() {
    Put put = lastPut;
    if (put == null) {
      throw new IllegalStateException("nothing was put");
    }
    return put;
  }

  private void refuse(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
    unsigned.incrementAndGet();
    respond(exchange, 400, "application/x-amz-json-1.0", UNSIGNED.getBytes(StandardCharsets.UTF_8));
  }

  private void kinesis(HttpExchange exchange) throws IOException {
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    ObjectMapper form = CBOR_TYPE.equals(type) ? CBOR : JSON;
    JsonNode request = form.readTree(exchange.getRequestBody());
    expect(exchange, "Kinesis_20131202.PutRecord");
    if (!request.path("StreamName").asText().equals(STREAM)) {
      throw new IllegalStateException("put on another stream: " + request);
    }
    String number = "4965%052d".formatted(puts.incrementAndGet());
    lastPut =
        new Put(
            ChatEvents.decode(
                request.get("PartitionKey").asText(), request.get("Data").binaryValue()),
            number);
    Map<String, String> taken = Map.of("ShardId", "shardId-000000000000", "SequenceNumber", number);
    respond(exchange, 200, type, form.writeValueAsBytes(taken));
  }

  private void dynamoDb(HttpExchange exchange) throws IOException {
    JsonNode request = JSON.readTree(exchange.getRequestBody());
    expect(exchange, "DynamoDB_20120810.GetItem");
    reads.incrementAndGet();
    JsonNode key = request.path("Key");
    boolean isAnaInLobby =
        request.path("TableName").asText().equals(TABLE)
            && key.path("PK").path("S").asText().equals("CHAT#lobby")
            && key.path("SK").path("S").asText().equals("MEMBER#ana");
    byte[] answer = (isAnaInLobby ? MEMBER : "{}").getBytes(StandardCharsets.UTF_8);
    CRC32 checksum = new CRC32();
    checksum.update(answer);
    exchange.getResponseHeaders().set("x-amz-crc32", Long.toString(checksum.getValue()));
    respond(exchange, 200, "application/x-amz-json-1.0", answer);
  }

  private static void expect(HttpExchange exchange, String target) {
    String asked = exchange.getRequestHeaders().getFirst("X-Amz-Target");
    if (!target.equals(asked)) {
      throw new IllegalStateException("only " + target + " is stood in for, not " + asked);
    }
  }

  private static void respond(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("x-amzn-RequestId", "4f5e6d7c-0000-4000-8000-000000000000");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    kinesis.stop(0);
    dynamoDb.stop(0);
    threads.close();
  }
}
