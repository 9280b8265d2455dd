package dev.confab.local.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The template keeps its rules, and each rule is one that a broken copy of it does not. */
class TemplateRulesTest {
  private static final Path OPERATIONS = Path.of("../docs/operations.md");

  private static String template() throws IOException {
    return Files.readString(TemplateTest.FILE);
  }

  @Test
  void template_keepsEveryRule() throws Exception {
    assertThat(TemplateRules.breaches(template())).isEmpty();
  }

  @Test
  void handlerThatDoesNotExist_isFound() throws Exception {
    assertBreach(
        "HistoryFunction: dev.confab.ingest.HistroyHandler is no handler:"
            + " java.lang.ClassNotFoundException: dev.confab.ingest.HistroyHandler",
        "ingest.HistoryHandler",
        "ingest.HistroyHandler");
    assertBreach(
        "HistoryFunction: java.lang.String is no handler: java.lang.ClassCastException: class"
            + " java.lang.String",
        "dev.confab.ingest.HistoryHandler",
        "java.lang.String");
  }

  @Test
  void variableThatIsReadButNotSet_isFound() throws Exception {
    assertBreach("AuthorizeFunction: JWKS_URL is read, but not set", "JWKS_URL:", "JWKS_URI:");
    assertBreach(
        "ConnectionFunction: USER_BURST is read, but not set", "USER_BURST:", "USER_BRUST:");
    assertBreach("PersistTask: DLQ_URL is read, but not set", "Name: DLQ_URL", "Name: DLQ");
    assertBreach("PersistTask: AWS_REGION is read, but not set", "Name: AWS_REGION", "Name: DLQ");
    assertBreach(
        "FanoutTask: MAX_SUBSCRIBERS_PER_CHAT is read, but not set",
        "Name: MAX_SUBSCRIBERS_PER_CHAT",
        "Name: MAX_SUBSCRIBERS");
  }

  @Test
  void variableThatNothingReads_isFound() throws Exception {
    assertBreach(
        "AuthorizeFunction: JWKS_URI is set, but nothing reads it", "JWKS_URL:", "JWKS_URI:");
    assertBreach("PersistTask: DLQ is set, but nothing reads it", "Name: DLQ_URL", "Name: DLQ");
    assertBreach(
        "FanoutTask: MAX_SUBSCRIBERS is set, but nothing reads it",
        "Name: MAX_SUBSCRIBERS_PER_CHAT",
        "Name: MAX_SUBSCRIBERS");
  }

  @Test
  void actionWithoutARoute_isFound() throws Exception {
    assertBreach(
        "WebSocketApi: the action join has no route",
        "        join:\n",
        "        enter:\n",
        "!Ref WebSocketApiJoinRoute",
        "!Ref WebSocketApiEnterRoute");
  }

  @Test
  void actionWhoseAnswerNeverReachesTheClient_isFound() throws Exception {
    assertBreach(
        "WebSocketApi.Routes.join: has no AWS::ApiGatewayV2::RouteResponse: in AWS its answers"
            + " never reach the client",
        "JoinRouteResponse:\n    Type: AWS::ApiGatewayV2::RouteResponse",
        "JoinRouteResponse:\n    Type: AWS::Logs::LogGroup");
    assertBreach(
        "WebSocketApi: the route join has no route response",
        "JoinRouteResponse:\n    Type: AWS::ApiGatewayV2::RouteResponse",
        "JoinRouteResponse:\n    Type: AWS::Logs::LogGroup",
        "join:\n          FunctionArn: !Ref ChatFunction.Alias\n          RouteResponse",
        "join:\n          FunctionArn: !Ref ChatFunction.Alias\n          #");
  }

  @Test
  void routeThatSamWouldTakeForAnother_isFound() throws Exception {
    for (String name : new String[] {"connect", "disconnect", "default", "Connect"}) {
      assertBreach(
          "WebSocketApi.Routes.%s: SAM would put this route in the place of $%s"
              .formatted(name, name),
          "        join:\n",
          "        " + name + ":\n");
    }
  }

  @Test
  void queueThatNobodyWatches_isFound() throws Exception {
    assertBreach(
        "PersistDlq: no alarm watches it",
        "Value: !GetAtt PersistDlq.QueueName",
        "Value: persist-dlq",
        "Value: !GetAtt PersistDlq.QueueName",
        "Value: persist-dlq");
    assertBreach(
        "Another: no alarm watches it",
        "  PersistDlq:\n",
        "  Another:\n    Type: AWS::SQS::Queue\n  PersistDlq:\n");
  }

  @Test
  void streamThatNobodyWatches_isFound() throws Exception {
    assertBreach(
        "Another: no alarm watches it",
        "  ChatStream:\n",
        "  Another:\n    Type: AWS::Kinesis::Stream\n    Properties: {ShardCount: 1}\n  ChatStream:\n");
  }

