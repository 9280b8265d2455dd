package dev.confab.replay;

import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Says in one line what went wrong with AWS and what to do.
 *
 * @param service SQS or Kinesis
 * @param thing what is used there, such as {@code the queue confab-persist-dlq}
 * @param optionsForThing how to name another
 * @param region where it is looked for
 * @param endpoint where calls go, if not to AWS
 */
record AwsFaults(
    String service,
    String thing,
    String optionsForThing,
    String region,
    @Nullable String endpoint) {
  private static final int MAX_CAUSES = 16;

  CannotGoOnException explain(SdkException fault) {
    return new CannotGoOnException(Plain.line(line(fault)), fault);
  }

  /** Whether the same call may succeed later. */
  static boolean isPassing(SdkException fault) {
    return fault.retryable()
        || causes(fault).anyMatch(AwsFaults::isOfNetwork)
        || (fault instanceof AwsServiceException answer
            && (answer.statusCode() >= 500 || answer.isThrottlingException()));
  }

  private String line(SdkException fault) {
    if (fault instanceof AwsServiceException answer) {
      return answered(answer);
    }
    String message = String.valueOf(fault.getMessage());
    if (message.contains("Unable to load credentials")) {
      return "no AWS credentials: log in (aws sso login, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and"
          + " AWS_SECRET_ACCESS_KEY); for the local stack run eval \"$(./confab env)\"";
    }
    if (causes(fault).anyMatch(UnknownHostException.class::isInstance)) {
      return "cannot find %s of %s: is the region right? Name another with --region"
          .formatted(endpoint == null ? "the endpoint" : endpoint, inRegion());
    }
    if (causes(fault).anyMatch(AwsFaults::isOfNetwork)) {
      return endpoint == null
          ? "cannot reach %s: is this machine online? (%s)".formatted(inRegion(), message)
          : "cannot reach %s at %s: is it running? The address is from AWS_ENDPOINT_URL_%s"
              .formatted(service, endpoint, service.toUpperCase(Locale.ROOT));
    }
    return "%s cannot be used: %s".formatted(thing, message);
  }

  private String answered(AwsServiceException answer) {
    String code =
        Optional.ofNullable(answer.awsErrorDetails())
            .map(d -> String.valueOf(d.errorCode()))
            .orElse("");
    String message =
        Optional.ofNullable(answer.awsErrorDetails())
            .map(details -> String.valueOf(details.errorMessage()))
            .orElse(String.valueOf(answer.getMessage()));
    if (code.contains("NonExistentQueue")
        || code.contains("QueueDoesNotExist")
        || code.startsWith("ResourceNotFound")) {
      return "%s does not exist in %s for these credentials: name another with %s, or another region with --region"
          .formatted(thing, endpoint == null ? region : endpoint, optionsForThing);
    }
    if (code.startsWith("ExpiredToken") || code.equals("RequestExpired")) {
      return "the AWS credentials have expired: log in again";
    }
    if (isOfCredentials(code)) {
      return "AWS refuses these credentials (%s): log in again, or check AWS_PROFILE and AWS_ACCESS_KEY_ID"
          .formatted(code);
    }
    if (code.startsWith("AccessDenied")
        || code.startsWith("NotAuthorized")
        || code.startsWith("KMSAccessDenied")) {
      return "not allowed to use %s: %s; docs/operations.md lists the permissions it takes"
          .formatted(thing, message);
    }
    return "%s answers %s for %s: %s"
        .formatted(inRegion(), code.isEmpty() ? answer.statusCode() : code, thing, message);
  }

  private static boolean isOfCredentials(String code) {
    return Stream.of(
            "UnrecognizedClient",
            "InvalidClientTokenId",
            "InvalidAccessKeyId",
            "SignatureDoesNotMatch",
            "InvalidSignature",
            "IncompleteSignature",
            "MissingAuthenticationToken")
        .anyMatch(code::startsWith);
  }

  private String inRegion() {
    return endpoint == null ? service + " in " + region : service;
  }

  private static boolean isOfNetwork(Throwable cause) {
    return cause instanceof ConnectException
        || cause instanceof SocketTimeoutException
        || cause instanceof SocketException
        || cause instanceof ApiCallTimeoutException
        || cause instanceof ApiCallAttemptTimeoutException
        || cause instanceof UnknownHostException;
  }

  private static Stream<Throwable> causes(Throwable fault) {
    List<Throwable> causes = new ArrayList<>();
    for (Throwable cause = fault;
        cause != null && causes.size() < MAX_CAUSES;
        cause = cause.getCause()) {
      causes.add(cause);
    }
    return causes.stream();
  }
}
