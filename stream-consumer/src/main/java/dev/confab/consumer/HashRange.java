package dev.confab.consumer;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The part of all partition keys that a shard holds: those whose MD5, read as a number of 128 bits,
 * lies in the range. Both ends belong to it.
 */
public record HashRange(BigInteger first, BigInteger last) {

  /** Every key: the range of a stream's only shard. */
  public static HashRange all() {
    return new HashRange(BigInteger.ZERO, BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE));
  }

  /**
   * From the two decimal numbers that Kinesis gives.
   *
   * @throws IllegalArgumentException if either isn't a number
   */
  public static HashRange parse(String first, String last) {
    return new HashRange(new BigInteger(first), new BigInteger(last));
  }

  /** Whether a key's records belong into this shard. */
  public boolean contains(String partitionKey) {
    BigInteger hash = hashOf(partitionKey);
    return hash.compareTo(first) >= 0 && hash.compareTo(last) <= 0;
  }

  private static BigInteger hashOf(String partitionKey) {
    byte[] digest = md5().digest(partitionKey.getBytes(StandardCharsets.UTF_8));
    return new BigInteger(1, digest);
  }

  static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException everyPlatformHasIt) {
      throw new AssertionError(everyPlatformHasIt);
    }
  }
}
