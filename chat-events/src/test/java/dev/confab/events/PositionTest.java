package dev.confab.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PositionTest {
  private static final int MAX_SUB_SEQUENCE = 99_999_999;

  private record Numbers(BigInteger sequence, int subSequence) implements Comparable<Numbers> {
    private static final Comparator<Numbers> STREAM_ORDER =
        Comparator.comparing(Numbers::sequence).thenComparing(Numbers::subSequence);

    @Override
    public int compareTo(Numbers other) {
      return STREAM_ORDER.compare(this, other);
    }

    Position position() {
      return Position.of(sequence.toString(), subSequence);
    }
  }

  @Test
  void order_isTheOrderOfTheNumbers_forStringsBytesAndCursors() {
    Random random = new Random(20_261_124);
    for (int i = 0; i < 20_000; i++) {
      Numbers a = numbers(random);
      Numbers b = near(a, random);
      int expected = Integer.signum(a.compareTo(b));

      assertThat(Integer.signum(a.position().compareTo(b.position()))).isEqualTo(expected);
      assertThat(Integer.signum(a.position().value().compareTo(b.position().value())))
          .isEqualTo(expected);
      assertThat(Integer.signum(Arrays.compareUnsigned(utf8(a), utf8(b)))).isEqualTo(expected);
      assertThat(a.position().isAfter(b.position())).isEqualTo(expected > 0);
      assertThat(a.position().equals(b.position())).isEqualTo(expected == 0);
    }
  }

  @Test
  void parts_comeBack() {
    Position position = Position.of("49590338271490256608559692538361571095921575989136588898", 7);

    assertThat(position.value())
        .isEqualTo("05649590338271490256608559692538361571095921575989136588898-00000007");
    assertThat(position.sequenceNumber())
        .isEqualTo("49590338271490256608559692538361571095921575989136588898");
    assertThat(position.subSequenceNumber()).isEqualTo(7);
    assertThat(Position.parse(position.value())).isEqualTo(position);
    assertThat(Position.of("0", 0).value()).isEqualTo("0010-00000000");
    assertThat(Position.of("9".repeat(129), MAX_SUB_SEQUENCE).value())
        .isEqualTo("129" + "9".repeat(129) + "-99999999");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "START",
        "0010",
        "0010-",
        "0010-0000000",
        "0010-000000000",
        "0010_00000000",
        "0011-0000000x",
        "00110-00000000",
        "00201-00000000",
        "0020-00000000",
        "000-00000000",
        "0011-00000000 ",
        " 0011-00000000",
        "0011-00000000\n",
        "001a-00000000",
        "0x11-00000000",
        "-011-00000000",
        "+011-00000000",
        "001\u0661-00000000",
        "0011-0000000\u0660",
        "001-1-00000000",
        "0031#2-00000000",
        "999" + "1-00000000"
      })
  void anotherForm_isRefused(String value) {
    assertThatIllegalArgumentException().isThrownBy(() -> Position.parse(value));
  }

  @Test
  void numbersThatKinesisNeverGives_areRefused() {
    for (String sequence :
        new String[] {"", "01", "-1", "1.0", "1e3", " 1", "a", "1".repeat(130)}) {
      assertThatIllegalArgumentException().as(sequence).isThrownBy(() -> Position.of(sequence, 0));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> Position.of("1", -1));
    assertThatIllegalArgumentException().isThrownBy(() -> Position.of("1", MAX_SUB_SEQUENCE + 1L));
  }

  private static Numbers numbers(Random random) {
    int bits = random.nextInt(1, 420); // up to 127 digits
    int subSequence = random.nextBoolean() ? 0 : random.nextInt(MAX_SUB_SEQUENCE + 1);
    return new Numbers(new BigInteger(bits, random), subSequence);
  }

  /** Another number; often the same, a neighbour, or one of another length. */
  private static Numbers near(Numbers a, Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> a;
      case 1 -> new Numbers(a.sequence(), random.nextInt(MAX_SUB_SEQUENCE + 1));
      case 2 -> new Numbers(a.sequence().add(BigInteger.ONE), a.subSequence());
      case 3 -> new Numbers(a.sequence().multiply(BigInteger.TEN), a.subSequence());
      default -> numbers(random);
    };
  }

  private static byte[] utf8(Numbers numbers) {
    return numbers.position().value().getBytes(StandardCharsets.UTF_8);
  }
}
