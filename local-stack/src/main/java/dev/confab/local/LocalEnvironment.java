package dev.confab.local;

import java.util.LinkedHashMap;
import java.util.Map;

/** The environment variables with which the SDKs and the AWS CLI reach a local stack. */
final class LocalEnvironment {
  static final String REGION = "us-east-1";
  static final String ACCOUNT = "000000000000";
  static final String CREDENTIAL = "local";

  private LocalEnvironment() {}

  /** In the order they are printed. */
  static Map<String, String> of(int port, ServiceEndpoints services) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("AWS_REGION", REGION);
    environment.put("AWS_DEFAULT_REGION", REGION);
    environment.put("AWS_ACCESS_KEY_ID", CREDENTIAL);
    environment.put("AWS_SECRET_ACCESS_KEY", CREDENTIAL);
    environment.put(ServiceEndpoints.KINESIS, services.kinesis().toString());
    environment.put(ServiceEndpoints.DYNAMODB, services.dynamoDb().toString());
    environment.put(ServiceEndpoints.SQS, services.sqs().toString());
    environment.put(
        "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI",
        "http://localhost:" + port + "/" + LocalStack.STAGE);
    return environment;
  }
}
