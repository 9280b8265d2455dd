package dev.confab.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.http.SdkHttpRequest;

/**
 * What one of the SDK's clients has as its HTTP client while an event is rehearsed. Each request
 * does go to its service, but without its signature, so that it is refused whatever it asks for;
 * the SDK is given the answer of a success. So TLS and HTTP are walked on the real network, what
 * comes after a success is walked too, and nothing is read or written.
 *
 * <p>A service that can't be reached is tried once: the rest of the rehearsal does without. Not
 * thread-safe.
 */
final class RehearsalHttp implements SdkHttpClient {
  /** A member's item, as GetItem answers with it. */
  private static final String MEMBER =
      """
      {"Item":{"PK":{"S":"CHAT#confab-priming"},"SK":{"S":"MEMBER#confab-priming"},\
      "role":{"S":"member"},"generation":{"N":"1"},"GSI1PK":{"S":"USER#confab-priming"},\
      "GSI1SK":{"S":"CHAT#confab-priming"}}}""";

  /** A message's item, as Query answers with it. */
  private static final String MESSAGES =
      """
      {"Count":1,"ScannedCount":1,"Items":[{"PK":{"S":"CHAT#confab-priming"},\
      "SK":{"S":"MESSAGE#00210-00000000"},"prev":{"S":"START"},"senderId":{"S":"confab-priming"},\
      "clientMessageId":{"S":"confab-priming"},"text":{"S":"hello"},\
      "sentAt":{"S":"2026-11-24T02:04:05.123Z"},"GSI1PK":{"S":"USER#confab-priming"},\
      "GSI1SK":{"S":"MESSAGE#2026-11-24T02:04:05.123Z#00210-00000000"}}]}""";

  /** As long as those of Kinesis, which a position is made of. */
  private static final String SEQUENCE_NUMBER = "4".repeat(56);

  private static final String SHARD_ID = "shardId-000000000000";

  private final Supplier<SdkHttpClient> network;

  /** For two requests: the first meets the service, the second takes its TLS session up again. */
  private @Nullable SdkHttpClient used;

  private boolean isUnreachable;

  RehearsalHttp(Supplier<SdkHttpClient> network) {
    this.network = network;
  }

  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    return new ExecutableHttpRequest() {
      @Override
      public HttpExecuteResponse call() {
        try {
          if (!isUnreachable) {
            sendUnsigned(request);
          }
        } catch (IOException unreachable) {
          isUnreachable = true;
        }
        return success(request.httpRequest());
      }

      @Override
      public void abort() {
        // The network's client is made with limits of its own.
      }
    };
  }

  private void sendUnsigned(HttpExecuteRequest request) throws IOException {
    SdkHttpClient met = used;
    SdkHttpClient client = met == null ? network.get() : met;
    used = met == null ? client : null;
    HttpExecuteRequest.Builder unsigned =
        HttpExecuteRequest.builder()
            .request(
                request.httpRequest().toBuilder()
                    .removeHeader("Authorization")
                    .removeHeader("X-Amz-Security-Token")
                    .putHeader("Connection", "close")
                    .build());
    request.contentStreamProvider().ifPresent(unsigned::contentStreamProvider);
    HttpExecuteResponse refusal = client.prepareRequest(unsigned.build()).call();
    if (refusal.responseBody().isPresent()) {
      try (InputStream body = refusal.responseBody().get()) {
        body.transferTo(OutputStream.nullOutputStream());
      }
    }
  }

  private static HttpExecuteResponse success(SdkHttpRequest request) {
    String operation = request.firstMatchingHeader("X-Amz-Target").orElse("");
    byte[] body =
        switch (operation.substring(operation.indexOf('.') + 1)) {
          case "GetItem" -> MEMBER.getBytes(UTF_8);
          case "Query" -> MESSAGES.getBytes(UTF_8);
          case "PutRecord" -> taken();
          case "PutRecords" -> allTaken();
          default -> "{}".getBytes(UTF_8);
        };
    CRC32 checksum = new CRC32();
    checksum.update(body);
    return HttpExecuteResponse.builder()
        .response(
            SdkHttpFullResponse.builder()
                .statusCode(200)
                .putHeader("Content-Length", Integer.toString(body.length))
                .putHeader("x-amz-crc32", Long.toString(checksum.getValue())) // DynamoDB's
                .putHeader("x-amzn-RequestId", Priming.NOBODY)
                .build())
        .responseBody(AbortableInputStream.create(new ByteArrayInputStream(body)))
        .build();
  }

  /** In CBOR, as the SDK speaks with Kinesis. */
  private static byte[] taken() {
    ByteArrayOutputStream cbor = new ByteArrayOutputStream();
    writeTaken(cbor);
    return cbor.toByteArray();
  }

  private static byte[] allTaken() {
    ByteArrayOutputStream cbor = new ByteArrayOutputStream();
    cbor.write(0xA2); // a map of two
    writeText(cbor, "FailedRecordCount");
    cbor.write(0);
    writeText(cbor, "Records");
    cbor.write(0x81); // an array of one
    writeTaken(cbor);
    return cbor.toByteArray();
  }

  private static void writeTaken(ByteArrayOutputStream cbor) {
    cbor.write(0xA2);
    writeText(cbor, "SequenceNumber");
    writeText(cbor, SEQUENCE_NUMBER);
    writeText(cbor, "ShardId");
    writeText(cbor, SHARD_ID);
  }

  private static void writeText(ByteArrayOutputStream cbor, String text) {
    cbor.write(0x78); // its length is in the next byte
    cbor.write(text.length());
    cbor.writeBytes(text.getBytes(UTF_8));
  }

  @Override
  public void close() {
    // Every connection is closed by its answer.
  }
}
