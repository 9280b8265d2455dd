package dev.confab.ingest;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.opts.AllowWeakRSAKey;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An identity provider: signs tokens, serves its keys, can be down, counts how often it is asked.
 */
final class Issuer implements Jwks {
  static final Instant NOW = Instant.parse("2026-11-24T02:04:05.123Z");
  static final String NAME = "https://issuer.example";
  static final String AUDIENCE = "confab";

  /** Making one takes a second or so: two serve all tests. */
  static final RSAKey KEY = rsaKey("k1", 2048);

  static final RSAKey OTHER_KEY = rsaKey("k2", 2048);

  final List<JWK> served = new ArrayList<>(List.of(KEY));
  int fetches;
  @Nullable String outage;
  @Nullable String garbage;

  static RSAKey rsaKey(String keyId, int bits) {
    try {
      return new RSAKeyGenerator(bits, bits < 2048).keyID(keyId).generate();
    } catch (JOSEException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Override
  public String fetch() throws IOException {
    fetches++;
    if (outage != null) {
      throw new IOException(outage);
    }
    return garbage == null ? new JWKSet(served).toString(true) : garbage;
  }

  /** Of an authorizer that takes this issuer's tokens. */
  static AuthorizerConfig config(JWSAlgorithm algorithm, Set<String> allowedOrigins) {
    return new AuthorizerConfig(
        NAME, AUDIENCE, URI.create("https://issuer.example/keys"), algorithm, allowedOrigins);
  }

  /** The claims of a good token of ana, valid for an hour. */
  static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .issuer(NAME)
        .audience(AUDIENCE)
        .subject("ana")
        .expirationTime(Date.from(NOW.plus(Duration.ofHours(1))));
  }

  static String token() {
    return token(claims());
  }

  static String token(JWTClaimsSet.Builder claims) {
    return token(KEY, JWSAlgorithm.RS256, header -> {}, claims);
  }

  static String token(
      JWK key,
      JWSAlgorithm algorithm,
      Consumer<JWSHeader.Builder> more,
      JWTClaimsSet.Builder claims) {
    JWSHeader.Builder header = new JWSHeader.Builder(algorithm).keyID(key.getKeyID());
    more.accept(header);
    SignedJWT jwt = new SignedJWT(header.build(), claims.build());
    try {
      JWSSigner signer =
          key instanceof ECKey ec
              ? new ECDSASigner(ec)
              : new RSASSASigner(
                  key.toRSAKey().toPrivateKey(), Set.of(AllowWeakRSAKey.getInstance()));
      jwt.sign(signer);
    } catch (JOSEException impossible) {
      throw new IllegalStateException(impossible);
    }
    return jwt.serialize();
  }
}
