package dev.confab.local;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.confab.events.UserId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;

/**
 * The identity provider of a local run: signs tokens with a key made at start and serves the public
 * half. Whoever reaches this machine's port may be anyone; that is what a local run is for.
 * Thread-safe.
 */
final class DevTokens {
  static final String ISSUER = "https://confab.local/";
  static final String AUDIENCE = "confab";

  /** As long as a connection can live. */
  static final Duration LIFETIME = Duration.ofHours(2);

  private final RSAKey key;
  private final Clock clock;

  private DevTokens(RSAKey key, Clock clock) {
    this.key = key;
    this.clock = clock;
  }

  /** With a new key. */
  static DevTokens create(Clock clock) {
    try {
      return new DevTokens(new RSAKeyGenerator(2048).keyID("local").generate(), clock);
    } catch (JOSEException noRsa) {
      throw new IllegalStateException("this JDK can't make an RSA key", noRsa);
    }
  }

  /**
   * A token of a user, valid for {@link #LIFETIME}.
   *
   * @param name for people to read
   */
  String tokenFor(UserId user, String name) {
    Instant now = clock.instant();
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(ISSUER)
            .audience(AUDIENCE)
            .subject(user.value())
            .claim("name", name)
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plus(LIFETIME)))
            .build();
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(), claims);
    try {
      token.sign(new RSASSASigner(key));
    } catch (JOSEException noSignature) {
      throw new IllegalStateException("this JDK can't sign with RSA", noSignature);
    }
    return token.serialize();
  }

  /** The public key, as a JSON Web Key Set. */
  String jwks() {
    return new JWKSet(key).toString();
  }
}
