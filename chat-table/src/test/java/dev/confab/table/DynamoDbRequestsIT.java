package dev.confab.table;

import static dev.confab.table.Samples.ANA;
import static dev.confab.table.Samples.BEN;
import static dev.confab.table.Samples.LOBBY;
import static dev.confab.table.Samples.NOON;
import static dev.confab.table.Samples.chain;
import static dev.confab.table.Samples.position;
import static dev.confab.table.Samples.subscription;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Access;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Cursor;
import dev.confab.events.Role;
import dev.confab.events.UserId;
import dev.confab.table.Members.Membership;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/** What each access pattern asks of the table: one Query, and keys that an index gave. */
class DynamoDbRequestsIT {
  private static final String QUERY = "QueryRequest";
  private static final String BATCH_GET = "BatchGetItemRequest";

  private final WatchedRequests watched = new WatchedRequests();
  private final DynamoDbClient client = LocalDynamoDb.client(watched);
  private String tableName;
  private ChatTable table;

  @BeforeEach
  void setUp() {
    tableName = LocalDynamoDb.newTableName();
    table = LocalDynamoDb.table(client, tableName);
  }

  @Test
  void everyAccessPattern_isOneQuery() {
    table.chats().create(new Chats.Chat(LOBBY, null, Access.OPEN, ANA));
    Samples.write(table.messages(), LOBBY, chain(0, 120));
    table.subscriptions().put(LOBBY, subscription("c", 1, null, NOON.plusSeconds(1)));
    table
        .connections()
        .put(new Connections.Connection(new ConnectionId("c"), ANA, NOON, NOON.plusSeconds(1)));
    watched.madeSince();

    assertThat(table.messages().after(LOBBY, Cursor.start(), 100)).hasSize(100);
    assertThat(watched.madeSince()).containsExactly(QUERY);
    assertThat(table.messages().before(LOBBY, position(110), 100)).hasSize(100);
    assertThat(watched.madeSince()).containsExactly(QUERY);
    assertThat(table.messages().upTo(LOBBY, position(110), 100)).hasSize(100);
    assertThat(watched.madeSince()).containsExactly(QUERY);
    assertThat(table.messages().newest(LOBBY)).isEqualTo(position(119));
    assertThat(watched.madeSince()).containsExactly(QUERY);
    assertThat(table.messages().of(ANA, null, 100)).hasSize(100);
    assertThat(watched.madeSince()).containsExactly(QUERY, BATCH_GET);
    assertThat(table.members().in(LOBBY, null, 100)).hasSize(1);
    assertThat(watched.madeSince()).containsExactly(QUERY);
    List<Membership> memberships = table.members().of(ANA, null, 100);
    assertThat(watched.madeSince()).containsExactly(QUERY, BATCH_GET);
    assertThat(table.chats().summaries(memberships)).hasSize(1);
    assertThat(watched.madeSince()).containsExactly(BATCH_GET, QUERY);
    assertThat(table.subscriptions().of(LOBBY, NOON)).hasSize(1);
    assertThat(watched.madeSince()).containsExactly(QUERY);
    assertThat(table.connections().of(ANA, NOON)).hasSize(1);
    assertThat(watched.madeSince()).containsExactly(QUERY, BATCH_GET);
  }

  @Test
  void anUnchangedMembership_writesNothing() {
    table.chats().create(new Chats.Chat(LOBBY, null, Access.OPEN, ANA));
    table.members().add(LOBBY, BEN, Role.MEMBER);
    watched.madeSince();

    table.members().add(LOBBY, BEN, Role.MEMBER);
    table.members().join(LOBBY, BEN);
    assertThat(watched.madeSince()).containsExactly("GetItemRequest", "GetItemRequest");
  }

  @Test
  void subscriptionsOfMoreThanAMegabyte_areReadWhole() {
    List<Subscriptions.Subscription> crowd =
        IntStream.range(0, 300)
            .mapToObj(n -> subscription("c" + (1000 + n), 1, null, NOON.plusMillis(1)))
            .toList();
    write(
        crowd.stream()
            .map(one -> DynamoDbSubscriptions.itemOf(LOBBY, one).with("padding", "x".repeat(8_000)))
            .map(Item::attributes)
            .toList());
    watched.madeSince();

    assertThat(table.subscriptions().of(LOBBY, NOON)).isEqualTo(crowd);
    assertThat(watched.madeSince()).hasSizeGreaterThan(2).containsOnly(QUERY);
  }

