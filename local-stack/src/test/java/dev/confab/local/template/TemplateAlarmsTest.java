package dev.confab.local.template;

import static dev.confab.local.template.TemplateRulesTest.assertBreach;
import static dev.confab.local.template.TemplateRulesTest.template;
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

/** Each rule about alarms and metrics is one that a broken copy does not keep. */
class TemplateAlarmsTest {
  private static final Path OPERATIONS = Path.of("../docs/operations.md");

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
  void alarmThatWatchesSomethingElse_doesNotCount() throws Exception {
    String queue = "{Name: QueueName, Value: !GetAtt PersistDlq.QueueName}";
    for (String other :
        new String[] {
          "{Name: Queue, Value: !GetAtt PersistDlq.QueueName}",
          "{Name: QueueName, Value: !GetAtt PersistDlq.Arn}",
          "{Name: QueueName, Value: !Ref PersistDlq}"
        }) {
      assertBreach("PersistDlq: no alarm watches it", queue, other, queue, other);
    }
    assertBreach(
        "PersistDlq: no alarm watches it",
        "  PersistLettersAlarm:\n",
        "  PersistLettersAlarm:\n    Condition: OwnKey\n",
        "  PersistOldLettersAlarm:\n",
        "  PersistOldLettersAlarm:\n    Condition: OwnKey\n");
  }

  @Test
  void alarmThatNobodyHears_isFound() throws Exception {
    String actions =
        "      AlarmActions: !If [HasAlarmTopic, [!Ref AlarmTopicArn], !Ref AWS::NoValue]\n";
    String breach = "IngestErrorsAlarm: nobody hears of it: it has no AlarmActions";
    assertBreach(breach, actions, "");
    assertBreach(breach, actions, "      AlarmActions: !Ref AWS::NoValue\n");
    assertBreach(breach, actions, actions + "      ActionsEnabled: false\n");
  }

  @Test
  void metricThatAwsDoesNotMeasure_isFound() throws Exception {
    assertBreach(
        "StreamThrottlesAlarm: AWS measures no WriteThroughputExceeded of AWS/Kinesis by [StreamName]",
        "      MetricName: WriteProvisionedThroughputExceeded",
        "      MetricName: WriteThroughputExceeded");
    assertBreach(
        "PersistLettersAlarm: AWS measures no ApproximateNumberOfMessagesVisible of AWS/Sqs",
        "      Namespace: AWS/SQS",
        "      Namespace: AWS/Sqs");
    assertBreach(
        "PersistBehindAlarm: AWS measures no MillisBehindLatest of confab",
        "      Namespace: Confab\n      MetricName: MillisBehindLatest",
        "      Namespace: confab\n      MetricName: MillisBehindLatest");
    assertBreach(
        "Dashboard: AWS measures no Frames of AWS/ApiGateway by [ApiId, Stage]",
        "\"AWS/ApiGateway\", \"MessageCount\"",
        "\"AWS/ApiGateway\", \"Frames\"");
  }

  @Test
  void dimensionThatIsNoSuchThing_isFound() throws Exception {
    assertBreach(
        "StreamThrottlesAlarm: the dimension StreamName can't be ${ChatTable}",
        "Dimensions: [{Name: StreamName, Value: !Ref ChatStream}]",
        "Dimensions: [{Name: StreamName, Value: !Ref ChatTable}]");
    assertBreach(
        "TableThrottlesAlarm: the dimension GlobalSecondaryIndexName can't be GSI2",
        "Value: GSI1}",
        "Value: GSI2}");
    assertBreach(
        "Dashboard: the dimension QueueName can't be ${PersistDlq}",
        "\"QueueName\", \"${PersistDlq.QueueName}\"",
        "\"QueueName\", \"${PersistDlq}\"");
    assertBreach(
        "ApiErrorsAlarm: the dimension Stage can't be prod",
        "MetricName: IntegrationError, Dimensions: [{Name: ApiId, Value: !Ref WebSocketApi}, {Name: Stage, Value: !Ref StageName}]",
        "MetricName: IntegrationError, Dimensions: [{Name: ApiId, Value: !Ref WebSocketApi}, {Name: Stage, Value: prod}]");
  }

  @Test
  void filterThatDoesNotMakeTheMetric_isFound() throws Exception {
    assertBreach(
        "AuthorizerErrorsAlarm: no filter makes ${AWS::StackName}-unauthorised",
        "'${AWS::StackName}-unauthorized'",
        "'${AWS::StackName}-unauthorised'");
  }

  @Test
  void metricThatTheExpressionLeavesOut_isFound() throws Exception {
    assertBreach(
        "AuthorizerErrorsAlarm: its expression leaves refused out",
        "Expression: errors - 1.1 * refused",
        "Expression: errors - 0.1");
  }

  @Test
  void silenceThatIsTakenForHealth_isFound() throws Exception {
    assertBreach(
        "PersistBehindAlarm: a consumer that says nothing is no better than one that is late",
        "TreatMissingData: breaching",
        "TreatMissingData: notBreaching");
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
}
