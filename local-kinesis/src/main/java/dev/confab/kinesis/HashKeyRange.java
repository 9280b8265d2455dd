package dev.confab.kinesis;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * The hash keys that a shard takes, both ends included. A partition key's hash key is its MD5, read
 * as an unsigned 128-bit number.
 */
record HashKeyRange(BigInteger start, BigInteger end) {
  /** One above the highest hash key. */
  static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(128);

  HashKeyRange {
    if (start.signum() < 0 || end.compareTo(start) < 0 || end.compareTo(LIMIT) >= 0) {
      throw new IllegalArgumentException("not a range of hash keys: " + start + " to " + end);
    }
  }

  /**
   * Where each of {@code count} equal ranges starts, in order; the last takes what is left over.
   */
  static List<BigInteger> uniformStarts(int count) {
    BigInteger width = LIMIT.divide(BigInteger.valueOf(count));
    List<BigInteger> starts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      starts.add(width.multiply(BigInteger.valueOf(i)));
    }
    return starts;
  }

  static BigInteger hashKeyOf(String partitionKey) {
    try {
      MessageDigest md5 = MessageDigest.getInstance("MD5");
      return new BigInteger(1, md5.digest(partitionKey.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException everyJdkHasMd5) {
      throw new IllegalStateException(everyJdkHasMd5);
    }
  }

  boolean contains(BigInteger hashKey) {
    return hashKey.compareTo(start) >= 0 && hashKey.compareTo(end) <= 0;
  }

  /** Whether {@code next} starts right where this range ends. */
  boolean precedes(HashKeyRange next) {
    return end.add(BigInteger.ONE).equals(next.start);
  }

  HashKeyRange upTo(BigInteger firstOfNext) {
    return new HashKeyRange(start, firstOfNext.subtract(BigInteger.ONE));
  }

  HashKeyRange from(BigInteger first) {
    return new HashKeyRange(first, end);
  }
}
