package dev.confab.table;

import static dev.confab.table.Samples.ANA;
import static dev.confab.table.Samples.LOBBY;
import static dev.confab.table.Samples.NOON;
import static dev.confab.table.Samples.chain;
import static dev.confab.table.Samples.parked;
import static dev.confab.table.Samples.position;
import static dev.confab.table.Samples.posted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.confab.events.Access;
import dev.confab.events.Cursor;
import dev.confab.events.Role;
import dev.confab.table.Messages.BatchOutcome;
import dev.confab.table.Messages.Stored;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;

/** What the stores make of everything that DynamoDB may answer, or not. */
class DynamoDbFaultsTest {
  /** Long enough for a busy machine: no test here waits for it. */
  private static final Duration PATIENT = Duration.ofSeconds(60);

  /** Would retry every failure here, at once. */
  private static final RetryStrategy RETRIES =
      AwsRetryStrategy.standardRetryStrategy().toBuilder()
          .maxAttempts(3)
          .backoffStrategy(BackoffStrategy.retryImmediately())
          .throttlingBackoffStrategy(BackoffStrategy.retryImmediately())
          .build();

  private static final List<Stored> BATCH =
      chain(0, 3).stream().map(entry -> new Stored(LOBBY, entry)).toList();

  private StubDynamoDb stub;
  private ChatTable table;

  @BeforeEach
  void setUp() throws IOException {
    stub = new StubDynamoDb();
    table = StubDynamoDb.table(stub.endpoint(), RETRIES, PATIENT, PATIENT);
  }

  @AfterEach
  void tearDown() {
    stub.close();
  }

  @ParameterizedTest
  @CsvSource({
    "400, ProvisionedThroughputExceededException",
    "400, ThrottlingException",
    "400, RequestLimitExceeded",
    "400, LimitExceededException",
    "400, ResourceNotFoundException",
    "400, AccessDeniedException",
    "400, ExpiredTokenException",
    "400, UnrecognizedClientException",
    "500, InternalServerError",
    "503, ServiceUnavailable"
  })
  void aBatchThatIsNotTaken_isUnavailable_andAttemptedOnce(int status, String type) {
    stub.thenError(status, type);

    BatchOutcome outcome = table.messages().writeBatch(BATCH);

    assertThat(outcome).isEqualTo(new BatchOutcome.Unavailable(type + ": said so"));
    assertThat(stub.requests).hasSize(1);
  }

  @Test
  void aBatchThatIsInvalid_isRefused_andAttemptedOnce() {
    stub.thenError(400, "ValidationException");

    assertThat(table.messages().writeBatch(BATCH))
        .isEqualTo(new BatchOutcome.Refused("ValidationException: said so"));
    assertThat(stub.requests).hasSize(1);
  }

  @Test
  void anAnswerThatIsNoJson_isUnavailable() {
    stub.then(502, "<html>Bad Gateway</html>");

    assertThat(table.messages().writeBatch(BATCH)).isInstanceOf(BatchOutcome.Unavailable.class);
    assertThat(stub.requests).hasSize(1);
  }

  @Test
  void whatABatchHasNoRoomFor_isGivenBack_inTheOrderGiven() {
    stub.then(200, "{\"UnprocessedItems\":{\"chat\":[" + writeOf(2) + "," + writeOf(0) + "]}}");

    assertThat(table.messages().writeBatch(BATCH))
        .isEqualTo(new BatchOutcome.Written(List.of(BATCH.get(0), BATCH.get(2))));
    assertThat(stub.requests).hasSize(1);
  }

  private static String writeOf(int n) {
    return "{\"PutRequest\":{\"Item\":" + keyOf(n) + "}}";
  }

  private static String keyOf(int n) {
    return "{\"PK\":{\"S\":\"CHAT#lobby\"},\"SK\":{\"S\":\"MESSAGE#" + position(n).value() + "\"}}";
  }

  private static String itemOf(int n) {
    return keyOf(n).replaceFirst("}$", "")
        + ",\"prev\":{\"S\":\"START\"},\"parked\":{\"BOOL\":true}}";
  }

  @Test
  void aServerThatDoesNotAnswer_isUnavailable() {
    ChatTable impatient =
        StubDynamoDb.table(
            stub.endpoint(), RETRIES, Duration.ofMillis(100), Duration.ofMillis(300));
    stub.beSilent();

    assertThat(impatient.messages().writeBatch(BATCH)).isInstanceOf(BatchOutcome.Unavailable.class);
    assertThat(stub.requests).hasSizeLessThanOrEqualTo(1);
    assertThatExceptionOfType(TableUnavailableException.class)
        .isThrownBy(() -> impatient.messages().newest(LOBBY));
  }

  @Test
  void aServerThatIsNotThere_isUnavailable() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    ChatTable gone =
        StubDynamoDb.table(URI.create("http://localhost:" + port), RETRIES, PATIENT, PATIENT);

