package dev.confab.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.nimbusds.jose.jwk.JWKSet;
import com.sun.net.httpserver.HttpServer;
import dev.confab.kinesis.Fault;
import dev.confab.kinesis.Faults;
import dev.confab.kinesis.LocalKinesis;
import dev.confab.kinesis.Operation;
import dev.confab.table.LocalDynamoDb;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** What happens before a snapshot: the services are called, and nothing is there afterwards. */
class PrimingIT {
  private static final Context<Resource> SNAPSHOT = Core.getGlobalContext();

  private static LocalKinesis kinesis;

  @BeforeAll
  static void start() throws IOException {
    System.setProperty("aws.accessKeyId", "local");
    System.setProperty("aws.secretAccessKey", "local");
    kinesis = LocalKinesis.builder().start();
    kinesis.ensureStream("primed", 1);
  }

  @AfterAll
  static void stop() {
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

  private static List<Priming> all(Map<String, String> environment) {
    return List.of(
        new ConnectionHandler(environment).priming(),
        new SendMessageHandler(environment).priming(),
        new ChatHandler(environment).priming(),
        new HistoryHandler(environment).priming());
  }

  @Test
  void everyRoute_asksTheServices_andLeavesNothing() {
    Map<String, String> environment = environment();
    AtomicInteger puts = new AtomicInteger();
    Faults.Scope counting =
        kinesis
            .faults()
            .whenever(
                call -> call.operation() == Operation.PUT_RECORD,
                new Fault.HeldBy(puts::incrementAndGet));
    try (counting) {
      for (Priming priming : all(environment)) {
        priming.beforeCheckpoint(SNAPSHOT);
      }
    }
    assertThat(puts).as("by the two functions that put").hasValue(2);
    assertThat(metrics()).as("nobody sent those frames").doesNotExist();
    IngestConfig config = IngestConfig.from(environment);
    try (DynamoDbClient dynamoDb = Ingest.dynamoDb(config);
        KinesisClient client = Ingest.kinesis(config)) {
      assertThat(dynamoDb.scan(scan -> scan.tableName(config.tableName())).items()).isEmpty();
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
      new AuthorizeHandler(environment).priming().beforeCheckpoint(SNAPSHOT);
    } finally {
      issuer.stop(0);
    }
    assertThat(asked).hasValue(1);
  }

  /** A version is published all the same. */
  @Test
  void servicesThatAreDown_areNoFault() {
    Map<String, String> environment = new HashMap<>(environment());
    environment.put("AWS_ENDPOINT_URL_KINESIS", "http://localhost:1");
    environment.put("AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:1");
    assertThatCode(
            () -> {
              for (Priming priming : all(environment)) {
                priming.beforeCheckpoint(SNAPSHOT);
              }
            })
        .doesNotThrowAnyException();
    assertThat(metrics()).as("of which one was answered UNAVAILABLE").doesNotExist();
  }
}
