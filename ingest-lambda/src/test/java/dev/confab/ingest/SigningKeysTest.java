package dev.confab.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SigningKeysTest {
  private final Issuer issuer = new Issuer();
  private final MutableClock clock = new MutableClock(Issuer.NOW);
  private final SigningKeys keys = new SigningKeys(issuer, JWSAlgorithm.RS256, clock);

  @Test
  void keys_areFetchedOnceAndKept() {
    assertThat(keys.find("k1")).extracting(JWK::getKeyID).containsExactly("k1");
    clock.advance(SigningKeys.FRESH_FOR.minusMillis(1));
    keys.find("k1");
    assertThat(issuer.fetches).isEqualTo(1);

    clock.advance(Duration.ofMillis(1));
    keys.find("k1");
    assertThat(issuer.fetches).isEqualTo(2);
  }

  @Test
  void newKey_isFetchedAtOnce() {
    keys.find("k1");
    issuer.served.add(Issuer.OTHER_KEY);
    clock.advance(SigningKeys.MIN_INTERVAL);

    assertThat(keys.find("k2")).hasSize(1);
    assertThat(issuer.fetches).isEqualTo(2);
  }

  @Test
  void madeUpKeyIds_doNotHammerTheIssuer() {
    keys.find("k1");
    for (int i = 0; i < 1000; i++) {
      assertThat(keys.find("made-up-" + i)).isEmpty();
      clock.advance(Duration.ofMillis(60));
    }

    // a minute: one at the start, one after each half
    assertThat(issuer.fetches).isEqualTo(2);
  }

  @Test
  void withdrawnKey_isForgotten() {
    keys.find("k1");
    issuer.served.clear();
    issuer.served.add(Issuer.OTHER_KEY);
    clock.advance(SigningKeys.FRESH_FOR);

    assertThat(keys.find("k1")).isEmpty();
  }

  @Test
  void issuerOutage_leavesTheKeysInUse() {
    keys.find("k1");
    issuer.outage = "connection refused";
    clock.advance(Duration.ofHours(3));
    for (int i = 0; i < 100; i++) {
      assertThat(keys.find("k1")).hasSize(1);
    }
    assertThat(issuer.fetches).as("asked once in this half minute").isEqualTo(2);

    issuer.outage = null;
    for (String garbage : List.of("<html>maintenance</html>", "null", "{}", "", "[]")) {
      issuer.garbage = garbage;
      clock.advance(SigningKeys.MIN_INTERVAL);
      assertThat(keys.find("k1")).as(garbage).hasSize(1);
    }
    assertThat(issuer.fetches).isEqualTo(7);
  }

  @Test
  void answerWithoutAUsableKey_leavesTheKeysInUse_andIsAskedForAgainSoon() {
    keys.find("k1");
    issuer.served.clear();
    clock.advance(SigningKeys.FRESH_FOR);
    assertThat(keys.find("k1")).as("an empty set").hasSize(1);

    issuer.served.add(new RSAKey.Builder(Issuer.OTHER_KEY).algorithm(JWSAlgorithm.PS256).build());
    clock.advance(SigningKeys.MIN_INTERVAL);
    assertThat(keys.find("k1")).as("a key for another algorithm").hasSize(1);

    issuer.served.add(Issuer.OTHER_KEY);
    clock.advance(SigningKeys.MIN_INTERVAL);
    assertThat(keys.find("k1")).as("withdrawn: another is in its place").isEmpty();
    assertThat(issuer.fetches).isEqualTo(4);
  }

  @Test
  void noUsableKeyAtTheStart_isAnOutageAndNoReasonToRefuse() {
    issuer.served.clear();
    assertThatThrownBy(() -> keys.find("k1"))
        .isInstanceOf(KeysUnavailableException.class)
        .hasMessage("the issuer serves no key for RS256");
  }

  @Test
  void outageAtTheStart_isToldAndTriedAgain() {
    issuer.outage = "connection refused";
    assertThatThrownBy(() -> keys.find("k1")).isInstanceOf(KeysUnavailableException.class);
    assertThatThrownBy(() -> keys.find("k1")).isInstanceOf(KeysUnavailableException.class);
    assertThat(issuer.fetches).isEqualTo(1);

    issuer.outage = null;
    clock.advance(SigningKeys.MIN_INTERVAL);
    assertThat(keys.find("k1")).hasSize(1);
  }
}
