package dev.confab.ingest;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.JsonObject;
import dev.confab.events.UserId;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Judges tokens: signed JWTs of one issuer, for one audience, by one asymmetric algorithm, with a
 * key that the issuer serves now. Everything in a token's header that could name another key or
 * another way to check is refused rather than ignored. Thread-safe.
 */
final class Tokens {
  /** An API Gateway header or query string is smaller; a token of most issuers has 1 to 2 KB. */
  static final int MAX_CHARS = 8 * 1024;

  /**
   * How far the issuer's clock may be ahead of ours, for {@code nbf}. None for {@code exp}: every
   * later frame holds the connection to it, so a second's grace at the start would be worth
   * nothing.
   */
  static final Duration MAX_SKEW = Duration.ofSeconds(60);

  /** Of a display name, in UTF-16 units. */
  static final int MAX_NAME_CHARS = 128;

  private final AuthorizerConfig config;
  private final SigningKeys keys;
  private final Clock clock;

  Tokens(AuthorizerConfig config, SigningKeys keys, Clock clock) {
    this.config = config;
    this.keys = keys;
    this.clock = clock;
  }

  /** What a token turned out to be. */
  sealed interface Judged {}

  /**
   * A good one.
   *
   * @param name for people to read; absent where the token has none that is short and printable
   * @param expiresAt in whole seconds
   */
  record Genuine(UserId userId, @Nullable String name, Instant expiresAt) implements Judged {}

  /**
   * One to refuse.
   *
   * @param reason for the log, with nothing of the token in it
   */
  record Refused(String reason) implements Judged {}

  /**
   * Judges a token. Any text gives an answer.
   *
   * @throws KeysUnavailableException if the issuer's keys can't be had
   */
  Judged judge(String token) {
    if (token.length() > MAX_CHARS) {
      return new Refused("the token is longer than " + MAX_CHARS + " characters");
    }
    if (!isSpelledAsWritten(token)) {
      return new Refused("not base64url as JWTs are written");
    }
    SignedJWT jwt;
    try {
      jwt = SignedJWT.parse(token);
    } catch (ParseException | RuntimeException notSigned) { // a null header is a NullPointer there
      return new Refused("not a signed JWT");
    }
    String refusal = refusalOf(jwt.getHeader());
    if (refusal != null) {
      return new Refused(refusal);
    }
    List<JWK> candidates = keys.find(jwt.getHeader().getKeyID());
    if (candidates.isEmpty()) {
      return new Refused("the issuer serves no such key");
    }
    if (candidates.stream().noneMatch(key -> isSignedBy(jwt, key))) {
      return new Refused("the signature is wrong");
    }
    try {
      JsonObject.parse(jwt.getPayload().toBytes(), MAX_CHARS); // the library reads what is no UTF-8
      return judge(jwt.getJWTClaimsSet());
    } catch (InvalidJsonException | ParseException | RuntimeException notClaims) {
      return new Refused("the claims are not those of a JWT");
    }
  }

  /**
   * Whether each part is the one base64url of its bytes. The library also reads blanks, padding,
   * the other alphabet and unused bits, so that one signature would serve many texts.
   */
  private static boolean isSpelledAsWritten(String token) {
    try {
      for (String part : token.split("\\.", -1)) {
        byte[] bytes = Base64.getUrlDecoder().decode(part);
        if (!Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part)) {
          return false;
        }
      }
      return true;
    } catch (IllegalArgumentException notBase64) {
      return false;
    }
  }

  private @Nullable String refusalOf(JWSHeader header) {
    if (!header.getAlgorithm().equals(config.algorithm())) {
      return "signed by another algorithm than " + config.algorithm();
    }
    boolean bringsKey =
        header.getJWK() != null
            || header.getJWKURL() != null
            || header.getX509CertURL() != null
            || header.getX509CertChain() != null;
    if (bringsKey) {
      return "brings its own key";
    }
    return header.getCriticalParams() == null ? null : "has critical parameters";
  }

  private static boolean isSignedBy(SignedJWT jwt, JWK key) {
    try {
      JWSVerifier verifier =
          switch (key) {
            case RSAKey rsa -> new RSASSAVerifier(rsa.toRSAPublicKey());
            case ECKey ec -> new ECDSAVerifier(ec.toECPublicKey());
            default -> throw new IllegalStateException("no key of another type is kept");
          };
      return jwt.verify(verifier);
    } catch (JOSEException unusable) {
      return false;
    }
  }

  private Judged judge(JWTClaimsSet claims) throws ParseException {
    Instant now = clock.instant();
    Date expires = claims.getExpirationTime();
    Date notBefore = claims.getNotBeforeTime();
    if (!config.issuer().equals(claims.getIssuer())) {
      return new Refused("from another issuer");
    }
    if (!claims.getAudience().contains(config.audience())) {
      return new Refused("for another audience");
    }
    if (expires == null) {
      return new Refused("without an expiry");
    }
    if (!expires.toInstant().isAfter(now)) {
      return new Refused("expired");
    }
    if (notBefore != null && notBefore.toInstant().isAfter(now.plus(MAX_SKEW))) {
      return new Refused("not valid yet");
    }
    String subject = claims.getSubject();
    if (subject == null) {
      return new Refused("without a subject");
    }
    try {
      return new Genuine(new UserId(subject), nameOf(claims), expires.toInstant());
    } catch (IllegalArgumentException notAnId) {
      return new Refused("the subject is no userId: " + notAnId.getMessage());
    }
  }

  /** A name that can't be shown is left out rather than refused: the user can chat without. */
  private static @Nullable String nameOf(JWTClaimsSet claims) {
    if (!(claims.getClaim("name") instanceof String name)
        || name.isBlank()
        || name.length() > MAX_NAME_CHARS) {
      return null;
    }
    boolean isPrintable =
        name.codePoints()
            .noneMatch(
                c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE);
    return isPrintable ? name : null;
  }
}
