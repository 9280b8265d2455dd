package dev.confab.ingest;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyType;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.IOException;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The issuer's keys for one algorithm, kept in memory.
 *
 * <p>Fetched again every {@link #FRESH_FOR}, and when a token names a key that isn't among them, so
 * that a new key works at once; but never twice within {@link #MIN_INTERVAL}, so that tokens with
 * made-up key ids can't turn us on the issuer. While the issuer can't be reached, or serves no key
 * that fits, the keys last seen are used, however old: its outage must not become ours. So a key is
 * withdrawn by serving another in its place.
 *
 * <p>Thread-safe: one thread fetches, the others wait for it.
 */
final class SigningKeys {
  static final Duration FRESH_FOR = Duration.ofMinutes(10);
  static final Duration MIN_INTERVAL = Duration.ofSeconds(30);

  /** Below it a key can be factored by who cares to. */
  private static final int MIN_RSA_BITS = 2048;

  private final Jwks jwks;
  private final JWSAlgorithm algorithm;
  private final Clock clock;

  private @Nullable List<JWK> keys;
  private Instant fetchedAt = Instant.MIN;
  private Instant triedAt = Instant.MIN;
  private String failure = "";

  SigningKeys(Jwks jwks, JWSAlgorithm algorithm, Clock clock) {
    this.jwks = jwks;
    this.algorithm = algorithm;
    this.clock = clock;
  }

  /**
   * The keys that a token may be signed with.
   *
   * @param keyId as the token's header names it; where it names none, every key will do
   * @return empty if there is no such key
   * @throws KeysUnavailableException if no keys have been fetched yet and they can't be now
   */
  synchronized List<JWK> find(@Nullable String keyId) {
    Instant now = clock.instant();
    if (isOlder(fetchedAt, FRESH_FOR, now)) {
      refresh(now);
    }
    List<JWK> found = among(keyId);
    if (found.isEmpty()) {
      refresh(now);
      found = among(keyId);
    }
    if (keys == null) {
      throw new KeysUnavailableException(failure);
    }
    return found;
  }

  private List<JWK> among(@Nullable String keyId) {
    if (keys == null) {
      return List.of();
    }
    return keyId == null
        ? keys
        : keys.stream().filter(key -> keyId.equals(key.getKeyID())).toList();
  }

  private void refresh(Instant now) {
    if (!isOlder(triedAt, MIN_INTERVAL, now)) {
      return;
    }
    triedAt = now;
    try {
      List<JWK> served = JWKSet.parse(jwks.fetch()).getKeys().stream().filter(this::fits).toList();
      if (served.isEmpty()) {
        failure = "the issuer serves no key for " + algorithm;
        return;
      }
      keys = served;
      fetchedAt = now;
    } catch (IOException unreachable) {
      failure = "the issuer's keys can't be fetched: " + unreachable.getMessage();
    } catch (ParseException | RuntimeException notKeys) {
      failure = "the keys' address doesn't answer with a JSON Web Key Set";
    }
  }

  private static boolean isOlder(Instant time, Duration age, Instant now) {
    return time.equals(Instant.MIN) || Duration.between(time, now).compareTo(age) >= 0;
  }

  private boolean fits(JWK key) {
    KeyUse use = key.getKeyUse();
    boolean signs =
        (use == null || use.equals(KeyUse.SIGNATURE))
            && (key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm));
    return signs
        && KeyType.forAlgorithm(algorithm).equals(key.getKeyType())
        && switch (key) {
          case RSAKey rsa -> rsa.size() >= MIN_RSA_BITS;
          case ECKey ec -> ec.getCurve().equals(curve());
          default -> false;
        };
  }

  private @Nullable Curve curve() {
    return Curve.forJWSAlgorithm(algorithm).stream().findFirst().orElse(null);
  }
}
