package dev.confab.kinesis;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/**
 * Where a reader stands in a shard.
 *
 * @param streamCreatedMillis tells a stream from an earlier one of the same name
 * @param recordIndex the index of the next record to read
 * @param issuedMillis when it was given out, in milliseconds since 1970
 */
record ShardIterator(
    String streamName,
    long streamCreatedMillis,
    int shardIndex,
    long recordIndex,
    long issuedMillis) {
  /**
   * How long an iterator may be used, in milliseconds: "expires 5 minutes after it is returned".
   */
  static final long LIFE_MILLIS = 300_000;

  private static final String KIND = "iterator";
  private static final int PARTS = 6;
  private static final DateTimeFormatter AWS_TIME =
      DateTimeFormatter.ofPattern("EEE MMM dd HH:mm:ss 'UTC' uuuu", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  String encode() {
    return Token.seal(KIND, streamName, streamCreatedMillis, shardIndex, recordIndex, issuedMillis);
  }

  static ShardIterator decode(String text) {
    List<String> parts = Token.open(text, PARTS).orElseThrow(ShardIterator::invalid);
    if (!parts.get(0).equals(KIND)) {
      throw invalid();
    }
    return new ShardIterator(
        parts.get(1),
        Long.parseLong(parts.get(2)),
        Integer.parseInt(parts.get(3)),
        Long.parseLong(parts.get(4)),
        Long.parseLong(parts.get(5)));
  }

  void checkNotExpired(long nowMillis) {
    if (nowMillis - issuedMillis > LIFE_MILLIS) {
      throw ServiceException.expiredIterator(
          ("Iterator expired. The iterator was created at time %s while right now it is %s which is"
                  + " further in the future than the tolerated delay of %d milliseconds.")
              .formatted(
                  AWS_TIME.format(Instant.ofEpochMilli(issuedMillis)),
                  AWS_TIME.format(Instant.ofEpochMilli(nowMillis)),
                  LIFE_MILLIS));
    }
  }

  static ServiceException invalid() {
    return ServiceException.invalidArgument("Invalid ShardIterator.");
  }
}
