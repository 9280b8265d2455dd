package dev.confab.table;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;

/**
 * DynamoDB Local on a free port, one for all tests of a JVM, with a new table for each that asks.
 */
public final class LocalDynamoDb {
  private static final AtomicInteger TABLES = new AtomicInteger();

  private LocalDynamoDb() {}

  private static final class Server {
    static final URI ENDPOINT = start();
    static final DynamoDbClient CLIENT = client(new NoScan());

    private static URI start() {
      try {
        int port = freePort();
        DynamoDBProxyServer server =
            ServerRunner.createServerFromCommandLineArgs(
                new String[] {"-inMemory", "-port", String.valueOf(port), "-disableTelemetry"});
        server.start();
        return URI.create("http://localhost:" + port);
      } catch (Exception failed) {
        throw new IllegalStateException("DynamoDB Local did not start", failed);
      }
    }

    private static int freePort() throws IOException {
      try (ServerSocket socket = new ServerSocket(0)) {
        return socket.getLocalPort();
      }
    }
  }

  /** Where it listens. */
  public static URI endpoint() {
    return Server.ENDPOINT;
  }

  /** A new, empty table. */
  public static ChatTable newTable() {
    return table(Server.CLIENT, newTableName());
  }

  /** A new, empty table's name. */
  public static String newTableName() {
    String name = "chat-" + TABLES.incrementAndGet();
    TableDefinition.create(Server.CLIENT, name);
    return name;
  }

  static ChatTable table(DynamoDbClient client, String tableName) {
    return new DynamoDbChatTable(client, tableName, Executors.newVirtualThreadPerTaskExecutor());
  }

  /** A client of it whose requests an interceptor sees. */
  static DynamoDbClient client(ExecutionInterceptor interceptor) {
    return DynamoDbClient.builder()
        .endpointOverride(endpoint())
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .overrideConfiguration(override -> override.executionInterceptors(List.of(interceptor)))
        .build();
  }

  /** No store may read the whole table. */
  private static final class NoScan implements ExecutionInterceptor {
    @Override
    public void beforeExecution(
        Context.BeforeExecution context, ExecutionAttributes executionAttributes) {
      SdkRequest request = context.request();
      if (request instanceof ScanRequest) {
        throw new AssertionError("a Scan: " + request);
      }
    }
  }
}
