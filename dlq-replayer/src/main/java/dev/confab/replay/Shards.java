package dev.confab.replay;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;

/**
 * Which partition keys each shard holds: those whose MD5, read as a number of 128 bits, lies in its
 * range.
 *
 * @param ranges by shard id
 */
public record Shards(Map<String, Range> ranges) {

  /** Both ends belong to it. */
  public record Range(BigInteger first, BigInteger last) {
    boolean contains(BigInteger hash) {
      return hash.compareTo(first) >= 0 && hash.compareTo(last) <= 0;
    }
  }

  public Shards {
    ranges = Map.copyOf(ranges);
  }

  /**
   * Whether a record of that key can't be one of that shard's. False for a shard that is gone,
   * whose range nobody knows any more.
   */
  boolean excludes(String shardId, String partitionKey) {
    Range range = ranges.get(shardId);
    return range != null && !range.contains(hashOf(partitionKey));
  }

  private static BigInteger hashOf(String partitionKey) {
    try {
      MessageDigest md5 = MessageDigest.getInstance("MD5");
      return new BigInteger(1, md5.digest(partitionKey.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException everyPlatformHasIt) {
      throw new AssertionError(everyPlatformHasIt);
    }
  }
}
