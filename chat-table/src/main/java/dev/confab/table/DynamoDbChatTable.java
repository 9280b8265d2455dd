package dev.confab.table;

import java.time.Duration;
import java.util.concurrent.Executor;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * The table on DynamoDB.
 *
 * <p>{@link Messages#writeBatch} is attempted once, whatever the client's retries: its caller paces
 * itself. Everything else has the client's retries, within the call's time.
 */
public final class DynamoDbChatTable implements ChatTable {
  /**
   * Of one attempt. A page of 1 MB takes a tenth of a second; the rest is for a cold start's TLS.
   */
  public static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(5);

  /** Of a request with its retries: below a third of what API Gateway allows a route, 29 s. */
  public static final Duration CALL_TIMEOUT = Duration.ofSeconds(9);

  private final Messages messages;
  private final Subscriptions subscriptions;
  private final Members members;
  private final Chats chats;
  private final Connections connections;
  private final Users users;

  /**
   * The stores of a table.
   *
   * @param client stays the caller's to close
   * @param tableName as {@link TableDefinition} describes it
   * @param executor for the small queries that one call makes side by side, a bounded number at a
   *     time: virtual threads, or one that runs what it is given at once
   */
  public DynamoDbChatTable(DynamoDbClient client, String tableName, Executor executor) {
    this(client, tableName, executor, ATTEMPT_TIMEOUT, CALL_TIMEOUT);
  }

  /** The same with other limits of time, for one attempt and for all of a request. */
  public DynamoDbChatTable(
      DynamoDbClient client,
      String tableName,
      Executor executor,
      Duration attemptTimeout,
      Duration callTimeout) {
    TableClient table = new TableClient(client, tableName, attemptTimeout, callTimeout);
    messages = new DynamoDbMessages(table, executor);
    subscriptions = new DynamoDbSubscriptions(table);
    members = new DynamoDbMembers(table);
    chats = new DynamoDbChats(table, messages);
    connections = new DynamoDbConnections(table);
    users = new DynamoDbUsers(table);
  }

  @Override
  public Messages messages() {
    return messages;
  }

  @Override
  public Subscriptions subscriptions() {
    return subscriptions;
  }

  @Override
  public Members members() {
    return members;
  }

  @Override
  public Chats chats() {
    return chats;
  }

  @Override
  public Connections connections() {
    return connections;
  }

  @Override
  public Users users() {
    return users;
  }
}
