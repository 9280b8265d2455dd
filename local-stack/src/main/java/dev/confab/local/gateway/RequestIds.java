package dev.confab.local.gateway;

import java.util.Base64;
import java.util.Locale;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Ids in the forms that API Gateway and Lambda give them. */
final class RequestIds {
  private static final int SHORT_BYTES = 11;
  private final RandomGenerator random;

  /**
   * @param random used from many threads
   */
  RequestIds(RandomGenerator random) {
    this.random = random;
  }

  /** For connections, requests and messages: 11 bytes in 16 characters, the last an {@code =}. */
  String shortId() {
    byte[] bytes = new byte[SHORT_BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().encodeToString(bytes);
  }

  /** For one call of a function: a random UUID. */
  String requestId() {
    long version4 = (random.nextLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x4000L;
    long variant = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(version4, variant).toString();
  }

  /** For X-Ray: {@code Root=1-<seconds>-<96 random bits>}. */
  String traceHeader(long epochSecond) {
    return String.format(
        Locale.ROOT,
        "Root=1-%08x-%08x%016x",
        (int) epochSecond,
        random.nextInt(),
        random.nextLong());
  }
}
