package dev.confab.local.gateway;

import java.util.List;

/**
 * A REQUEST authorizer of {@code $connect}.
 *
 * @param identitySources expressions such as {@code route.request.querystring.token}: without all
 *     of them a client is refused with 401, the function uncalled. Empty: it is always called, and
 *     says 401 itself by failing with the message {@code Unauthorized}
 */
public record Authorizer(LambdaFunction function, List<String> identitySources) {
  public Authorizer {
    identitySources = List.copyOf(identitySources);
    for (String source : identitySources) {
      IdentitySource.parse(source);
    }
  }
}
