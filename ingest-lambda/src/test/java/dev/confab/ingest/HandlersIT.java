package dev.confab.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.nimbusds.jose.jwk.JWKSet;
import com.sun.net.httpserver.HttpServer;
import dev.confab.events.Access;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientFrames;
import dev.confab.events.ClientMessageId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Cursor;
import dev.confab.events.Decoded;
import dev.confab.events.EndReason;
import dev.confab.events.Entry;
import dev.confab.events.ErrorCode;
import dev.confab.events.JsonObject;
import dev.confab.events.Position;
import dev.confab.events.Role;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.kinesis.Fault;
import dev.confab.kinesis.LocalKinesis;
import dev.confab.kinesis.Operation;
import dev.confab.metrics.EmfSpecification;
import dev.confab.table.ChatTable;
import dev.confab.table.DynamoDbChatTable;
import dev.confab.table.LocalDynamoDb;
import dev.confab.table.Messages;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** The handlers as Lambda makes them, against DynamoDB Local and a Kinesis in this JVM. */
class HandlersIT {
  private static final ChatId LOBBY = new ChatId("lobby");
  private static final UserId ANA = new UserId("ana");
  private static final UserId BOB = new UserId("bob");

  @TempDir private static Path folder;

  private static LocalKinesis kinesis;
  private static HttpServer issuer;
  private static int deployments;

  private final Instant connectedAt = Instant.now().minusSeconds(1);
  private final FakeContext context = new FakeContext();
  private final Map<String, RequestStreamHandler> handlers = new HashMap<>();
  private final Map<String, String> environment = newDeployment();
  private final ChatTable table =
      new DynamoDbChatTable(
          Ingest.dynamoDb(IngestConfig.from(environment), Ingest.Services.real()),
          String.valueOf(environment.get("TABLE_NAME")),
          Runnable::run);

  HandlersIT() {
    handlers.put("authorize", new AuthorizeHandler(environment));
    handlers.put("connection", new ConnectionHandler(environment));
    handlers.put("send", new SendMessageHandler(environment));
    handlers.put("chat", new ChatHandler(environment));
    handlers.put("history", new HistoryHandler(environment));
  }

  @BeforeAll
  static void start() throws IOException {
    System.setProperty("aws.accessKeyId", "local");
    System.setProperty("aws.secretAccessKey", "local");
    kinesis = LocalKinesis.builder().start();
    issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer.createContext(
        "/keys",
        exchange -> {
          byte[] keys = new JWKSet(Issuer.KEY.toPublicJWK()).toString().getBytes(UTF_8);
          exchange.sendResponseHeaders(200, keys.length);
          exchange.getResponseBody().write(keys);
          exchange.close();
        });
    issuer.start();
  }

  @AfterAll
  static void stop() {
    issuer.stop(0);
    kinesis.close();
  }

  @AfterEach
  void mend() {
    kinesis.faults().clear();
  }

  private static Map<String, String> newDeployment() {
    String streamName = "confab-" + ++deployments;
    kinesis.ensureStream(streamName, 1);
    return Map.of(
        "TABLE_NAME",
        LocalDynamoDb.newTableName(),
        "STREAM_NAME",
        streamName,
        "AWS_REGION",
        "us-east-1",
        "AWS_ENDPOINT_URL_KINESIS",
        kinesis.endpoint().toString(),
        "AWS_ENDPOINT_URL_DYNAMODB",
        LocalDynamoDb.endpoint().toString(),
        "JWT_ISSUER",
        Issuer.NAME,
        "JWT_AUDIENCE",
        Issuer.AUDIENCE,
        "JWKS_URL",
        "http://localhost:" + issuer.getAddress().getPort() + "/keys",
        "ALLOWED_ORIGINS",
        "*",
        "METRICS_TO",
        folder.resolve(streamName + ".jsonl").toString());
  }

