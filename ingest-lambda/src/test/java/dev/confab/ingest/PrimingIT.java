package dev.confab.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.nimbusds.jose.jwk.JWKSet;
import com.sun.net.httpserver.HttpServer;
import dev.confab.events.Access;
import dev.confab.events.ChatId;
import dev.confab.events.Role;
import dev.confab.events.UserId;
import dev.confab.kinesis.LocalKinesis;
import dev.confab.table.ChatTable;
import dev.confab.table.Chats;
import dev.confab.table.DynamoDbChatTable;
import dev.confab.table.LocalDynamoDb;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** What happens before a snapshot: the services are called, and nothing is there afterwards. */
class PrimingIT {
  private static final Context<Resource> SNAPSHOT = Core.getGlobalContext();
  private static final String CBOR = "aws.cborEnabled";

  private static LocalKinesis kinesis;

  @BeforeAll
  static void start() throws IOException {
    System.setProperty("aws.accessKeyId", "local");
    System.setProperty("aws.secretAccessKey", "local");
    System.setProperty(CBOR, "false"); // as the template does
    kinesis = LocalKinesis.builder().start();
    kinesis.ensureStream("primed", 1);
  }

  @AfterAll
  static void stop() {
    System.clearProperty(CBOR);
    kinesis.close();
  }

  @TempDir private Path folder;

  private Path metrics() {
    return folder.resolve("metrics.jsonl");
  }

  private Map<String, String> environment() {
    return Map.of(
        "METRICS_TO", metrics().toString(),
        "TABLE_NAME", LocalDynamoDb.newTableName(),
        "STREAM_NAME", "primed",
        "AWS_REGION", "us-east-1",
        "AWS_ENDPOINT_URL_KINESIS", kinesis.endpoint().toString(),
        "AWS_ENDPOINT_URL_DYNAMODB", LocalDynamoDb.endpoint().toString());
  }

  private interface Making {
    Priming of(Map<String, String> environment);
  }

  /** What a function asks before the snapshot. */
  private record Asked(
      String function, Making priming, List<String> inEarnest, Set<String> inRehearsal) {
    @Override
    public String toString() {
      return function;
    }
  }

  private static List<Asked> functions() {
    return List.of(
        new Asked(
            "connection",
            environment -> new ConnectionHandler(environment).priming(environment),
            List.of("DeleteItem"),
            Set.of("PutItem")),
        new Asked(
            "sendMessage",
            environment -> new SendMessageHandler(environment).priming(environment),
            List.of("GetItem"),
            Set.of("GetItem", "PutRecord")),
        new Asked(
            "chat",
            environment -> new ChatHandler(environment).priming(environment),
            List.of("GetItem"),
            Set.of("GetItem", "PutRecords")),
        new Asked(
            "history",
            environment -> new HistoryHandler(environment).priming(environment),
            List.of("GetItem"),
            Set.of("GetItem", "Query")));
  }

  @ParameterizedTest
  @MethodSource("functions")
  void route_asksInEarnestWhatChangesNothing_andTheRestUnsigned(Asked asked) throws IOException {
    try (RecordingService aws = new RecordingService()) {
      Map<String, String> environment = new HashMap<>(environment());
      environment.put("AWS_ENDPOINT_URL_KINESIS", aws.endpoint());
      environment.put("AWS_ENDPOINT_URL_DYNAMODB", aws.endpoint());
      asked.priming().of(environment).beforeCheckpoint(SNAPSHOT);
      assertThat(aws.signed).isEqualTo(asked.inEarnest());
      assertThat(Set.copyOf(aws.unsigned)).isEqualTo(asked.inRehearsal());
      assertThat(aws.unsigned).hasSize(Priming.TIMES * asked.inRehearsal().size());
    }
  }

  @ParameterizedTest
  @MethodSource("functions")
  void rehearsal_isASuccess_andLeavesNothing(Asked asked) throws IOException {
    Map<String, String> environment = environment();
    Priming priming = asked.priming().of(environment);
    assertThat(priming.rehearse()).isTrue();
    priming.beforeCheckpoint(SNAPSHOT);
    assertThat(metrics()).as("nobody sent those frames").doesNotExist();
    assertThat(System.getProperty(Routes.TRACE_PROPERTY)).isNull();
    assertNothingIsThere(environment);
  }

