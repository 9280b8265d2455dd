package dev.confab.kinesis;

import java.time.Instant;
import java.util.Optional;

/**
 * Where in a shard to start reading, as GetShardIterator and SubscribeToShard say it.
 *
 * @param sequenceNumber given with the two types that end in SEQUENCE_NUMBER
 * @param timestamp given with AT_TIMESTAMP
 */
record StartingPosition(Type type, Optional<String> sequenceNumber, Optional<Instant> timestamp) {

  /** How a position is said; the names are the protocol's. */
  enum Type {
    AT_SEQUENCE_NUMBER,
    AFTER_SEQUENCE_NUMBER,
    TRIM_HORIZON,
    LATEST,
    AT_TIMESTAMP
  }

  static StartingPosition read(Input in, String typeMember, String sequenceNumberMember) {
    return new StartingPosition(
        in.requiredChoice(typeMember, Type.class),
        in.text(sequenceNumberMember, TextRules.SEQUENCE_NUMBER),
        in.timestamp("Timestamp"));
  }

  /** The index of the first record to read. */
  long indexIn(Shard shard) {
    boolean bySequenceNumber =
        type == Type.AT_SEQUENCE_NUMBER || type == Type.AFTER_SEQUENCE_NUMBER;
    if (bySequenceNumber != sequenceNumber.isPresent()) {
      throw ServiceException.invalidArgument(
          "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and"
              + " StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no"
              + " StartingSequenceNumber. Request specified "
              + type
              + (bySequenceNumber ? " and no " : " and also a ")
              + "StartingSequenceNumber.");
    }
    if ((type == Type.AT_TIMESTAMP) != timestamp.isPresent()) {
      throw ServiceException.invalidArgument(
          "Must specify AT_TIMESTAMP and Timestamp, or neither. Request specified "
              + type
              + (timestamp.isPresent() ? " and also a Timestamp." : " and no Timestamp."));
    }
    return switch (type) {
      case TRIM_HORIZON -> shard.trimHorizon();
      case LATEST -> shard.latest();
      case AT_TIMESTAMP -> shard.firstArrivedAtOrAfter(timestamp.orElseThrow().toEpochMilli());
      case AT_SEQUENCE_NUMBER -> shard.indexOf(issued(shard), false);
      case AFTER_SEQUENCE_NUMBER -> shard.indexOf(issued(shard), true);
    };
  }

  private SequenceNumber issued(Shard shard) {
    String digits = sequenceNumber.orElseThrow();
    String used = "StartingSequenceNumber " + digits + " used on shard " + shard.id();
    SequenceNumber number =
        SequenceNumber.parse(digits)
            .orElseThrow(() -> ServiceException.invalidArgument(used + " is invalid."));
    if (number.shardIndex() != shard.info().index()) {
      throw ServiceException.invalidArgument(
          "Invalid StartingSequenceNumber. It encodes %s, while it was used in a call to a shard with %s"
              .formatted(ShardInfo.idOf(number.shardIndex()), shard.id()));
    }
    if (!shard.issued(number)) {
      throw ServiceException.invalidArgument(
          used + " is invalid because it did not come from this stream.");
    }
    return number;
  }
}
