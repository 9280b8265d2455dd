package dev.confab.local.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each intrinsic function gives. */
class ResolverTest {
  private static String templateWith(String value) {
    return """
      Parameters:
        Colour:
          Type: String
          Default: blue
        Network:
          Type: AWS::EC2::VPC::Id
      Conditions:
        IsBlue: !Equals [!Ref Colour, blue]
        IsRed:
          Fn::Equals: [!Ref Colour, red]
        IsNotRed: !Not [!Equals [!Ref Colour, red]]
      Globals:
        Function:
          Runtime: java25
          Timeout: 7
          AutoPublishAlias: live
          Environment:
            Variables:
              SHARED: shared
              OWN: global
      Resources:
        Api:
          Type: AWS::Serverless::WebSocketApi
          Properties:
            RouteSelectionExpression: $request.body.action
            Routes:
              $default:
                FunctionArn: !GetAtt Hello.Arn
        Queue:
          Type: AWS::SQS::Queue
          Properties:
            QueueName: q
        Hidden:
          Type: AWS::SQS::Queue
          Condition: IsRed
        Hello:
          Type: AWS::Serverless::Function
          Properties:
            Handler: a.B
            Environment:
              Variables:
                OWN: own
                VALUE: %s
      """
        .formatted(value);
  }

  private static Template read(String value, Map<String, String> parameters) {
    return TemplateReader.read("t", templateWith(value), TemplateTest.LOCAL, parameters);
  }

  private static Template.Function hello(String value) {
    return Objects.requireNonNull(read(value, Map.of()).functions().get("Hello"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          plain                                    | plain
          7                                        | 7
          !Ref Colour                              | blue
          {Ref: Colour}                            | blue
          !Ref AWS::StackName                      | confab
          !Ref Queue                               | http://localhost:9324/000000000000/q
          !GetAtt Queue.QueueName                  | q
          {'Fn::GetAtt': [Queue, Arn]}             | arn:aws:sqs:us-east-1:000000000000:q
          !Sub 'a-${Colour}-${AWS::Region}'        | a-blue-us-east-1
          !Sub '${Queue.Arn}/${!Literal}'          | arn:aws:sqs:us-east-1:000000000000:q/${Literal}
          !Sub ['${a}${Colour}', {a: !Ref Colour}] | blueblue
          !If [IsBlue, sky, fire]                  | sky
          !If [IsRed, fire, !Ref Colour]           | blue
          !If [IsNotRed, sky, fire]                | sky
          !Sub 'https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/prod' | http://localhost:8080/prod
          !Sub 'wss://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/prod'   | ws://localhost:8080/prod
          !Sub 'https://x.execute-api.${AWS::Region}.${AWS::URLSuffix}/prod' | https://x.execute-api.us-east-1.amazonaws.com/prod
          """)
  void value(String value, String resolved) {
    assertThat(hello(value).environment()).containsEntry("VALUE", resolved);
  }

  @Test
  void noValue_leavesOut() {
    assertThat(hello("!If [IsRed, x, !Ref AWS::NoValue]").environment())
        .isEqualTo(Map.of("SHARED", "shared", "OWN", "own"));
  }

  @Test
  void globalsAreMerged_andOwnValuesWin() {
    Template.Function hello = hello("x");
    assertThat(hello.environment())
        .isEqualTo(Map.of("SHARED", "shared", "OWN", "own", "VALUE", "x"));
    assertThat(hello.timeout()).hasSeconds(7);
  }

  @Test
  void resourceWhoseConditionFails_isNotThere() {
    assertThat(read("x", Map.of()).queues()).containsOnlyKeys("Queue");
    assertThat(read("x", Map.of("Colour", "red")).queues()).containsOnlyKeys("Queue", "Hidden");
  }

  @Test
  void parameterThatIsNotThere_isRefused() {
    assertThatThrownBy(() -> read("x", Map.of("Color", "red")))
        .hasMessage("t:1: Parameters: there is no Color to give a value for");
  }

  @Test
  void fieldThatIsThereTwice_isRefused() {
    assertThatThrownBy(() -> read("x\n          OWN: twice", Map.of()))
        .hasMessageEndingWith("is there twice");
  }

  @Test
  void brokenYaml_isRefusedWithItsLine() {
    assertThatThrownBy(() -> read("[", Map.of())).hasMessageMatching("t:\\d+: YAML: .*");
  }
}