  @Test
  void membersWhoLeft_fillingPages_hideNobody() {
    List<Map<String, AttributeValue>> crowd = new ArrayList<>();
    for (int n = 0; n < 300; n++) {
      Membership ended = new Membership(LOBBY, new UserId("m" + (1000 + n)), Role.REMOVED, 1);
      crowd.add(DynamoDbMembers.itemOf(ended).attributes());
    }
    write(crowd);
    Membership first = table.members().add(LOBBY, new UserId("a"), Role.MEMBER);
    Membership last = table.members().add(LOBBY, new UserId("z"), Role.MEMBER);

    assertThat(table.members().in(LOBBY, null, 2)).containsExactly(first, last);
    assertThat(table.members().in(LOBBY, null, 1)).containsExactly(first);
    assertThat(table.members().in(LOBBY, first.userId(), 1)).containsExactly(last);
  }

  @Test
  void chatsThatTheIndexStillNames_areNotShownOnceTheyEnded() {
    List<ChatId> chatIds = IntStream.range(0, 6).mapToObj(n -> new ChatId("chat-" + n)).toList();
    chatIds.forEach(chatId -> table.members().add(chatId, BEN, Role.MEMBER));
    for (ChatId chatId : chatIds.subList(0, 4)) {
      Membership ended = new Membership(chatId, BEN, Role.REMOVED, 1);
      Item late = DynamoDbMembers.itemOf(ended).inIndex(Keys.memberInIndex(BEN, chatId));
      write(List.of(late.attributes()));
    }

    assertThat(table.members().of(BEN, null, 2))
        .extracting(Membership::chatId)
        .containsExactly(chatIds.get(4), chatIds.get(5));
  }

  @Test
  void aMarkerThatTheIndexStillNames_isNoMessageOfItsSender() {
    Samples.write(table.messages(), LOBBY, chain(0, 2));
    Item late =
        DynamoDbMessages.itemOf(new Messages.Stored(LOBBY, Samples.duplicate(1, 0, 0)))
            .inIndex(Keys.messageInIndex(ANA, NOON.plusMillis(1), position(1)));
    write(List.of(late.attributes()));

    assertThat(table.messages().of(ANA, null, 1))
        .extracting(own -> own.message().position())
        .containsExactly(position(0));
  }

  private void write(List<Map<String, AttributeValue>> items) {
    for (int from = 0; from < items.size(); from += 25) {
      List<WriteRequest> writes =
          items.subList(from, Math.min(from + 25, items.size())).stream()
              .map(item -> WriteRequest.builder().putRequest(put -> put.item(item)).build())
              .toList();
      client.batchWriteItem(request -> request.requestItems(Map.of(tableName, writes)));
    }
  }

  @Test
  void theTable_isWhatTheDesignSays_andIsMadeOnce() {
    TableDefinition.create(client, tableName);

    TableDescription made = client.describeTable(request -> request.tableName(tableName)).table();
    assertThat(made.keySchema())
        .extracting(key -> key.attributeName() + " " + key.keyTypeAsString())
        .containsExactly("PK HASH", "SK RANGE");
    assertThat(made.globalSecondaryIndexes())
        .singleElement()
        .satisfies(
            index -> {
              assertThat(index.indexName()).isEqualTo("GSI1");
              assertThat(index.projection().projectionTypeAsString()).isEqualTo("KEYS_ONLY");
              assertThat(index.keySchema())
                  .extracting(key -> key.attributeName() + " " + key.keyTypeAsString())
                  .containsExactly("GSI1PK HASH", "GSI1SK RANGE");
            });
    assertThat(
            client
                .describeTimeToLive(request -> request.tableName(tableName))
                .timeToLiveDescription()
                .attributeName())
        .isEqualTo("expiresAt");
  }

  @Test
  void aTableThatIsNotThere_isUnavailable() {
    ChatTable none = LocalDynamoDb.table(client, "no-such-table");

    assertThat(none.messages().writeBatch(List.of(new Messages.Stored(LOBBY, Samples.posted(0)))))
        .isInstanceOfSatisfying(
            Messages.BatchOutcome.Unavailable.class,
            unavailable -> assertThat(unavailable.reason()).contains("ResourceNotFound"));
  }

  @Test
  void theLimitsOfTime_chain() {
    assertThat(DynamoDbChatTable.ATTEMPT_TIMEOUT).isLessThan(DynamoDbChatTable.CALL_TIMEOUT);
    assertThat(DynamoDbChatTable.CALL_TIMEOUT.multipliedBy(3)).isLessThan(Duration.ofSeconds(29));
  }
}
