package dev.confab.kinesis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes back to requests that no SDK would send, and to every operation in JSON. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WireIT {
  private static final String TARGET = "Kinesis_20131202.";
  private LocalKinesis server;
  private HttpClient http;

  @BeforeAll
  void start() throws Exception {
    server = LocalKinesis.builder().shardLimits(false).start();
    server.ensureStream("stream", 1);
    http = HttpClient.newHttpClient();
  }

  @AfterAll
  void stop() {
    http.close();
    server.close();
  }

  private HttpResponse<String> post(String target, String body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(server.endpoint())
            .timeout(Duration.ofSeconds(20))
            .header("X-Amz-Target", target)
            .header("Authorization", "AWS4-HMAC-SHA256 any")
            .header("Content-Type", "application/x-amz-json-1.1")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static void assertError(HttpResponse<String> response, String type, String... words) {
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.headers().firstValue("x-amzn-ErrorType")).contains(type);
    assertThat(response.headers().firstValue("x-amzn-RequestId")).isPresent();
    assertThat(response.body()).contains("\"__type\":\"" + type + "\"");
    for (String word : words) {
      assertThat(response.body()).contains(word);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Kinesis_20131202", "DynamoDB_20120810.PutItem"})
  void aRequestForAnotherService_isToldWhatThisIs(String target) throws Exception {
    assertError(post(target, "{}"), "UnknownOperationException", "This is a local Kinesis");
  }

  @Test
  void anOperationThatIsNotThere_isNamed() throws Exception {
    assertError(
        post(TARGET + "AddTagsToStream", "{}"),
        "UnknownOperationException",
        "The local Kinesis does not have AddTagsToStream.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"StreamName\":",
        "[]",
        "\"text\"",
        "{\"StreamName\":5}",
        "{\"StreamName\":{\"a\":1}}",
        "{\"StreamName\":\"stream\",\"PartitionKey\":\"a\",\"Data\":\"%%%\"}",
        "{\"StreamName\":\"stream\",\"PartitionKey\":\"a\",\"Data\":[]}",
        "{\"a\":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}"
      })
  void aBodyThatIsNoRequest_isASerializationException(String body) throws Exception {
    assertError(post(TARGET + "PutRecord", body), "SerializationException");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "CreateStream|{\"ShardCount\":1}|Value null at 'streamName' failed to satisfy constraint: Member must not be null",
        "CreateStream|{\"StreamName\":\"a\",\"ShardCount\":0}|Value '0' at 'shardCount' failed to satisfy constraint: Member must have value greater than or equal to 1",
        "CreateStream|{\"StreamName\":\"a b\",\"ShardCount\":1}|Value 'a b' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        "PutRecord|{\"StreamName\":\"stream\",\"Data\":\"\"}|Value null at 'partitionKey'",
        "PutRecords|{\"StreamName\":\"stream\",\"Records\":[{\"Data\":\"\",\"PartitionKey\":\"a\"},{\"Data\":\"\",\"PartitionKey\":\"\"}]}|Value '' at 'records.2.member.partitionKey' failed to satisfy constraint: Member must have length greater than or equal to 1",
        "PutRecords|{\"StreamName\":\"stream\",\"Records\":[]}|at 'records' failed to satisfy constraint: Member must have length greater than or equal to 1",
        "GetShardIterator|{\"StreamName\":\"stream\",\"ShardId\":\"s-0\",\"ShardIteratorType\":\"X\"}|Member must satisfy enum value set: [AT_SEQUENCE_NUMBER, AFTER_SEQUENCE_NUMBER, TRIM_HORIZON, LATEST, AT_TIMESTAMP]",
        "GetRecords|{\"ShardIterator\":\"x\",\"Limit\":10001}|Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000"
      })
  void aValueOutOfBounds_isAValidationException_inTheWordsOfAws(
      String operation, String body, String words) throws Exception {
    assertError(
        post(TARGET + operation, body),
        "ValidationException",
        "1 validation error detected: ",
        words);
  }

  @ParameterizedTest
  @EnumSource(Operation.class)
  void everyOperation_meetsAnEmptyRequestWithAnErrorOfItsOwn(Operation operation) throws Exception {
    HttpResponse<String> response = post(TARGET + operation.wireName(), "{}");

    assertThat(response.statusCode()).isEqualTo(operation == Operation.LIST_STREAMS ? 200 : 400);
    assertThat(response.body()).doesNotContain("UnknownOperationException", "InternalFailure");
  }

  @Test
  void aFarStreamArn_isRefusedWithTheOnesThatAreHere() throws Exception {
    assertError(
        post(
            TARGET + "ListShards",
            "{\"StreamARN\":\"arn:aws:kinesis:eu-west-1:111111111111:stream/stream\"}"),
        "ResourceNotFoundException",
        "This server's streams are named arn:aws:kinesis:us-east-1:000000000000:stream/<name>.");
  }

  @Test
  void aSubscriberThatDoesNotRead_canBeDropped() throws Exception {
    String streamArn = server.streamArn("stream");
    String consumer =
        post(
                TARGET + "RegisterStreamConsumer",
                "{\"StreamARN\":\"" + streamArn + "\",\"ConsumerName\":\"stuck\"}")
            .body()
            .replaceAll(".*\"ConsumerARN\":\"([^\"]+)\".*", "$1");
    String body =
        "{\"ConsumerARN\":\"%s\",\"ShardId\":\"s-0\",\"StartingPosition\":{\"Type\":\"LATEST\"}}"
            .formatted(consumer);
    String head =
        "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: %sSubscribeToShard\r\nAuthorization: any\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: %d\r\n\r\n"
            .formatted(TARGET, body.length());
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(4_096);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write((head + body).getBytes(US_ASCII));
      assertThat(socket.getInputStream().read()).isEqualTo('H');
      for (int i = 0; i < 12; i++) {
        HttpResponse<String> put =
            post(
                TARGET + "PutRecord",
                "{\"StreamName\":\"stream\",\"PartitionKey\":\"k\",\"Data\":\""
                    + "AAAA".repeat(250_000)
                    + "\"}");
        assertThat(put.statusCode()).isEqualTo(200);
      }

      server.faults().dropSubscriptions();

      assertThatThrownBy(() -> socket.getInputStream().readAllBytes())
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("reset");
    }
  }

  @ParameterizedTest
  @CsvSource({"../up, 1", "'', 1", "two words, 1", "none, 0", "many, 10001"})
  void aStreamThatCannotBe_isRefusedInTheJvmToo(String name, int shards) {
    assertThatThrownBy(() -> server.ensureStream(name, shards))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("a stream");
    assertThat(server.streamNames()).doesNotContain(name);
  }

  @Test
  void aPortThatIsTaken_isNamed() {
    assertThatThrownBy(() -> LocalKinesis.builder().port(server.port()).start())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Kinesis cannot listen on port " + server.port());
  }

  @Test
  void aGetRequest_isAnswered() throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(server.endpoint()).timeout(Duration.ofSeconds(20)).build(),
            HttpResponse.BodyHandlers.ofString());
    assertError(response, "UnknownOperationException", "it answers POST requests");
  }

  @Test
  void aRequestThatIsTooLarge_isRefusedBeforeItIsRead() throws Exception {
    String body = "x".repeat(21 * 1024 * 1024);
    HttpResponse<String> response = post(TARGET + "PutRecord", body);
    assertThat(response.statusCode()).isEqualTo(413);
  }

  @Test
  void wireNames_areThoseOfTheReference() {
    assertThat(
            Arrays.stream(Operation.values()).map(Operation::wireName).collect(Collectors.toSet()))
        .hasSize(Operation.values().length)
        .contains("PutRecord", "SubscribeToShard", "IncreaseStreamRetentionPeriod");
    assertThat(Operation.named("PutRecords")).contains(Operation.PUT_RECORDS);
  }
}
