package dev.confab.local.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The project's own template, as local runs see it, and what happens when it goes wrong. */
class TemplateTest {
  static final Path FILE = Path.of("../template.yaml");
  static final LocalValues LOCAL =
      new LocalValues(
          "confab",
          "us-east-1",
          "000000000000",
          URI.create("http://localhost:9324"),
          URI.create("http://localhost:8080"));
  static final Map<String, String> PARAMETERS =
      Map.of(
          "StageName", "local",
          "JwtIssuer", "http://localhost:8080/",
          "JwtAudience", "confab",
          "JwksUrl", "http://localhost:8080/.well-known/jwks.json");

  private static Template read() throws Exception {
    return Template.read(FILE, LOCAL, PARAMETERS);
  }

  @Test
  void routesReachTheirFunctions_andAnswer() throws Exception {
    Template.Api api = read().api();
    assertThat(api.stage()).isEqualTo("local");
    assertThat(api.actionField()).isEqualTo("action");
    assertThat(api.authorizer()).hasValue(new Template.Authorizer("AuthorizeFunction", List.of()));
    Map<String, String> functions = new HashMap<>();
    api.routes()
        .forEach(
            (key, route) -> {
              functions.merge(route.function(), key, (a, b) -> a + " " + b);
              assertThat(route.twoWay())
                  .as(key)
                  .isEqualTo(!key.equals("$connect") && !key.equals("$disconnect"));
            });
    assertThat(functions)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "ConnectionFunction", "$connect $disconnect",
                "SendMessageFunction", "sendMessage",
                "ChatFunction",
                    "createChat addMember removeMember members chats join leave subscribe"
                        + " $default",
                "HistoryFunction", "history myMessages sync"));
    assertThat(api.routes().get("$connect"))
        .extracting(Template.Route::rateLimit)
        .isEqualTo(Optional.of(new Template.RateLimit(500, 500)));
    assertThat(api.routes().get("join"))
        .extracting(Template.Route::rateLimit)
        .isEqualTo(Optional.of(new Template.RateLimit(2000, 1000)));
  }

  @Test
  void functionsHaveTheirHandlersAndEnvironment() throws Exception {
    Map<String, Template.Function> functions = read().functions();
    assertThat(functions.get("AuthorizeFunction"))
        .isEqualTo(
            new Template.Function(
                "AuthorizeFunction",
                "confab-AuthorizeFunction",
                "dev.confab.ingest.AuthorizeHandler",
                Duration.ofSeconds(10),
                Map.of(
                    "JWT_ISSUER", "http://localhost:8080/",
                    "JWT_AUDIENCE", "confab",
                    "JWKS_URL", "http://localhost:8080/.well-known/jwks.json",
                    "JWT_ALGORITHM", "RS256",
                    "ALLOWED_ORIGINS", "*",
                    "JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -Daws.cborEnabled=false")));
    assertThat(functions.values())
        .extracting(Template.Function::handlerClass)
        .containsExactly(
            "dev.confab.ingest.AuthorizeHandler",
            "dev.confab.ingest.ConnectionHandler",
            "dev.confab.ingest.SendMessageHandler",
            "dev.confab.ingest.ChatHandler",
            "dev.confab.ingest.HistoryHandler");
    for (String id :
        List.of("ConnectionFunction", "SendMessageFunction", "ChatFunction", "HistoryFunction")) {
      assertThat(functions.get(id))
          .extracting(Template.Function::environment)
          .isEqualTo(
              Map.of(
                  "TABLE_NAME", "confab",
                  "STREAM_NAME", "confab",
                  "USER_RATE_PER_SECOND", "10",
                  "USER_BURST", "50",
                  "JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -Daws.cborEnabled=false"));
    }
  }

  @Test
  void streamTableAndQueues() throws Exception {
    Template template = read();
    assertThat(template.streams().values())
        .containsExactly(
            new Template.Stream("ChatStream", "confab", OptionalInt.empty(), Duration.ofDays(7)));
    assertThat(template.tables().get("ChatTable"))
        .isEqualTo(
            new Template.Table(
                "ChatTable",
                "confab",
                key("PK", "SK"),
                List.of(new Template.Index("GSI1", key("GSI1PK", "GSI1SK"), "KEYS_ONLY")),
                Optional.of("expiresAt")));
    assertThat(template.queues().values())
        .containsExactly(
            queue("PersistDlq", "confab-persist-dlq"), queue("FanoutDlq", "confab-fanout-dlq"));
  }

  private static Template.Key key(String partition, String sort) {
    return new Template.Key(
        new Template.Attribute(partition, "S"), Optional.of(new Template.Attribute(sort, "S")));
  }

  private static Template.Queue queue(String id, String name) {
    return new Template.Queue(
        id,
        name,
        "http://localhost:9324/000000000000/" + name,
        Duration.ofDays(14),
        Duration.ofSeconds(30));
  }

  @Test
  void provisionedStream_hasItsShards() throws Exception {
    Map<String, String> parameters = new HashMap<>(PARAMETERS);
    parameters.put("ShardCount", "4");
    assertThat(Template.read(FILE, LOCAL, parameters).streams().get("ChatStream"))
        .extracting(Template.Stream::shards)
        .isEqualTo(OptionalInt.of(4));
  }

  @Test
  void tasksReachThisMachinesServices() throws Exception {
    Map<String, Template.Task> tasks = read().tasks();
    assertThat(tasks.get("PersistTask"))
        .isEqualTo(
            new Template.Task(
                "PersistTask",
                "confab-persist",
                Map.of(
                    "AWS_REGION", "us-east-1",
                    "STREAM_NAME", "confab",
                    "TABLE_NAME", "confab",
                    "DLQ_URL", "http://localhost:9324/000000000000/confab-persist-dlq",
                    "APPLICATION_NAME", "confab-persist",
                    "RETRIEVAL", "polling")));
    assertThat(tasks.get("FanoutTask"))
        .isEqualTo(
            new Template.Task(
                "FanoutTask",
                "confab-fanout",
                Map.of(
                    "AWS_REGION", "us-east-1",
                    "STREAM_NAME", "confab",
                    "TABLE_NAME", "confab",
                    "DLQ_URL", "http://localhost:9324/000000000000/confab-fanout-dlq",
                    "APPLICATION_NAME", "confab-fanout",
                    "RETRIEVAL", "polling",
                    "CONNECTIONS_ENDPOINT", "http://localhost:8080/local",
                    "CONNECTIONS_RATE_PER_SECOND", "5000",
                    "MAX_SUBSCRIBERS_PER_CHAT", "5000")));
  }

  @Test
  void leaseTablesAreAsKclMakesThem() throws Exception {
    for (String id : List.of("PersistLeases", "FanoutLeases")) {
      Template.Table leases = read().tables().get(id);
      assertThat(leases)
          .isEqualTo(
              new Template.Table(
                  id,
                  id.equals("PersistLeases") ? "confab-persist" : "confab-fanout",
                  new Template.Key(new Template.Attribute("leaseKey", "S"), Optional.empty()),
                  List.of(
                      new Template.Index(
                          "LeaseOwnerToLeaseKeyIndex", key("leaseOwner", "leaseKey"), "KEYS_ONLY")),
                  Optional.empty()));
    }
  }

  /** One change of the real file each, and the complaint it must raise. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          AWS::SQS::Queue | AWS::SNS::Topic | PersistDlq: AWS::SNS::Topic is not supported by local runs
          !Sub ${AWS::StackName}-persist-dlq | !Join ['-', [a, b]] | Resources.PersistDlq.Properties.QueueName: Fn::Join is not supported by local runs
          Value: !Ref PersistDlq | Value: !Ref PersistDql | PersistTask.ContainerDefinitions.Environment.Value: Ref PersistDql has no value in local runs
          !Ref ConnectionFunction.Alias | !Ref ConectionFunction.Alias | WebSocketApi.Routes.$connect.FunctionArn: Ref ConectionFunction.Alias has no value in local runs
          !Ref ConnectionFunction.Alias | some-arn | WebSocketApi.Routes.$connect.FunctionArn: names no function of this template: some-arn
          $request.body.action | $request.header.action | WebSocketApi.RouteSelectionExpression: local runs support $request.body.<field>, not '$request.header.action'
          ConnectionHandler | ConnectionHandler::handleRequest | ConnectionFunction.Handler: must be a class alone, not 'dev.confab.ingest.ConnectionHandler::handleRequest'
          !Ref WebSocketApiJoinRoute | !Ref WebSocketApiLeaveRoute | LeaveRouteResponse.RouteId: the route leave has two route responses
          !Ref WebSocketApiJoinRoute | !Ref WebSocketApiConnectRoute | WebSocketApi.Routes.$connect: has a route response, but no RouteResponseSelectionExpression
          MessageRetentionPeriod: 1209600 # 14 | DelaySeconds: 9 # 14 | PersistDlq: DelaySeconds is not supported by local runs
          Transform: | Mappings: | Mappings: is not supported by local runs
          Retrieval: | Retreival: | Conditions.FansOut: Ref Retrieval has no value in local runs
          Default: polling | Default: pulling | Parameters.Retrieval: 'pulling' is not one of its AllowedValues
          !If [OnDemand, ON_DEMAND | !If [OnDemnd, ON_DEMAND | ChatStream.StreamModeDetails.StreamMode: there is no condition OnDemnd
          !Equals [!Ref ShardCount, 0] | !Or [true] | Conditions.OnDemand: Fn::Or is not supported by local runs
          !Equals [!Ref ShardCount, 0] | !Ref ShardCount | Conditions.OnDemand: only Fn::Equals and Fn::Not are supported by local runs
          Value: !Ref Retrieval | Value: !Ref VpcId | PersistTask.ContainerDefinitions.Environment.Value: Ref VpcId has no value in local runs
          Default: RS256 | ConstraintDescription: RS256 | Parameters.JwtAlgorithm: has no default: give it a value
          Runtime: java25 | Runtime: nodejs24.x | AuthorizeFunction.Runtime: local runs support Java only
          """)
  void faultIsRefusedByName(String from, String to, String complaint) throws Exception {
    assertRefused(from, to, complaint);
  }

  @Test
  void answersWithoutARouteResponse_areRefused() throws Exception {
    assertRefused(
        "JoinRouteResponse:\n    Type: AWS::ApiGatewayV2::RouteResponse",
        "JoinRouteResponse:\n    Type: AWS::Logs::LogGroup",
        "WebSocketApi.Routes.join: has no AWS::ApiGatewayV2::RouteResponse: in AWS its answers"
            + " never reach the client");
  }

  @Test
  void routeThatSamWouldTakeForAnother_isRefused() throws Exception {
    assertRefused(
        "        sendMessage:\n",
        "        connect:\n",
        "WebSocketApi.Routes.connect: SAM would put this route in the place of $connect");
    assertRefused(
        "        sendMessage:\n",
        "        send-message:\n",
        "WebSocketApi.Routes.send-message: a route's key must be alphanumeric for SAM");
  }

  private static void assertRefused(String from, String to, String complaint) throws Exception {
    String yaml = Files.readString(FILE);
    assertThat(yaml).contains(from);
    int at = yaml.indexOf(from);
    String changed = yaml.substring(0, at) + to + yaml.substring(at + from.length());
    assertThatThrownBy(() -> TemplateReader.read("template.yaml", changed, LOCAL, PARAMETERS))
        .isInstanceOf(TemplateException.class)
        .hasMessageMatching("template.yaml:\\d+: (?s).*")
        .hasMessageEndingWith(": " + complaint)
        .hasMessageNotContaining("\n");
  }
}
