package dev.confab.ingest;

import com.nimbusds.jose.JWSAlgorithm;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What the authorizer is told by its environment.
 *
 * @param issuer {@code JWT_ISSUER}: what a token's {@code iss} must be
 * @param audience {@code JWT_AUDIENCE}: what a token's {@code aud} must be or hold
 * @param jwksUrl {@code JWKS_URL}: where the issuer serves its public keys. https, since whoever
 *     can change what it answers can be anyone; http only on this machine
 * @param algorithm {@code JWT_ALGORITHM}: the one algorithm that is taken, RS256 unless told.
 *     Always an asymmetric one: with HS256 the public key would be the secret
 * @param allowedOrigins {@code ALLOWED_ORIGINS}: the pages that may connect, such as {@code
 *     https://chat.example.com}; empty for {@code *}, every page
 */
record AuthorizerConfig(
    String issuer,
    String audience,
    URI jwksUrl,
    JWSAlgorithm algorithm,
    Set<String> allowedOrigins) {

  /** Those that the JDK can verify without another library. */
  static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512);

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  AuthorizerConfig {
    allowedOrigins = Set.copyOf(allowedOrigins);
  }

  /**
   * Reads the environment.
   *
   * @throws IllegalArgumentException with a line for each variable that is missing or wrong
   */
  static AuthorizerConfig from(Map<String, String> environment) {
    Variables variables = new Variables(environment);
    var config =
        new AuthorizerConfig(
            variables.text("JWT_ISSUER", "the iss of the tokens to take"),
            variables.text("JWT_AUDIENCE", "the aud of the tokens to take"),
            variables.parsed(
                "JWKS_URL",
                "the https address of the issuer's keys (http only on localhost)",
                AuthorizerConfig::jwksUrl,
                URI.create("")),
            variables.optional(
                "JWT_ALGORITHM",
                "one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512",
                AuthorizerConfig::algorithm,
                JWSAlgorithm.RS256),
            variables.parsed(
                "ALLOWED_ORIGINS",
                "* or a comma-separated list of origins such as https://chat.example.com",
                AuthorizerConfig::origins,
                Set.of()));
    variables.check();
    return config;
  }

  private static URI jwksUrl(String text) {
    URI url = Variables.address(text);
    if (!"https".equals(url.getScheme()) && !LOOPBACK.contains(url.getHost())) {
      throw new IllegalArgumentException("plain http");
    }
    return url;
  }

  private static JWSAlgorithm algorithm(String text) {
    for (JWSAlgorithm algorithm : ALGORITHMS) {
      if (algorithm.getName().equals(text)) {
        return algorithm;
      }
    }
    throw new IllegalArgumentException("not an asymmetric algorithm");
  }

  private static Set<String> origins(String text) {
    if (text.equals("*")) {
      return Set.of();
    }
    Set<String> origins = new LinkedHashSet<>();
    for (String part : text.split(",", -1)) {
      String origin = part.strip().toLowerCase(Locale.ROOT);
      URI uri = Variables.address(origin);
      boolean isBare =
          origin.equals(uri.getScheme() + "://" + uri.getRawAuthority())
              && uri.getUserInfo() == null;
      if (!isBare) {
        throw new IllegalArgumentException("more than an origin");
      }
      origins.add(origin);
    }
    return origins;
  }

  /** Whether a page of this origin may connect. */
  boolean isAllowed(String origin) {
    return allowedOrigins.isEmpty() || allowedOrigins.contains(origin.toLowerCase(Locale.ROOT));
  }
}
