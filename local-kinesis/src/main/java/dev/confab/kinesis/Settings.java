package dev.confab.kinesis;

import java.time.Clock;

/**
 * What every part of one server shares.
 *
 * @param account the twelve digits in ARNs and errors
 * @param clock decides arrival times, limits, retention and every expiry
 * @param enforceLimits whether shards have their limits of throughput
 */
record Settings(String account, String region, Clock clock, boolean enforceLimits) {
  long nowMillis() {
    return clock.millis();
  }

  String streamArn(String streamName) {
    return "arn:aws:kinesis:%s:%s:stream/%s".formatted(region, account, streamName);
  }
}
