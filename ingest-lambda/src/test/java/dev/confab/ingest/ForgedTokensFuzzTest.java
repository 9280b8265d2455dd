package dev.confab.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.JsonObject;
import dev.confab.events.UserId;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;

/** Nobody gets in with a token that the issuer did not sign, letter by letter. */
class ForgedTokensFuzzTest {
  private static final String GENUINE = Issuer.token(Issuer.claims().claim("name", "Ana"));
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final MutableClock clock = new MutableClock(Issuer.NOW);
  private final Tokens tokens =
      new Tokens(
          Issuer.config(JWSAlgorithm.RS256, Set.of()),
          new SigningKeys(new Issuer(), JWSAlgorithm.RS256, clock),
          clock);

  /** Edits of a token: see {@link #edited}. */
  static List<byte[]> edits() {
    return List.of(
        new byte[] {0, 0, 5, 1}, // a bit of the header
        new byte[] {0, 1, 20, 4}, // of the claims
        new byte[] {0, 2, 0, 1}, // of the signature
        new byte[] {1, 0, 0, '.'},
        new byte[] {1, 2, (byte) 200, '='},
        new byte[] {1, 2, (byte) 200, '\n'},
        new byte[] {2, 2, 0, 0},
        new byte[] {3, 2, (byte) 255, 0},
        new byte[] {4, 2, (byte) 255, 1},
        new byte[] {5, 2, 0, 0},
        new byte[] {6, 2, 0, 0},
        new byte[] {7, 0, 1, 0});
  }

  static List<byte[]> forgeries() {
    String claims =
        "{\"iss\":\"https://issuer.example\",\"aud\":\"confab\",\"sub\":\"ana\",\"exp\":1895489445}";
    List<byte[]> seeds = new ArrayList<>();
    for (String header :
        List.of(
            "{\"alg\":\"RS256\",\"kid\":\"k1\"}",
            "{\"alg\":\"RS256\"}",
            "{\"alg\":\"none\"}",
            "{\"alg\":\"NONE\",\"kid\":\"k1\"}",
            "{\"alg\":\"nOnE\",\"kid\":\"k1\"}",
            "{\"alg\":\"HS256\",\"kid\":\"k1\"}",
            "{\"alg\":\"HS384\",\"kid\":\"k1\"}",
            "{\"alg\":\"RS256\",\"kid\":\"k2\"}",
            "{\"alg\":\"RS256\",\"kid\":\"k1\",\"jku\":\"https://evil.example/keys\"}",
            "{\"alg\":\"RS256\",\"kid\":\"k1\",\"x5u\":\"https://evil.example/cert\"}",
            "{\"alg\":\"RS256\",\"kid\":\"k1\",\"crit\":[\"b64\"],\"b64\":false}",
            "{\"alg\":\"none\",\"alg\":\"RS256\",\"kid\":\"k1\"}",
            "{\"alg\":\"RS256\",\"kid\":\"../../dev/null\"}",
            "{\"alg\":\"RSA-OAEP\",\"enc\":\"A128GCM\"}",
            "{\"alg\":\"RS256\",\"kid\":null,\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}}")) {
      seeds.add((header + "\n" + claims).getBytes(UTF_8));
    }
    return seeds;
  }

  static List<byte[]> claims() {
    return List.of(
            "{\"iss\":\"https://issuer.example\",\"aud\":\"confab\",\"sub\":\"ana\",\"exp\":1895489445}",
            "{\"iss\":\"https://issuer.example\",\"aud\":[\"x\",\"confab\"],\"sub\":\"ana\","
                + "\"exp\":1895489445,\"nbf\":1795489445,\"name\":\"Ana\"}",
            "{\"iss\":\"https://issuer.example\",\"aud\":\"confab\",\"aud\":\"x\",\"sub\":\"ana\","
                + "\"sub\":\"bob\",\"exp\":1895489445,\"exp\":1}",
            "{\"iss\":\"https://issuer.example\",\"aud\":\"confab\",\"sub\":\"a#b\",\"exp\":1e300}",
            "{\"iss\":[\"https://issuer.example\"],\"aud\":{\"confab\":1},\"sub\":1,\"exp\":\"1\"}")
        .stream()
        .map(text -> text.getBytes(UTF_8))
        .toList();
  }

  /** A genuine token, edited in any way: only an edit that changes nothing leaves it genuine. */
  @MethodSource("edits")
  @FuzzTest
  void editedToken(byte[] edits) {
    String token = edited(GENUINE, edits);
    if (tokens.judge(token) instanceof Tokens.Genuine) {
      assertThat(token).isEqualTo(GENUINE);
    } else {
      assertThat(token).isNotEqualTo(GENUINE);
    }
  }

