package dev.confab.ingest;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;

/**
 * Signs tokens to rehearse with, by a key of its own that no other authorizer has heard of, and
 * looks like the real issuer to the one that has. Not thread-safe.
 */
final class NobodysIssuer implements Jwks {
  private static final int RSA_BITS = 2048;
  private static final Duration EXPIRES_AFTER = Duration.ofHours(1);

  private final AuthorizerConfig config;
  private final JWK key;
  private final JWSSigner signer;

  NobodysIssuer(AuthorizerConfig config) {
    this.config = config;
    JWSAlgorithm algorithm = config.algorithm();
    try {
      if (JWSAlgorithm.Family.EC.contains(algorithm)) {
        Curve curve = Curve.forJWSAlgorithm(algorithm).iterator().next();
        ECKey ec = new ECKeyGenerator(curve).keyID(Priming.NOBODY).generate();
        key = ec;
        signer = new ECDSASigner(ec);
      } else {
        key = new RSAKeyGenerator(RSA_BITS).keyID(Priming.NOBODY).generate();
        signer = new RSASSASigner(key.toRSAKey());
      }
    } catch (JOSEException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Override
  public String fetch() {
    return new JWKSet(key.toPublicJWK()).toString();
  }

  /** A good one, for an hour. */
  String token(String userId, Instant now) {
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(config.issuer())
            .audience(config.audience())
            .subject(userId)
            .claim("name", Priming.NOBODY)
            .expirationTime(Date.from(now.plus(EXPIRES_AFTER)))
            .build();
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(config.algorithm()).keyID(Priming.NOBODY).build(), claims);
    try {
      jwt.sign(signer);
    } catch (JOSEException impossible) {
      throw new IllegalStateException(impossible);
    }
    return jwt.serialize();
  }
}