  @ParameterizedTest
  @MethodSource("functions")
  void aChatOfItsName_andItsUserInIt_stayAsTheyAre(Asked asked) throws IOException {
    Map<String, String> environment = environment();
    ChatId chatId = new ChatId(Priming.NOBODY);
    UserId eve = new UserId("eve");
    IngestConfig config = IngestConfig.from(environment);
    try (DynamoDbClient dynamoDb = Ingest.dynamoDb(config, Ingest.Services.real())) {
      ChatTable table = new DynamoDbChatTable(dynamoDb, config.tableName(), Runnable::run);
      table.chats().create(new Chats.Chat(chatId, null, Access.OPEN, eve));
      assertNothingChanges(asked, environment);
      table.members().add(chatId, new UserId(Priming.NOBODY), Role.MEMBER);
      assertNothingChanges(asked, environment);
    }
  }

  private static void assertNothingChanges(Asked asked, Map<String, String> environment)
      throws IOException {
    List<Map<String, AttributeValue>> before = items(environment);
    asked.priming().of(environment).beforeCheckpoint(SNAPSHOT);
    assertThat(items(environment)).isEqualTo(before);
    assertNothingIsPut(environment);
  }

  private static void assertNothingIsThere(Map<String, String> environment) {
    assertThat(items(environment)).isEmpty();
    assertNothingIsPut(environment);
  }

  private static List<Map<String, AttributeValue>> items(Map<String, String> environment) {
    IngestConfig config = IngestConfig.from(environment);
    try (DynamoDbClient dynamoDb = Ingest.dynamoDb(config, Ingest.Services.real())) {
      return dynamoDb.scan(scan -> scan.tableName(config.tableName())).items();
    }
  }

  private static void assertNothingIsPut(Map<String, String> environment) {
    IngestConfig config = IngestConfig.from(environment);
    try (KinesisClient client = Ingest.kinesis(config, Ingest.Services.real())) {
      String shard =
          client.listShards(list -> list.streamName("primed")).shards().getFirst().shardId();
      String from =
          client
              .getShardIterator(
                  get ->
                      get.streamName("primed")
                          .shardId(shard)
                          .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
              .shardIterator();
      assertThat(client.getRecords(get -> get.shardIterator(from)).records()).isEmpty();
    }
  }

  @Test
  void authorizer_asksForTheIssuersKeys() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    HttpServer issuer =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer.createContext(
        "/keys",
        exchange -> {
          asked.incrementAndGet();
          byte[] keys = new JWKSet(Issuer.KEY.toPublicJWK()).toString().getBytes(UTF_8);
          exchange.sendResponseHeaders(200, keys.length);
          exchange.getResponseBody().write(keys);
          exchange.close();
        });
    issuer.start();
    try {
      Map<String, String> environment =
          Map.of(
              "JWT_ISSUER",
              Issuer.NAME,
              "JWT_AUDIENCE",
              Issuer.AUDIENCE,
              "JWKS_URL",
              "http://localhost:" + issuer.getAddress().getPort() + "/keys",
              "ALLOWED_ORIGINS",
              "*");
      Priming priming = new AuthorizeHandler(environment).priming();
      priming.beforeCheckpoint(SNAPSHOT);
      assertThat(priming.rehearse()).as("the tokens are good").isTrue();
    } finally {
      issuer.stop(0);
    }
    assertThat(asked).hasValue(1);
  }

  /** A version is published all the same, and what needs no network is primed. */
  @ParameterizedTest
  @MethodSource("functions")
  void servicesThatAreDown_areNoFault(Asked asked) throws IOException {
    Map<String, String> environment = new HashMap<>(environment());
    environment.put("AWS_ENDPOINT_URL_KINESIS", "http://localhost:1");
    environment.put("AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:1");
    Priming priming = asked.priming().of(environment);
    assertThatCode(() -> priming.beforeCheckpoint(SNAPSHOT)).doesNotThrowAnyException();
    assertThat(priming.rehearse()).isTrue();
    assertThat(metrics()).as("of which one was answered UNAVAILABLE").doesNotExist();
  }
}
