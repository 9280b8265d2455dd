package dev.confab.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
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

  /** As Kinesis answers, in JSON: the template turns CBOR off, which is more to load. */
  private static final String TAKEN =
      """
      {"SequenceNumber":"49650000000000000000000000000000000000000000000000000001",\
      "ShardId":"shardId-000000000000"}""";

  private static final String ALL_TAKEN = "{\"FailedRecordCount\":0,\"Records\":[" + TAKEN + "]}";

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
    String answer =
        switch (operation.substring(operation.indexOf('.') + 1)) {
          case "GetItem" -> MEMBER;
          case "Query" -> MESSAGES;
          case "PutRecord" -> TAKEN;
          case "PutRecords" -> ALL_TAKEN;
          default -> "{}";
        };
    byte[] body = answer.getBytes(UTF_8);
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

  @Override
  public void close() {
    // Every connection is closed by its answer.
  }
}
