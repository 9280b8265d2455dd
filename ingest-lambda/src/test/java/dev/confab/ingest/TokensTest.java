package dev.confab.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.confab.events.UserId;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {
  private final Issuer issuer = new Issuer();
  private final MutableClock clock = new MutableClock(Issuer.NOW);
  private final Tokens tokens = tokens(JWSAlgorithm.RS256);

  private Tokens tokens(JWSAlgorithm algorithm) {
    var config = Issuer.config(algorithm, Set.of());
    return new Tokens(config, new SigningKeys(issuer, algorithm, clock), clock);
  }

  private void assertRefused(String token, String reason) {
    assertThat(tokens.judge(token)).isEqualTo(new Tokens.Refused(reason));
  }

  @Test
  void goodToken_isGenuine() {
    Instant expiresAt = Instant.parse("2026-11-24T03:04:05Z");

    assertThat(tokens.judge(Issuer.token(Issuer.claims().claim("name", "Ana María 🌊"))))
        .isEqualTo(new Tokens.Genuine(new UserId("ana"), "Ana María 🌊", expiresAt));
    assertThat(tokens.judge(Issuer.token()))
        .isEqualTo(new Tokens.Genuine(new UserId("ana"), null, expiresAt));
  }

  @Test
  void everyAlgorithmThatCanBePinned_verifies() throws Exception {
    ECKey p256 = new ECKeyGenerator(Curve.P_256).keyID("p256").generate();
    ECKey p384 = new ECKeyGenerator(Curve.P_384).keyID("p384").generate();
    ECKey p521 = new ECKeyGenerator(Curve.P_521).keyID("p521").generate();
    issuer.served.addAll(List.of(p256, p384, p521));

    for (JWSAlgorithm algorithm : AuthorizerConfig.ALGORITHMS) {
      var key =
          switch (algorithm.getName()) {
            case "ES256" -> p256;
            case "ES384" -> p384;
            case "ES512" -> p521;
            default -> Issuer.KEY;
          };
      String token = Issuer.token(key, algorithm, _ -> {}, Issuer.claims());
      assertThat(tokens(algorithm).judge(token))
          .as("%s", algorithm)
          .isInstanceOf(Tokens.Genuine.class);
    }
  }

  @Test
  void otherAlgorithmThanThePinnedOne_isRefused() {
    assertRefused(
        Issuer.token(Issuer.KEY, JWSAlgorithm.RS512, _ -> {}, Issuer.claims()),
        "signed by another algorithm than RS256");
  }

  @Test
  void unsignedToken_isRefused() {
    assertRefused(new PlainJWT(Issuer.claims().build()).serialize(), "not a signed JWT");
    String[] parts = Issuer.token().split("\\.", -1);
    String none = Base64URL.encode("{\"alg\":\"none\"}").toString();
    assertRefused(none + "." + parts[1] + ".", "not a signed JWT");
    assertRefused(none + "." + parts[1] + "." + parts[2], "not a signed JWT");
  }

  /** The classic: the issuer's public key, which anyone has, as the secret of an HMAC. */
  @Test
  void hmacWithThePublicKeyAsSecret_isRefused() throws Exception {
    byte[] publicKey = Issuer.KEY.toRSAPublicKey().getEncoded();
    var jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k1").build(), Issuer.claims().build());
    jwt.sign(new MACSigner(publicKey));

    assertRefused(jwt.serialize(), "signed by another algorithm than RS256");
  }

  @Test
  void headerThatNamesAnotherKey_isRefused() {
    List<Consumer<JWSHeader.Builder>> headers =
        List.of(
            header -> header.jwk(Issuer.OTHER_KEY.toPublicJWK()),
            header -> header.jwkURL(URI.create("https://evil.example/keys")),
            header -> header.x509CertURL(URI.create("https://evil.example/cert")),
            header -> header.x509CertChain(List.of(Base64.encode("certificate"))));

    for (Consumer<JWSHeader.Builder> header : headers) {
      assertRefused(
          Issuer.token(Issuer.OTHER_KEY, JWSAlgorithm.RS256, header, Issuer.claims()),
          "brings its own key");
      assertRefused(
          Issuer.token(Issuer.KEY, JWSAlgorithm.RS256, header, Issuer.claims()),
          "brings its own key");
    }
  }

  @Test
  void criticalHeader_isRefused() {
    assertRefused(
        Issuer.token(
            Issuer.KEY,
            JWSAlgorithm.RS256,
            header -> header.criticalParams(Set.of("exp")).customParam("exp", 1),
            Issuer.claims()),
        "has critical parameters");
  }

  @Test
  void keyOfAnotherWithTheIssuersKeyId_isRefused() {
    RSAKey forged = new RSAKey.Builder(Issuer.OTHER_KEY).keyID("k1").build();

    assertRefused(
        Issuer.token(forged, JWSAlgorithm.RS256, _ -> {}, Issuer.claims()),
        "the signature is wrong");
  }

  @Test
  void changedClaims_areRefused() {
    String[] parts = Issuer.token().split("\\.", -1);
    String[] others = Issuer.token(Issuer.claims().subject("bob")).split("\\.", -1);

    assertRefused(parts[0] + "." + others[1] + "." + parts[2], "the signature is wrong");
    assertRefused(parts[0] + "." + parts[1] + ".AAAA", "the signature is wrong");
    assertRefused(parts[0] + "." + parts[1] + ".", "not a signed JWT");
  }

  @Test
  void keyThatTheIssuerDoesNotServe_isRefused() {
    assertRefused(
        Issuer.token(Issuer.OTHER_KEY, JWSAlgorithm.RS256, _ -> {}, Issuer.claims()),
        "the issuer serves no such key");
  }

  @Test
  void tokenWithoutKeyId_isTriedWithEveryKey() {
    issuer.served.add(0, Issuer.OTHER_KEY);
    RSAKey nameless = new RSAKey.Builder(Issuer.KEY).keyID(null).build();

    assertThat(tokens.judge(Issuer.token(nameless, JWSAlgorithm.RS256, _ -> {}, Issuer.claims())))
        .isInstanceOf(Tokens.Genuine.class);
  }

  @Test
  void keyThatIsNotForThis_isNotUsed() {
    RSAKey weak = Issuer.rsaKey("weak", 1024);
    RSAKey encrypting =
        new RSAKey.Builder(Issuer.OTHER_KEY).keyID("enc").keyUse(KeyUse.ENCRYPTION).build();
    RSAKey other =
        new RSAKey.Builder(Issuer.OTHER_KEY).keyID("ps").algorithm(JWSAlgorithm.PS256).build();
    issuer.served.addAll(List.of(weak, encrypting, other));

    for (RSAKey key : List.of(weak, encrypting, other)) {
      assertRefused(
          Issuer.token(key, JWSAlgorithm.RS256, _ -> {}, Issuer.claims()),
          "the issuer serves no such key");
    }
  }

  @Test
  void claims_areChecked() {
    assertRefused(
        Issuer.token(Issuer.claims().issuer("https://evil.example")), "from another issuer");
    assertRefused(Issuer.token(Issuer.claims().issuer(null)), "from another issuer");
    assertRefused(Issuer.token(Issuer.claims().audience("another")), "for another audience");
    assertRefused(Issuer.token(Issuer.claims().audience(List.of())), "for another audience");
    assertRefused(Issuer.token(Issuer.claims().expirationTime(null)), "without an expiry");
    assertRefused(Issuer.token(Issuer.claims().subject(null)), "without a subject");
    assertThat(tokens.judge(Issuer.token(Issuer.claims().audience(List.of("x", "confab")))))
        .isInstanceOf(Tokens.Genuine.class);
  }

  @Test
  void expiry_hasNoGrace() {
    String token =
        Issuer.token(Issuer.claims().expirationTime(Date.from(Issuer.NOW.plusSeconds(10))));

    clock.advance(Duration.ofMillis(9_876));
    assertThat(tokens.judge(token)).isInstanceOf(Tokens.Genuine.class);
    clock.advance(Duration.ofMillis(1));
    assertRefused(token, "expired");
  }

  @Test
  void notBefore_hasAMinuteOfGrace() {
    JWTClaimsSet.Builder inTime =
        Issuer.claims().notBeforeTime(Date.from(Issuer.NOW.plusSeconds(60)));
    JWTClaimsSet.Builder early =
        Issuer.claims().notBeforeTime(Date.from(Issuer.NOW.plusSeconds(62)));

    assertThat(tokens.judge(Issuer.token(inTime))).isInstanceOf(Tokens.Genuine.class);
    assertRefused(Issuer.token(early), "not valid yet");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ana#bob", "CHAT#lobby", "ana bob", "ana\u0000", "añá"})
  void subjectThatIsNoUserId_isRefused(String subject) {
    assertThat(tokens.judge(Issuer.token(Issuer.claims().subject(subject))))
        .isInstanceOfSatisfying(
            Tokens.Refused.class,
            refused -> assertThat(refused.reason()).startsWith("the subject is no userId"));
  }

  @Test
  void nameThatCannotBeShown_isLeftOut() {
    for (Object name : List.of("", " ", "a\nb", "x".repeat(129), 17, List.of("ana"))) {
      assertThat(tokens.judge(Issuer.token(Issuer.claims().claim("name", name))))
          .isInstanceOfSatisfying(
              Tokens.Genuine.class, genuine -> assertThat(genuine.name()).isNull());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "ey.ey.ey",
        "eyJhbGciOiJSUzI1NiJ9..",
        "\u0000",
        "🌊.🌊.🌊",
        "eyJhbGciOiJSUzI1NiJ9.bm90IGpzb24.AAAA",
        "bnVsbA.bnVsbA.bnVsbA",
        "W10.W10.W10",
        "eyJhbGciOltdfQ.e30.AAAA",
        "eyJhbGciOm51bGx9.e30.AAAA"
      })
  void garbage_isRefused(String token) {
    assertThat(tokens.judge(token)).isInstanceOf(Tokens.Refused.class);
  }

  @Test
  void signedGarbage_isRefused() throws Exception {
    for (String payload :
        List.of(
            "not json",
            "[]",
            "null",
            "{\"sub\":{}}",
            "{\"exp\":\"soon\"}",
            "{\"iss\":\"https://issuer.example\",\"aud\":\"confab\",\"sub\":\"ana\",\"exp\":9e99}")) {
      var jws =
          new com.nimbusds.jose.JWSObject(
              new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k1").build(),
              new com.nimbusds.jose.Payload(payload));
      jws.sign(new com.nimbusds.jose.crypto.RSASSASigner(Issuer.KEY));
      assertThat(tokens.judge(jws.serialize())).as(payload).isInstanceOf(Tokens.Refused.class);
    }
  }

  @Test
  void deepOrLongToken_isRefused() {
    String deep =
        "{\"alg\":\"RS256\",\"kid\":\"k1\",\"x\":" + "[".repeat(2000) + "]".repeat(2000) + "}";
    assertThat(tokens.judge(Base64URL.encode(deep.getBytes(UTF_8)) + ".e30.AAAA"))
        .isInstanceOf(Tokens.Refused.class);
    assertRefused("x".repeat(8193), "the token is longer than 8192 characters");
  }

  @Test
  void noKeysAtAll_isNotTheTokensFault() {
    issuer.outage = "connection refused";

    assertThatThrownBy(() -> tokens.judge(Issuer.token()))
        .isInstanceOf(KeysUnavailableException.class)
        .hasMessage("the issuer's keys can't be fetched: connection refused");
  }
}
