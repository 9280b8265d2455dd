package dev.confab.local.template;

import static dev.confab.local.template.TemplateRulesTest.assertBreach;

import org.junit.jupiter.api.Test;

/** Each rule about logs is one that a broken copy does not keep. */
class TemplateLogsTest {
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

  @Test
  void groupThatStaysForGoodOrIsNotAlwaysThere_isFound() throws Exception {
    String breach = ": keeps logs for good, or is not always there";
    assertBreach(
        "AccessLogs" + breach, "      RetentionInDays: 14\n", "      LogGroupClass: STANDARD\n");
    assertBreach(
        "IngestLogs" + breach, "RetentionInDays: 30", "RetentionInDays: !Ref AWS::NoValue");
    assertBreach(
        "ConsumerLogs" + breach, "  ConsumerLogs:\n", "  ConsumerLogs:\n    Condition: OwnKey\n");
  }

  @Test
  void logsThatGoElsewhere_areFound() throws Exception {
    String driver = "            LogDriver: awslogs\n";
    assertBreach(
        "PersistTask: its logs do not go to CloudWatch", driver, "            LogDriver: splunk\n");
    String group = "              awslogs-group: !Ref ConsumerLogs\n";
    assertBreach(
        "PersistTask: makes a log group that has no retention",
        group,
        group + "              awslogs-create-group: 'true'\n");
    assertBreach(
        "ChatFunction: its log is not JSON, which the filters read",
        "      LogFormat: JSON ",
        "      LogFormat: Text ");
    assertBreach(
        "WebSocketApi: LoggingLevel makes a log group that has no retention",
        "LoggingLevel: 'OFF' #",
        "LoggingLevel: ERROR #");
    assertBreach(
        "WebSocketApi.$connect: LoggingLevel makes a log group that has no retention",
        "          LoggingLevel: 'OFF'\n",
        "          LoggingLevel: INFO\n");
    assertBreach(
        "WebSocketApi: its logs go to no group of the template that has a retention",
        "DestinationArn: !GetAtt AccessLogs.Arn",
        "DestinationArn: !GetAtt ChatTable.Arn");
  }

  @Test
  void logThatHoldsATokenOrText_isFound() throws Exception {
    assertBreach(
        "WebSocketApi: DataTraceEnabled logs tokens and what people write",
        "DataTraceEnabled: false",
        "DataTraceEnabled: true");
    assertBreach(
        "WebSocketApi: its access log would hold $context.requestOverride.querystring.token",
        "{\"requestId\":\"$context.requestId\"",
        "{\"token\":\"$context.requestOverride.querystring.token\",\"requestId\":\"$context.requestId\"");
    assertBreach(
        "WebSocketApi: its access log would hold $context.requestId $input.body",
        "\"$context.requestId\"",
        "\"$context.requestId $input.body\"");
  }

  @Test
  void logLevelThatDropsMetrics_isFound() throws Exception {
    assertBreach(
        "ChatFunction: at the log level WARN its metrics are dropped",
        "      LogFormat: JSON ",
        "      ApplicationLogLevel: WARN\n      LogFormat: JSON ");
  }
}
