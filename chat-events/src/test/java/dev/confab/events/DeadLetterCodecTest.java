package dev.confab.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class DeadLetterCodecTest {
  private static final DeadLetter RECORD =
      Objects.requireNonNull(Samples.deadLetters().get("record"));

  @Test
  void body_survivesAQueueThatTakesOnlyAscii() throws Exception {
    for (DeadLetter letter : Samples.deadLetters().values()) {
      String body = DeadLetterCodec.encode(letter);

      assertThat(body).matches("[A-Za-z0-9+/=]+");
      assertThat(DeadLetterCodec.decode(body)).isEqualTo(letter);
    }
  }

  @Test
  void whatIsNoLetter_isRefused() {
    assertRefused(() -> DeadLetterCodec.decode("{}"));
    assertRefused(() -> DeadLetterCodec.decode(""));
    assertRefused(() -> DeadLetterCodec.decode(base64(new byte[] {(byte) 0xff})));
    assertRefused(() -> DeadLetterCodec.decode(base64("[]".getBytes(StandardCharsets.UTF_8))));
  }

  @Test
  void aBrokenField_isNamed() {
    String json = DeadLetterCodec.toJson(RECORD);
    Map<String, String> broken =
        Map.of(
            "\"v\":1", "\"v\":2",
            "\"stage\":\"persist\"", "\"stage\":\"ingest\"",
            "\"attempts\":1", "\"attempts\":0",
            "\"replayCount\":0", "\"replayCount\":-1",
            "\"partitionKey\"", "\"partition\"",
            "\"firstFailedAt\":\"2026", "\"firstFailedAt\":\"26",
            "\"position\":\"056", "\"position\":\"057");
    broken.forEach(
        (field, otherwise) -> {
          assertThat(json).contains(field);
          String name = field.substring(1, field.indexOf('"', 1));
          assertThatExceptionOfType(InvalidJsonException.class)
              .isThrownBy(() -> DeadLetterCodec.fromJson(json.replace(field, otherwise)))
              .withMessageContaining(name);
        });
    assertThatExceptionOfType(InvalidJsonException.class)
        .isThrownBy(
            () ->
                DeadLetterCodec.fromJson(json.replace("\"attempts\":1", "\"attempts\":4294967297")))
        .withMessage("attempts is out of range");
  }

  @Test
  void aPointer_hasAWholeDigest() {
    assertThatIllegalArgumentException().isThrownBy(() -> new DeadLetter.Pointer("", 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DeadLetter.Pointer("E3".repeat(32), 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DeadLetter.Pointer("e3".repeat(32), -1));
  }

  private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable reading) {
    assertThatExceptionOfType(InvalidJsonException.class).isThrownBy(reading);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