  /** Four bytes an edit: what to do, in which segment, where, and with what. */
  private static String edited(String token, byte[] edits) {
    List<String> segments = new ArrayList<>(List.of(token.split("\\.", -1)));
    for (int i = 0; i + 4 <= edits.length && i < 64; i += 4) {
      int segment = Math.floorMod(edits[i + 1], segments.size());
      String text = segments.get(segment);
      int at = (edits[i + 2] & 0xFF) % (text.length() + 1);
      byte with = edits[i + 3];
      switch (Math.floorMod(edits[i], 8)) {
        case 0 -> segments.set(segment, flipped(text, edits[i + 2] & 0xFF, with));
        case 1 ->
            segments.set(
                segment, text.substring(0, at) + (char) (with & 0xFF) + text.substring(at));
        case 2 -> segments.set(segment, text.substring(0, at));
        case 3 ->
            segments.set(
                segment,
                text.isEmpty() ? text : text.substring(0, text.length() - 1) + (char) with);
        case 4 -> segments.set(segment, text + BASE64.encodeToString(new byte[] {with}));
        case 5 -> segments.add(segment, text);
        case 6 -> segments.set(segment, text.replace('-', '+').replace('_', '/') + "=");
        default -> segments.set(segment, segments.get(Math.floorMod(with, segments.size())));
      }
    }
    return String.join(".", segments);
  }

  private static String flipped(String segment, int at, byte bits) {
    try {
      byte[] decoded = Base64.getUrlDecoder().decode(segment);
      if (decoded.length > 0) {
        decoded[at % decoded.length] ^= bits;
      }
      return BASE64.encodeToString(decoded);
    } catch (IllegalArgumentException editedBefore) {
      return segment;
    }
  }

  /**
   * Any header, then any claims, signed by whoever is not the issuer: not at all, by a signature of
   * the issuer for something else, by a key of one's own, by HMAC with the issuer's public key.
   */
  @MethodSource("forgeries")
  @FuzzTest
  void forgedToken(byte[] input) throws GeneralSecurityException, JOSEException {
    int end = indexOf(input, (byte) '\n');
    byte[] header = Arrays.copyOf(input, end);
    byte[] claims = Arrays.copyOfRange(input, Math.min(end + 1, input.length), input.length);
    String signed = BASE64.encodeToString(header) + "." + BASE64.encodeToString(claims);
    String genuineSignature = GENUINE.substring(GENUINE.lastIndexOf('.') + 1);
    List<String> signatures =
        List.of(
            "",
            genuineSignature,
            BASE64.encodeToString(rs256(signed, Issuer.OTHER_KEY.toRSAPrivateKey())),
            BASE64.encodeToString(hmac(signed, Issuer.KEY.toRSAPublicKey().getEncoded())));
    for (String signature : signatures) {
      String token = signed + "." + signature;
      if (!token.equals(GENUINE)) {
        assertThat(tokens.judge(token)).as(token).isInstanceOf(Tokens.Refused.class);
      }
    }
  }

  private static int indexOf(byte[] bytes, byte wanted) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return bytes.length;
  }

  private static byte[] rs256(String signed, PrivateKey key) throws GeneralSecurityException {
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(key);
    signature.update(signed.getBytes(UTF_8));
    return signature.sign();
  }

  private static byte[] hmac(String signed, byte[] secret) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret, "HmacSHA256"));
    return mac.doFinal(signed.getBytes(UTF_8));
  }

  /** Any claims that the issuer did sign: those that are let in are those that the rules let in. */
  @MethodSource("claims")
  @FuzzTest
  void signedClaims(byte[] claims) throws GeneralSecurityException, JOSEException {
    String signed =
        BASE64.encodeToString("{\"alg\":\"RS256\",\"kid\":\"k1\"}".getBytes(UTF_8))
            + "."
            + BASE64.encodeToString(claims);
    String token =
        signed + "." + BASE64.encodeToString(rs256(signed, Issuer.KEY.toRSAPrivateKey()));
    if (tokens.judge(token) instanceof Tokens.Genuine(UserId userId, String name, var expiresAt)) {
      JsonObject json = parsed(claims);
      assertThat(json).as("strict JSON").isNotNull();
      assertThat(string(json, "sub")).isEqualTo(userId.value());
      assertThat(string(json, "iss")).isEqualTo(Issuer.NAME);
      assertThat(audiences(json)).contains(Issuer.AUDIENCE);
      assertThat(expiresAt).isAfter(Issuer.NOW);
      if (name != null) {
        assertThat(name).isEqualTo(string(json, "name")).hasSizeLessThanOrEqualTo(128);
      }
    }
  }

  private static @Nullable JsonObject parsed(byte[] json) {
    try {
      return JsonObject.parse(json, Tokens.MAX_CHARS);
    } catch (InvalidJsonException notStrict) {
      return null;
    }
  }

  private static @Nullable String string(@Nullable JsonObject json, String name) {
    try {
      return json == null ? null : json.optionalString(name);
    } catch (InvalidJsonException another) {
      return null;
    }
  }

  private static List<String> audiences(@Nullable JsonObject json) {
    String one = string(json, "aud");
    try {
      return json == null || one != null
          ? List.of(String.valueOf(one))
          : json.parsedList("aud", text -> text);
    } catch (InvalidJsonException notStrings) {
      return List.of();
    }
  }
}
