package dev.confab.fanout;

import dev.confab.events.Bytes;
import dev.confab.events.ConnectionId;
import java.net.URI;
import java.time.Duration;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.apigatewaymanagementapi.ApiGatewayManagementApiClient;
import software.amazon.awssdk.services.apigatewaymanagementapi.model.GetConnectionRequest;
import software.amazon.awssdk.services.apigatewaymanagementapi.model.PostToConnectionRequest;

/** {@code @connections} of an API in API Gateway, or of anything that speaks like it. */
public final class ApiGatewayPushes implements Pushes, AutoCloseable {
  /** A push is answered within milliseconds; longer means that something is wrong. */
  static final Duration TIME_OUT = Duration.ofSeconds(2);

  /** Of a worker with ten shards, each with its most in flight. */
  private static final int MAX_CONNECTIONS = 10 * PushRounds.MAX_IN_FLIGHT;

  private static final int BAD_REQUEST = 400;
  private static final int GONE = 410;
  private static final int TOO_LARGE = 413;
  private static final int TOO_MANY = 429;

  private final ApiGatewayManagementApiClient client;

  private ApiGatewayPushes(ApiGatewayManagementApiClient client) {
    this.client = client;
  }

  /**
   * A client of one API's stage. Credentials come from the SDK's default chain.
   *
   * @param endpoint {@code https://<api>.execute-api.<region>.amazonaws.com/<stage>}, or that of a
   *     custom domain, {@code https://<domain>/<basepath>}
   * @param region which requests are signed for
   */
  public static ApiGatewayPushes at(URI endpoint, Region region) {
    return at(endpoint, region, TIME_OUT);
  }

  static ApiGatewayPushes at(URI endpoint, Region region, Duration timeOut) {
    return new ApiGatewayPushes(
        ApiGatewayManagementApiClient.builder()
            .endpointOverride(endpoint)
            .region(region)
            .httpClientBuilder(
                ApacheHttpClient.builder()
                    .connectionTimeout(timeOut)
                    .socketTimeout(timeOut)
                    .connectionAcquisitionTimeout(timeOut)
                    .maxConnections(MAX_CONNECTIONS))
            .overrideConfiguration(config -> config.retryStrategy(AwsRetryStrategy.doNotRetry()))
            .build());
  }

  @Override
  public Push push(ConnectionId connection, Bytes frame) {
    PostToConnectionRequest request =
        PostToConnectionRequest.builder()
            .connectionId(connection.value())
            .data(SdkBytes.fromByteArrayUnsafe(frame.toArray()))
            .build();
    try {
      client.postToConnection(request);
      return new Delivered();
    } catch (AwsServiceException answer) {
      return switch (answer.statusCode()) {
        case GONE -> new Gone();
        case TOO_LARGE -> new TooLarge(reasonOf(answer));
        case TOO_MANY -> new Slow(reasonOf(answer));
        default -> new Failed(reasonOf(answer));
      };
    } catch (SdkClientException noAnswer) {
      return new Failed(reasonOf(noAnswer));
    }
  }

  @Override
  public Presence probe(ConnectionId connection) {
    try {
      client.getConnection(GetConnectionRequest.builder().connectionId(connection.value()).build());
      return new Connected();
    } catch (AwsServiceException answer) {
      return switch (answer.statusCode()) {
        case GONE -> new Gone();
        case BAD_REQUEST -> new Refused(reasonOf(answer)); // a GET has nothing but the id
        default -> new Unknown(reasonOf(answer));
      };
    } catch (SdkClientException noAnswer) {
      return new Unknown(reasonOf(noAnswer));
    }
  }

  /** The status and AWS' name for the error: its message repeats the connection's id. */
  private static String reasonOf(AwsServiceException answer) {
    String code = answer.awsErrorDetails() == null ? null : answer.awsErrorDetails().errorCode();
    return "HTTP " + answer.statusCode() + (code == null ? "" : " " + code);
  }

  private static String reasonOf(SdkClientException noAnswer) {
    Throwable cause = noAnswer;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getClass().getSimpleName() + ": " + cause.getMessage();
  }

  @Override
  public void close() {
    client.close();
  }
}
