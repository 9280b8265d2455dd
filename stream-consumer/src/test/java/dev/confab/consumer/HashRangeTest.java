package dev.confab.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class HashRangeTest {
  /** {@code printf lobby | md5sum}. */
  private static final BigInteger LOBBY = new BigInteger("d8671d1cb097a3bd26b2344ee25a0562", 16);

  @Test
  void bothEnds_belongToTheRange() {
    assertThat(new HashRange(LOBBY, LOBBY).contains("lobby")).isTrue();
    assertThat(new HashRange(BigInteger.ZERO, LOBBY).contains("lobby")).isTrue();
    assertThat(new HashRange(BigInteger.ZERO, LOBBY.subtract(BigInteger.ONE)).contains("lobby"))
        .isFalse();
    assertThat(new HashRange(LOBBY.add(BigInteger.ONE), HashRange.all().last()).contains("lobby"))
        .isFalse();
  }

  @Test
  void all_isKinesisRangeOfAnOnlyShard() {
    assertThat(HashRange.all())
        .isEqualTo(HashRange.parse("0", "340282366920938463463374607431768211455"));
  }
}
