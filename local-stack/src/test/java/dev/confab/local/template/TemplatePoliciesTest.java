package dev.confab.local.template;

import static dev.confab.local.template.TemplateRulesTest.assertBreach;

import org.junit.jupiter.api.Test;

/** Each rule about who may do what is one that a broken copy does not keep. */
class TemplatePoliciesTest {
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

  /** A comment that stands near, but not with the statement, or looks like one. */
  @Test
  void wildcardThatIsExplainedElsewhere_isFound() throws Exception {
    String breach = ": line N allows or denies * and no comment says why";
    String statement = "          - Effect: Allow\n            Action: [logs:CreateLogStream";
    assertBreach(
        "AuthorizeBoundary" + breach,
        statement,
        "          # why not\n          - {Effect: Allow, Action: s3:GetObject, Resource: '*'}\n"
            + statement);
    assertBreach(
        "AuthorizeBoundary" + breach,
        "Resource: '*' # X-Ray knows no resources",
        "Resource: ['*', 'arn:aws:s3:::a # b']");
  }

  @Test
  void everything_isNeverAllowed() throws Exception {
    assertBreach(
        "SendMessageFunction: line N allows every action: *",
        "Action: kinesis:PutRecord\n",
        "Action: '*' # it must\n");
    assertBreach(
        "SendMessageFunction: line N allows every action: kinesis:*",
        "Action: kinesis:PutRecord\n",
        "Action: [kinesis:*] # it must\n");
    assertBreach(
        "SendMessageFunction: line N: nobody sees what kinesis:Put???ord matches",
        "Action: kinesis:PutRecord\n",
        "Action: kinesis:Put???ord\n");
    assertBreach(
        "SendMessageFunction: NotAction is as wide as everything else",
        "Action: kinesis:PutRecord\n",
        "NotAction: iam:CreateUser\n");
    assertBreach(
        "PersistDlqPolicy: line N allows everybody",
        "            Effect: Deny\n            Principal: '*'",
        "            Effect: Allow\n            Principal: '*'");
    assertBreach(
        "PersistRole: line N allows everybody",
        "              Service: ecs-tasks.amazonaws.com\n",
        "              AWS: ['*'] # whoever\n");
    assertBreach(
        "ConsumersSecurityGroup: lets somebody in",
        "      SecurityGroupEgress:\n",
        "      SecurityGroupIngress: [{IpProtocol: '-1', CidrIp: 0.0.0.0/0}]\n      SecurityGroupEgress:\n");
  }

  @Test
  void policyThatIsSomewhereElse_isFound() throws Exception {
    String breach = ": line N gives a policy that is not in this template";
    String own = "        - !If [OwnKey, !Ref KeyUse, !Ref AWS::NoValue]\n";
    assertBreach("ConnectionFunction" + breach, own, "        - AdministratorAccess\n");
    assertBreach(
        "ConnectionFunction" + breach,
        own,
        "        - DynamoDBCrudPolicy: {TableName: !Ref ChatTable}\n");
    String roles = "ManagedPolicyArns: !If [OwnKey, [!Ref KeyUse], !Ref AWS::NoValue]\n";
    assertBreach(
        "PersistRole" + breach,
        roles,
        "ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess']\n");
    assertBreach("PersistRole" + breach, roles, "ManagedPolicyArns: [!Ref ImageRegistry]\n");
  }

  @Test
  void functionWithoutABound_isFound() throws Exception {
    assertBreach(
        "ChatFunction: has no PermissionsBoundary of this template",
        "    PermissionsBoundary: !Ref FunctionBoundary\n",
        "");
  }

  @Test
  void wholeTable_isFound() throws Exception {
    String keys = "dynamodb:LeadingKeys: ['CONNECTION#*', 'USER#*']";
    assertBreach(
        "ConnectionFunction: line N: the keys * are any", keys, "dynamodb:LeadingKeys: ['*']");
    assertBreach(
        "ConnectionFunction: line N reaches every item of the table",
        "              Condition:\n                ForAllValues:StringLike:\n                  "
            + keys
            + "\n",
        "");
  }
}
