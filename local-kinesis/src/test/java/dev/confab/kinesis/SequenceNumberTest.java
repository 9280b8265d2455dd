package dev.confab.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SequenceNumberTest {
  private static final long NOW = Instant.parse("2026-11-24T02:00:00Z").getEpochSecond();

  @Test
  void has56Digits_likeAws() {
    assertThat(new SequenceNumber(NOW, 0, 0, NOW).toString()).hasSize(56).startsWith("496");
    assertThat(new SequenceNumber(NOW, 999, SequenceNumber.END_INDEX, NOW).toString()).hasSize(56);
  }

  /** Numbers that AWS gave out, as published; ours are read and written the same way. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "49604631341683657867295630657032921195561055316799913986",
        "49570889523503059275381512478863820069782211031140925442",
        "49647060812288014558888668248263847763900017820167045122",
        "49590338271490256608559692538361571095921575989136588898"
      })
  void readsNumbersOfAws(String published) {
    SequenceNumber number = SequenceNumber.parse(published).orElseThrow();

    assertThat(number.toString()).isEqualTo(published);
    assertThat(Instant.ofEpochSecond(number.shardCreatedSeconds()))
        .isBetween("2013-12-01T00:00:00Z", "2024-12-31T00:00:00Z");
    assertThat(number.takenSeconds()).isGreaterThanOrEqualTo(number.shardCreatedSeconds());
    assertThat(number.shardIndex()).isLessThan(1_000);
  }

  @Test
  void orderOfNumbers_isOrderOfTheirDigits() {
    Random random = new Random(7);
    List<SequenceNumber> numbers = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      numbers.add(
          new SequenceNumber(
              NOW + random.nextInt(3),
              random.nextInt(20),
              random.nextBoolean() ? random.nextInt(5) : random.nextLong() >>> 1,
              NOW + random.nextInt(3)));
    }
    List<SequenceNumber> byDigits = new ArrayList<>(numbers);
    byDigits.sort((a, b) -> new BigInteger(a.toString()).compareTo(new BigInteger(b.toString())));

    Collections.sort(numbers);

    assertThat(numbers).isEqualTo(byDigits);
    assertThat(numbers)
        .allMatch(number -> SequenceNumber.parse(number.toString()).orElseThrow().equals(number));
  }

  @Test
  void anyNumberOfAShardCreatedLater_isAbove() {
    SequenceNumber lastOfParent = new SequenceNumber(NOW, 15, SequenceNumber.END_INDEX, NOW + 99);
    SequenceNumber firstOfChild = new SequenceNumber(NOW + 1, 16, 0, NOW + 1);

    assertThat(firstOfChild).isGreaterThan(lastOfParent);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "5",
        "21267647932558653966460912964485513216",
        "99999999999999999999999999999999999999999999999999999999"
      })
  void parse_findsNothing_inOtherNumbers(String digits) {
    assertThat(SequenceNumber.parse(digits)).isEmpty();
  }

  @Test
  void parse_findsNothing_inANumberOfAnotherVersion() {
    BigInteger ours = new BigInteger(new SequenceNumber(NOW, 0, 1, NOW).toString());
    assertThat(SequenceNumber.parse(ours.toString())).isPresent();
    assertThat(SequenceNumber.parse(ours.subtract(BigInteger.ONE).toString())).isEmpty();
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatThrownBy(() -> new SequenceNumber(1L << 36, 0, 0, 0))
        .hasMessageContaining("shardCreatedSeconds");
    assertThatThrownBy(() -> new SequenceNumber(0, -1, 0, 0)).hasMessageContaining("shardIndex");
  }
}
