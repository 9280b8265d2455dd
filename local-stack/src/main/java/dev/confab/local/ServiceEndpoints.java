package dev.confab.local;

import java.net.URI;
import java.util.Map;

/**
 * Where AWS' services are, or what stands in for them.
 *
 * @param kinesis such as {@code http://localhost:4567}, as are the others
 */
public record ServiceEndpoints(URI kinesis, URI dynamoDb, URI sqs) {
  static final String KINESIS = "AWS_ENDPOINT_URL_KINESIS";
  static final String DYNAMODB = "AWS_ENDPOINT_URL_DYNAMODB";
  static final String SQS = "AWS_ENDPOINT_URL_SQS";

  /** On this machine, by their ports. */
  static ServiceEndpoints local(int kinesis, int dynamoDb, int sqs) {
    return new ServiceEndpoints(local(kinesis), local(dynamoDb), local(sqs));
  }

  private static URI local(int port) {
    return URI.create("http://localhost:" + port);
  }

  /**
   * As the SDKs' own variables name them.
   *
   * @throws IllegalArgumentException if one is missing
   */
  public static ServiceEndpoints of(Map<String, String> environment) {
    return new ServiceEndpoints(
        given(environment, KINESIS), given(environment, DYNAMODB), given(environment, SQS));
  }

  private static URI given(Map<String, String> environment, String variable) {
    String address = environment.get(variable);
    if (address == null) {
      throw new IllegalArgumentException(
          variable + " is missing: it names where the service is, as http://localhost:5000 does");
    }
    return URI.create(address);
  }
}