    assertThat(gone.messages().writeBatch(BATCH)).isInstanceOf(BatchOutcome.Unavailable.class);
    assertThatExceptionOfType(TableUnavailableException.class)
        .isThrownBy(() -> gone.messages().newest(LOBBY));
  }

  @Test
  void aRead_isRetriedByTheSdk() {
    stub.thenError(500, "InternalServerError").then(200, "{\"Items\":[" + itemOf(4) + "]}");

    assertThat(table.messages().newest(LOBBY)).isEqualTo(position(4));
    assertThat(stub.requests).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "400, ThrottlingException",
    "400, ProvisionedThroughputExceededException",
    "400, RequestLimitExceeded",
    "400, ResourceNotFoundException",
    "400, AccessDeniedException",
    "500, InternalServerError"
  })
  void everyOtherCallThatFails_saysUnavailable(int status, String type) {
    stub.thenError(status, type);

    List<Runnable> calls =
        List.of(
            () -> table.messages().after(LOBBY, Cursor.start(), 1),
            () -> table.messages().at(LOBBY, List.of(position(0))),
            () -> table.messages().placeholder(LOBBY, parked(0, -1)),
            () -> table.messages().repair(LOBBY, position(0), Cursor::start, _ -> posted(0)),
            () -> table.messages().newest(List.of(LOBBY)),
            () -> table.subscriptions().of(LOBBY, NOON),
            () -> table.subscriptions().put(LOBBY, Samples.subscription("c", 1, null, NOON)),
            () -> table.members().of(LOBBY, ANA),
            () -> table.members().of(ANA, null, 1),
            () -> table.members().add(LOBBY, ANA, Role.MEMBER),
            () -> table.chats().of(LOBBY),
            () -> table.users().put(ANA, "Ana"));

    for (Runnable call : calls) {
      assertThatExceptionOfType(TableUnavailableException.class)
          .isThrownBy(call::run)
          .withMessage(type + ": said so");
    }
  }

  @Test
  void anInvalidRead_isABugThatShows() {
    stub.thenError(400, "ValidationException");

    assertThatExceptionOfType(DynamoDbException.class)
        .isThrownBy(() -> table.messages().newest(LOBBY));
  }

  @Test
  void anInvalidRepair_isRefused() {
    stub.then(200, "{}").thenError(400, "ValidationException");

    assertThat(table.messages().repair(LOBBY, position(0), Cursor::start, _ -> posted(0)))
        .isEqualTo(new Messages.Repair.Refused("ValidationException: said so"));
  }

  @Test
  void pagesThatHoldNothing_areTurnedOver() {
    stub.then(200, "{\"Items\":[],\"LastEvaluatedKey\":" + keyOf(1) + "}")
        .then(200, "{\"Items\":[" + itemOf(2) + "],\"LastEvaluatedKey\":" + keyOf(2) + "}")
        .then(200, "{\"Items\":[" + itemOf(3) + "]}");

    assertThat(table.messages().after(LOBBY, Cursor.start(), 5)).hasSize(2);

    assertThat(stub.requests).hasSize(3);
    assertThat(stub.requests.get(0)).doesNotContain("ExclusiveStartKey").contains("\"Limit\":5");
    assertThat(stub.requests.get(1)).contains("\"ExclusiveStartKey\":", "\"Limit\":5");
    assertThat(stub.requests.get(2)).contains(position(2).value(), "\"Limit\":4");
  }

  @Test
  void aPageThatIsFull_isTheLast() {
    stub.then(200, "{\"Items\":[" + itemOf(2) + "],\"LastEvaluatedKey\":" + keyOf(2) + "}");

    assertThat(table.messages().newest(LOBBY)).isEqualTo(position(2));
    assertThat(stub.requests)
        .singleElement()
        .asString()
        .contains("\"Limit\":1", "\"ScanIndexForward\":false", "\"ConsistentRead\":true");
  }

  @Test
  void keysThatABatchDidNotRead_areAskedForAgain() {
    stub.then(200, batchGet(itemOf(0), keyOf(1) + "," + keyOf(2)))
        .then(200, batchGet(itemOf(1) + "," + itemOf(2), ""));

    assertThat(table.messages().at(LOBBY, List.of(position(0), position(1), position(2))))
        .containsOnlyKeys(position(0), position(1), position(2));

    assertThat(stub.requests).hasSize(2);
    assertThat(stub.requests.get(1))
        .doesNotContain(position(0).value())
        .contains(position(1).value(), position(2).value(), "\"ConsistentRead\":true");
  }

  @Test
  void keysThatNoBatchReads_areNotAskedForForEver() {
    stub.then(200, batchGet(itemOf(0), keyOf(1)));

    assertThatExceptionOfType(TableUnavailableException.class)
        .isThrownBy(() -> table.messages().at(LOBBY, List.of(position(0), position(1))));
    assertThat(stub.requests).hasSize(2);
  }

  private static String batchGet(String items, String unprocessedKeys) {
    String unprocessed =
        unprocessedKeys.isEmpty()
            ? "{}"
            : "{\"chat\":{\"Keys\":[" + unprocessedKeys + "],\"ConsistentRead\":true}}";
    return "{\"Responses\":{\"chat\":[" + items + "]},\"UnprocessedKeys\":" + unprocessed + "}";
  }

  @Test
  void aTransactionThatKeepsBeingCrossed_isGivenUp() {
    stub.then(
        400,
        "{\"__type\":\"com.amazonaws.dynamodb.v20120810#TransactionCanceledException\","
            + "\"message\":\"said so\",\"CancellationReasons\":"
            + "[{\"Code\":\"TransactionConflict\"},{\"Code\":\"None\"}]}");
    Chats.Chat chat = new Chats.Chat(LOBBY, null, Access.OPEN, ANA);

    assertThatExceptionOfType(TableUnavailableException.class)
        .isThrownBy(() -> table.chats().create(chat));
  }
}