  /** An alarm on what nobody measures is an alarm that never comes, or never goes. */
  @Test
  void metricThatNobodyMeasures_isFound() throws Exception {
    assertBreach(
        "PersistBehindAlarm: no stage measures MillisBehind",
        "      MetricName: MillisBehindLatest\n",
        "      MetricName: MillisBehind\n");
    assertBreach(
        "PushThrottlesAlarm: persist does not measure Throttled",
        "MetricName: Throttled, Dimensions: [{Name: Stream, Value: !Ref ChatStream}, {Name: Stage, Value: fanout}",
        "MetricName: Throttled, Dimensions: [{Name: Stream, Value: !Ref ChatStream}, {Name: Stage, Value: persist}");
    assertBreach(
        "IngestFaultsAlarm: there is no error code UNAVAILABEL",
        "Value: UNAVAILABLE",
        "Value: UNAVAILABEL");
    assertBreach(
        "IngestFaultsAlarm: Rejected has other dimensions than [Stream, Stage]",
        ", {Name: Code, Value: INTERNAL}",
        "");
    assertBreach(
        "StreamRetentionAlarm: MillisBehindLatest is of the stream ${ChatTable}",
        "Namespace: Confab, MetricName: MillisBehindLatest, Dimensions: [{Name: Stream, Value: !Ref ChatStream}",
        "Namespace: Confab, MetricName: MillisBehindLatest, Dimensions: [{Name: Stream, Value: !Ref ChatTable}");
    assertBreach(
        "Dashboard: no stage measures Stored",
        "[\"Confab\", \"Persisted\"",
        "[\"Confab\", \"Stored\"");
    assertBreach(
        "Dashboard: ingest does not measure Gone",
        "\"Gone\", \"Stream\", \"${ChatStream}\", \"Stage\", \"fanout\"",
        "\"Gone\", \"Stream\", \"${ChatStream}\", \"Stage\", \"ingest\"");
    assertBreach(
        "Dashboard: no stage measures Refused",
        "MetricName=\\\"Rejected",
        "MetricName=\\\"Refused");
    assertBreach(
        "Dashboard: Rejected has other dimensions than",
        "{Confab,Stream,Stage,Code}",
        "{Confab,Stream,Stage}");
  }

  @Test
  void logLevelThatDropsMetrics_isFound() throws Exception {
    assertBreach(
        "ChatFunction: at the log level WARN its metrics are dropped",
        "      LogFormat: JSON ",
        "      ApplicationLogLevel: WARN\n      LogFormat: JSON ");
  }

  @Test
  void wildcardThatNobodyExplains_isFound() throws Exception {
    String breach = ": line N allows or denies %s and no comment says why";
    assertBreach(
        "AuthorizeBoundary" + breach.formatted("*"),
        "Resource: '*' # X-Ray knows no resources",
        "Resource: '*'");
    assertBreach(
        "SendMessageFunction" + breach.formatted("kinesis:*"),
        "Action: kinesis:PutRecord\n",
        "Action: kinesis:*\n");
    assertBreach(
        "PersistRole" + breach.formatted("kinesis:Get*"),
        "                  - kinesis:GetRecords\n",
        "                  - kinesis:Get*\n");
    assertBreach(
        "PersistDlqPolicy" + breach.formatted("*"),
        "Principal: '*' # whoever it is\n",
        "Principal:\n              AWS: '*'\n");
    assertBreach(
        "FanoutRole"
            + breach.formatted(
                "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}"
                    + ":${WebSocketApi}/${StageName}/*/@connections/*"),
        "                # any method, of any connection\n",
        "");
  }

  @Test
  void logsThatStayForGood_areFound() throws Exception {
    String breach = ": its logs go to no group of the template that has a retention";
    assertBreach("ChatFunction" + breach, "LogGroup: !Ref IngestLogs", "LogGroup: /mine");
    assertBreach("PersistTask" + breach, "awslogs-group: !Ref ConsumerLogs", "awslogs-group: mine");
    String group =
        "Type: AWS::Logs::LogGroup\n    DeletionPolicy: Delete\n    UpdateReplacePolicy: Delete\n";
    String kept = group + "    Properties:\n      RetentionInDays: 30\n";
    assertBreach(
        "FanoutTask" + breach, "  ConsumerLogs:\n    " + kept, "  ConsumerLogs:\n    " + group);
    assertBreach(
        "AuthorizeFunction" + breach, "  IngestLogs:\n    " + kept, "  IngestLogs:\n    " + group);
  }

  /** An operator who is called at night finds what the alarm means, and no alarm that isn't. */
  @Test
  void everyAlarmIsInTheHandbook_andNoOther() throws Exception {
    String alarms = section("## Alarms", "## Metrics");
    assertThat(all("(?m)^\\| ((?:`[a-z-]+`(?:, )?)+) \\|", alarms))
        .flatExtracting(names -> all("`([a-z-]+)`", names))
        .containsExactlyInAnyOrderElementsOf(
            all("AlarmName: !Sub \\$\\{AWS::StackName}-([a-z-]+)", template()));
  }

  @Test
  void everyMetricThatIsWatchedOrShown_isInTheHandbook() throws Exception {
    Set<String> metrics = all("Namespace: Confab, MetricName: ([A-Za-z]+)", template());
    metrics.addAll(all("Namespace: Confab\n +MetricName: ([A-Za-z]+)\n", template()));
    metrics.addAll(all("\\[\"Confab\", \"([A-Za-z]+)\"", template()));
    metrics.addAll(all("MetricName=.\"([A-Za-z]+).\"", template()));
    assertThat(all("(?m)^\\| `([A-Za-z]+)` \\|", section("## Metrics", "## By error")))
        .isEqualTo(metrics);
  }

  private static String section(String from, String to) throws IOException {
    String handbook = Files.readString(OPERATIONS);
    return handbook.substring(handbook.indexOf(from), handbook.indexOf(to));
  }

  private static Set<String> all(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult found) -> found.group(1))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /**
   * Changes the real file and asks for one breach.
   *
   * @param edits texts of the file, each followed by what takes the place of its first occurrence
   */
  private static void assertBreach(String breach, String... edits) throws IOException {
    String yaml = template();
    for (int i = 0; i < edits.length; i += 2) {
      int at = yaml.indexOf(edits[i]);
      assertThat(at).as(edits[i]).isNotNegative();
      yaml = yaml.substring(0, at) + edits[i + 1] + yaml.substring(at + edits[i].length());
    }
    assertThat(TemplateRules.breaches(yaml))
        .extracting(found -> found.replaceAll("line \\d+", "line N"))
        .anyMatch(found -> found.contains(breach));
  }
}
