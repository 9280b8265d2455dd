package dev.confab.local.template;

import java.net.URI;

/**
 * What stands in for AWS on this machine.
 *
 * @param stackName for {@code AWS::StackName}; also the API's id
 * @param region for {@code AWS::Region}
 * @param accountId for {@code AWS::AccountId}
 * @param queues where SQS is, without a path: {@code http://localhost:9324}
 * @param gateway where the WebSocket API is, without a path: {@code http://localhost:8080}. It
 *     takes the place of {@code https://<api>.execute-api.<region>.<suffix>} wherever that stands
 *     first
 */
public record LocalValues(
    String stackName, String region, String accountId, URI queues, URI gateway) {
  static final String PARTITION = "aws";
  static final String URL_SUFFIX = "amazonaws.com";

  String apiId() {
    return stackName;
  }

  String arn(String service, String rest) {
    return "arn:%s:%s:%s:%s:%s".formatted(PARTITION, service, region, accountId, rest);
  }

  /** Puts this machine's gateway where AWS' stands at the start of an address. */
  String localize(String text) {
    String host = apiId() + ".execute-api." + region + "." + URL_SUFFIX;
    for (String scheme : new String[] {"https", "wss"}) {
      String aws = scheme + "://" + host;
      if (text.equals(aws) || text.startsWith(aws + "/")) {
        String local = scheme.equals("wss") ? "ws://" + gateway.getAuthority() : gateway.toString();
        return local + text.substring(aws.length());
      }
    }
    return text;
  }
}
