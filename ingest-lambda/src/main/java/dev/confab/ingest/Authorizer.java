package dev.confab.ingest;

import dev.confab.events.UserId;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may open a connection: the page's origin first, since it is cheap, then the token.
 * Thread-safe.
 */
final class Authorizer {
  private static final String BEARER = "Bearer ";

  private final AuthorizerConfig config;
  private final Tokens tokens;

  Authorizer(AuthorizerConfig config, Tokens tokens) {
    this.config = config;
    this.tokens = tokens;
  }

  /** What was decided. */
  sealed interface Decision {}

  /**
   * The user may connect.
   *
   * @param expiresAt the token's, in whole seconds
   */
  record Allowed(UserId userId, @Nullable String name, Instant expiresAt) implements Decision {}

  /** No good token: 401. */
  record Unauthorized(String reason) implements Decision {}

  /** A page of an origin that isn't allowed: 403, whoever its user is. */
  record OriginRefused(String reason) implements Decision {}

  /**
   * Decides. A client that is no browser has no Origin, and none is asked of it.
   *
   * @throws KeysUnavailableException if the issuer's keys can't be had
   */
  Decision decide(AuthorizerRequest request) {
    for (String origin : request.origins()) {
      if (!config.isAllowed(origin)) {
        return new OriginRefused("an Origin that ALLOWED_ORIGINS doesn't name");
      }
    }
    Set<String> given = new LinkedHashSet<>(request.tokens());
    for (String authorization : request.authorizations()) {
      if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
        return new Unauthorized("the Authorization header is no bearer token");
      }
      given.add(authorization.substring(BEARER.length()).strip());
    }
    if (given.isEmpty()) {
      return new Unauthorized("no token");
    }
    if (given.size() > 1) {
      return new Unauthorized("different tokens");
    }
    return switch (tokens.judge(given.iterator().next())) {
      case Tokens.Genuine(UserId userId, String name, Instant expiresAt) ->
          new Allowed(userId, name, expiresAt);
      case Tokens.Refused(String reason) -> new Unauthorized(reason);
    };
  }
}