  private String invoke(String handler, String event) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try {
      Objects.requireNonNull(handlers.get(handler))
          .handleRequest(new ByteArrayInputStream(event.getBytes(UTF_8)), output, context);
    } catch (IOException impossibleInMemory) {
      throw new IllegalStateException(impossibleInMemory);
    }
    return output.toString(UTF_8);
  }

  /** What the authorizer says of a user, as API Gateway puts it into later events. */
  private String authorized(String user) throws Exception {
    String token =
        Issuer.token(
            Issuer.claims()
                .subject(user)
                .claim("name", "The " + user)
                .expirationTime(Date.from(Instant.now().plus(Duration.ofHours(1)))));
    String policy =
        invoke(
            "authorize",
            """
            {"type":"REQUEST","methodArn":"arn:aws:execute-api:us-east-1:1:a/prod/$connect",
             "headers":{"Host":"a.example"},"multiValueHeaders":{"Host":["a.example"]},
             "queryStringParameters":{"token":"%s"},
             "multiValueQueryStringParameters":{"token":["%s"]},
             "requestContext":{"routeKey":"$connect","eventType":"CONNECT","connectionId":"c="}}"""
                .formatted(token, token));
    assertThat(policy).contains("\"Effect\":\"Allow\"");
    JsonObject told = JsonObject.parse(policy).object("context");
    return "{\"principalId\":\"%s\",\"integrationLatency\":17,\"userId\":\"%s\",\"name\":\"%s\",\"exp\":\"%s\"}"
        .formatted(user, told.string("userId"), told.string("name"), told.string("exp"));
  }

  private String event(String type, String route, String user, @Nullable String body)
      throws Exception {
    return """
        {"requestContext":{"routeKey":"%s","authorizer":%s,"messageId":"m=","eventType":"%s",
          "extendedRequestId":"x=","requestTime":"24/Nov/2026:02:04:05 +0000",
          "messageDirection":"IN","stage":"prod","connectedAt":%d,"requestTimeEpoch":%d,
          "identity":{"sourceIp":"192.0.2.3"},"requestId":"r=","domainName":"a.example",
          "connectionId":"%s=","apiId":"a"}%s,"isBase64Encoded":false}"""
        .formatted(
            route,
            authorized(user),
            type,
            connectedAt.toEpochMilli(),
            Instant.now().toEpochMilli(),
            user,
            body == null
                ? ""
                : ",\"body\":\""
                    + new String(JsonStringEncoder.getInstance().quoteAsString(body))
                    + "\"");
  }

  private @Nullable ServerFrame ask(String handler, String user, ClientFrame frame)
      throws Exception {
    String route = ClientFrames.actionOf(frame);
    return Backend.frameOf(
        invoke(handler, event("MESSAGE", route, user, ClientFrames.encode(frame))));
  }

  private static void assertFailed(@Nullable ServerFrame answer, ErrorCode code) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            ServerFrame.Failed.class, failed -> assertThat(failed.code()).isEqualTo(code));
  }

  /** What the functions have said about themselves. */
  private List<String> metrics() throws IOException {
    return Files.readAllLines(Path.of(String.valueOf(environment.get("METRICS_TO"))));
  }

  /** The stream, as a consumer reads it. */
  private List<Map.Entry<Position, ChatEvent>> onStream() {
    try (KinesisClient client =
        Ingest.kinesis(IngestConfig.from(environment), Ingest.Services.real())) {
      String iterator =
          client
              .getShardIterator(
                  get ->
                      get.streamName(environment.get("STREAM_NAME"))
                          .shardId("shardId-000000000000")
                          .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
              .shardIterator();
      List<Map.Entry<Position, ChatEvent>> events = new ArrayList<>();
      for (Record record : client.getRecords(get -> get.shardIterator(iterator)).records()) {
        var decoded = ChatEvents.decode(record.partitionKey(), record.data().asByteArray());
        assertThat(decoded).isInstanceOf(Decoded.Event.class);
        events.add(
            Map.entry(Position.of(record.sequenceNumber(), 0), ((Decoded.Event) decoded).event()));
      }
      return events;
    }
  }

  /** What persist does, in one step. */
  private void persist() {
    Cursor prev = Cursor.start();
    for (Map.Entry<Position, ChatEvent> event : onStream()) {
      if (event.getValue() instanceof ChatEvent.MessageSent sent) {
        Entry entry = Entry.Posted.of(event.getKey(), prev, sent);
        table.messages().writeBatch(List.of(new Messages.Stored(sent.chatId(), entry)));
        prev = event.getKey();
      }
    }
  }

  private Position send(String user, String text) throws Exception {
    var frame =
        new ClientFrame.SendMessage("r", LOBBY, new ClientMessageId("by-" + user), text, false);
    ServerFrame answer = ask("send", user, frame);
    if (answer instanceof ServerFrame.Sent sent) {
      return sent.position();
    }
    throw new AssertionError("not sent: " + answer);
  }

  @Test
  void aChatsLife() throws Exception {
    for (String user : List.of("ana", "bob")) {
      assertThat(invoke("connection", event("CONNECT", "$connect", user, null)))
          .isEqualTo("{\"statusCode\":200}");
    }
    assertThat(table.connections().of(ANA, Instant.now())).hasSize(1);
    assertThat(
            ask("chat", "ana", new ClientFrame.CreateChat("r", LOBBY, "Hi \"all\"", Access.OPEN)))
        .isEqualTo(new ServerFrame.ChatCreated("r", LOBBY, "Hi \"all\"", Access.OPEN));
    assertThat(ask("chat", "bob", new ClientFrame.Join("r", LOBBY))).isNull();

    Position first = send("ana", "hello 🌊");
    Position second = send("bob", "you\n\t\"too\"");

    assertThat(onStream()).extracting(Map.Entry::getKey).endsWith(first, second);
    assertThat(metrics())
        .as("one line a message, and nothing of the message in it")
        .hasSize(2)
        .allSatisfy(
            line -> {
              assertThat(EmfSpecification.breaches(line)).isEmpty();
              assertThat(line)
                  .contains("\"Accepted\":1", environment.get("STREAM_NAME"))
                  .doesNotContain("lobby", "ana", "bob", "hello", "too");
            });
    assertThat(onStream().getFirst().getValue())
        .isInstanceOfSatisfying(
            ChatEvent.Subscribed.class,
            subscribed -> {
              assertThat(subscribed.connectionId()).isEqualTo(new ConnectionId("bob="));
              assertThat(subscribed.generation()).isEqualTo(1);
            });

    persist();
    assertThat(ask("history", "bob", new ClientFrame.History("r", LOBBY, null, null, 10)))
        .isInstanceOfSatisfying(
            ServerFrame.History.class,
            page -> {
              assertThat(page.messages())
                  .extracting(shown -> ((Entry.Posted) shown).text())
                  .containsExactly("hello 🌊", "you\n\t\"too\"");
              assertThat(page.through()).isEqualTo(second);
              assertThat(page.hasMore()).isFalse();
            });
    assertThat(ask("history", "bob", new ClientFrame.Sync("r", Map.of(LOBBY, first))))
        .isEqualTo(new ServerFrame.Synced("r", List.of(new ServerFrame.More(LOBBY, second))));
    assertThat(ask("history", "ana", new ClientFrame.MyMessages("r", null, 10)))
        .isInstanceOfSatisfying(
            ServerFrame.MyMessages.class, mine -> assertThat(mine.messages()).hasSize(1));
    assertThat(ask("chat", "ana", new ClientFrame.Members("r", LOBBY, null, 10)))
        .isEqualTo(
            new ServerFrame.Members(
                "r",
                LOBBY,
                List.of(
                    new ServerFrame.Member(ANA, Role.OWNER, "The ana"),
                    new ServerFrame.Member(BOB, Role.MEMBER, "The bob")),
                false));
    assertThat(ask("chat", "bob", new ClientFrame.Chats("r", null, 10)))
        .isEqualTo(
            new ServerFrame.Chats(
                "r",
                List.of(new ServerFrame.ChatSummary(LOBBY, "Hi \"all\"", Role.MEMBER, second)),
                false));
  }

  @Test
  void removal_endsReading_andIsOnTheStream() throws Exception {
    ask("chat", "ana", new ClientFrame.CreateChat("r", LOBBY, null, Access.MEMBERS));
    ask("chat", "ana", new ClientFrame.AddMember("r", LOBBY, BOB));
    send("bob", "hello");
    assertFailed(ask("chat", "ana", new ClientFrame.Leave("r", LOBBY)), ErrorCode.LAST_OWNER);
    assertThat(ask("chat", "ana", new ClientFrame.RemoveMember("r", LOBBY, BOB)))
        .isEqualTo(new ServerFrame.MemberRemoved("r", LOBBY, BOB));

    assertThat(onStream().getLast().getValue())
        .isInstanceOfSatisfying(
            ChatEvent.MemberRemoved.class,
            removed -> {
              assertThat(removed.userId()).isEqualTo(BOB);
              assertThat(removed.generation()).isEqualTo(1);
              assertThat(removed.reason()).isEqualTo(EndReason.REMOVED);
            });
    assertFailed(
        ask("history", "bob", new ClientFrame.History("r", LOBBY, null, null, 10)),
        ErrorCode.CHAT_NOT_FOUND);
    assertFailed(ask("chat", "bob", new ClientFrame.Join("r", LOBBY)), ErrorCode.CHAT_NOT_FOUND);
  }

  @Test
  void subscribeToMany_isOnePutRecords_itsFailuresPutAgain() throws Exception {
    List<ChatId> chats = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      ChatId chat = new ChatId("c" + i);
      chats.add(chat);
      ask("chat", "ana", new ClientFrame.CreateChat(null, chat, null, Access.OPEN));
    }
    kinesis.faults().next(Operation.PUT_RECORDS, 1, Fault.recordsThrottled(3, 24));

    ServerFrame answer = ask("chat", "ana", new ClientFrame.Subscribe("r", List.of()));

    assertThat(answer)
        .isInstanceOfSatisfying(
            ServerFrame.SubscribeAccepted.class,
            accepted -> {
              assertThat(accepted.chatIds()).containsExactlyInAnyOrderElementsOf(chats);
              assertThat(accepted.failed()).isEmpty();
            });
    assertThat(onStream()).hasSize(25);
  }

  @Test
  void anyFrame_onAnyRoute_getsItsAnswer() throws Exception {
    for (String handler : List.of("connection", "send", "chat", "history")) {
      assertThat(ask(handler, "ana", new ClientFrame.Chats("r", null, 10)))
          .isEqualTo(new ServerFrame.Chats("r", List.of(), false));
      assertFailed(
          Backend.frameOf(invoke(handler, event("MESSAGE", "$default", "ana", "garbage"))),
          ErrorCode.INVALID_FRAME);
      assertFailed(
          Backend.frameOf(
              invoke(handler, event("MESSAGE", "$default", "ana", "{\"action\":\"fly\"}"))),
          ErrorCode.UNKNOWN_ACTION);
    }
  }

  @Test
  void streamThatThrottles_isUnavailable() throws Exception {
    ask("chat", "ana", new ClientFrame.CreateChat("r", LOBBY, null, Access.OPEN));
    try (var _ =
        kinesis
            .faults()
            .whenever(call -> call.operation() == Operation.PUT_RECORD, Fault.throttled())) {
      assertFailed(
          ask(
              "send",
              "ana",
              new ClientFrame.SendMessage("r", LOBBY, new ClientMessageId("c"), "secret", false)),
          ErrorCode.UNAVAILABLE);
    }
    assertThat(onStream()).isEmpty();
    assertThat(context.log)
        .singleElement()
        .asString()
        .contains("ProvisionedThroughputExceededException")
        .doesNotContain("secret");
  }

  @Test
  void tableThatIsAway_isUnavailable_andRefusesConnections() throws Exception {
    Map<String, String> elsewhere = new HashMap<>(environment);
    elsewhere.put("AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:1");
    handlers.put("chat", new ChatHandler(elsewhere));
    handlers.put("connection", new ConnectionHandler(elsewhere));

    assertFailed(ask("chat", "ana", new ClientFrame.Chats("r", null, 10)), ErrorCode.UNAVAILABLE);
    assertThat(invoke("connection", event("CONNECT", "$connect", "ana", null)))
        .isEqualTo("{\"statusCode\":503}");
  }

  @Test
  void disconnect_forgetsTheConnection() throws Exception {
    invoke("connection", event("CONNECT", "$connect", "ana", null));
    invoke("connection", event("DISCONNECT", "$disconnect", "ana", null));
    assertThat(table.connections().of(ANA, Instant.now())).isEmpty();
  }

  @Test
  void forgedToken_isUnauthorized() {
    String forged =
        Issuer.token(
            Issuer.OTHER_KEY, com.nimbusds.jose.JWSAlgorithm.RS256, _ -> {}, Issuer.claims());
    assertThatThrownBy(
            () ->
                invoke(
                    "authorize",
                    "{\"methodArn\":\"a\",\"queryStringParameters\":{\"token\":\""
                        + forged
                        + "\"}}"))
        .hasMessage("Unauthorized");
  }
}
