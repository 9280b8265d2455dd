package dev.confab.local.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** The template keeps its rules, and each rule is one that a broken copy of it does not. */
class TemplateRulesTest {
  static String template() throws IOException {
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
  void callPastTheAlias_isFound() throws Exception {
    assertBreach(
        "WebSocketApi.join: calls no alias of a function",
        "        join:\n          FunctionArn: !Ref ChatFunction.Alias",
        "        join:\n          FunctionArn: !GetAtt ChatFunction.Arn");
    assertBreach(
        "WebSocketApi.Auth: calls no alias of a function",
        "AuthArn: !Ref AuthorizeFunction.Alias",
        "AuthArn: !GetAtt AuthorizeFunction.Arn");
  }

  @Test
  void versionWithoutASnapshotOrAWayBack_isFound() throws Exception {
    assertBreach(
        "ChatFunction: has no snapshot to start from",
        "ApplyOn: PublishedVersions",
        "ApplyOn: None");
    assertBreach(
        "ChatFunction: no alarm takes a version back",
        """
                - !Ref AuthorizerErrorsAlarm
                - !Ref IngestErrorsAlarm
                - !Ref IngestFaultsAlarm
                - !Ref ApiErrorsAlarm
        """,
        "        - !Ref ChatTable\n");
    assertBreach(
        "AuthorizeFunction: a change of its properties is no new version",
        "AutoPublishAliasAllProperties: true",
        "AutoPublishAliasAllProperties: false");
  }

  @Test
  void functionThatIsDeployedBeforeTheConsumers_isFound() throws Exception {
    assertBreach(
        "SendMessageFunction: may put what FanoutService of the same commit does not know",
        "DependsOn: [PersistService, FanoutService]",
        "DependsOn: PersistService");
  }

  @Test
  void whatPeopleWroteThatGoesOrLiesOpen_isFound() throws Exception {
    String kept = "    DeletionPolicy: RetainExceptOnCreate\n";
    for (String id : new String[] {"ChatTable", "PersistDlq"}) {
      String type = id.equals("ChatTable") ? "AWS::DynamoDB::Table" : "AWS::SQS::Queue";
      String head = "  " + id + ":\n    Type: " + type + "\n";
      assertBreach(id + ": goes with the stack, and what people wrote with it", head + kept, head);
    }
    assertBreach(
        "PersistDlq: lies in plain text",
        "SqsManagedSseEnabled: !If [OwnKey, !Ref AWS::NoValue, true]",
        "SqsManagedSseEnabled: !If [OwnKey, !Ref AWS::NoValue, false]");
    assertBreach("ChatStream: lies in plain text", "EncryptionType: KMS", "EncryptionType: NONE");
    assertBreach("ChatTable: lies in plain text", "SSEEnabled: true", "SSEEnabled: false");
    assertBreach(
        "ChatTable: can't be had back as it was",
        "PointInTimeRecoveryEnabled: true",
        "PointInTimeRecoveryEnabled: false");
    assertBreach(
        "PersistTask: is killed before its leases are free", "StopTimeout: 60", "StopTimeout: 5");
  }

  /** SAM does not look at a parameter's value: the version would keep the old one. */
  @Test
  void parameterWhoseChangeIsNoNewVersion_isFound() throws Exception {
    assertBreach(
        "ConnectionFunction: a change of UserBurst is no new version",
        "${UserRatePerSecond} a second, ${UserBurst} at once",
        "${UserRatePerSecond} a second");
    assertBreach(
        "AuthorizeFunction: a change of AllowedOrigins is no new version",
        "${JwtAlgorithm} ${AllowedOrigins}",
        "${JwtAlgorithm}");
    assertBreach(
        "AuthorizeFunction: a change of JwtIssuer is no new version",
        "      VersionDescription: !Ref AuthorizeBoundary\n",
        "");
    assertBreach(
        "HistoryFunction: a change of StageName is no new version",
        "        JAVA_TOOL_OPTIONS: ",
        "        STAGE: !Ref StageName\n        JAVA_TOOL_OPTIONS: ");
    assertBreach(
        "AuthorizeBoundary: its description may take more than 1000 characters",
        "MaxLength: 390",
        "MaxLength: 400");
    assertBreach(
        "AuthorizeFunction: its description may take more than 256 characters",
        "VersionDescription: !Ref AuthorizeBoundary",
        "VersionDescription: !Sub ${AuthorizeBoundary} ${JwtIssuer} ${JwtAudience}");
  }

  /**
   * Changes the real file and asks for one breach.
   *
   * @param edits texts of the file, each followed by what takes the place of its first occurrence
   */
  static void assertBreach(String breach, String... edits) throws IOException {
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
