package dev.confab.kinesis;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What puts records into shards and reads them by polling. Thread-safe. */
final class RecordOperations {
  static final int MAX_RECORDS_PER_PUT = 500;

  /** "Up to a limit of 10 MiB for the entire request, including partition keys." */
  static final long MAX_PUT_BYTES = 10 * 1024 * 1024;

  static final int MAX_RECORDS_PER_GET = 10_000;

  /** "The maximum size of data that GetRecords can return is 10 MiB." */
  static final long MAX_GET_BYTES = 10 * 1024 * 1024;

  private final Streams streams;
  private final StreamLookup lookup;

  RecordOperations(Streams streams, StreamLookup lookup) {
    this.streams = streams;
    this.lookup = lookup;
  }

  Reply putRecord(Input in) {
    DataStream stream = lookup.stream(in);
    NewRecord next = read(in, stream);
    in.text("SequenceNumberForOrdering", TextRules.SEQUENCE_NUMBER)
        .ifPresent(digits -> checkOrdering(digits, stream));
    return switch (stream.put(List.of(next)).getFirst()) {
      case PutResult.Stored(String shardId, SequenceNumber number) ->
          out -> out.text("ShardId", shardId).text("SequenceNumber", number);
      case PutResult.Refused(String code, String message) ->
          throw code.equals(PutResult.THROUGHPUT_EXCEEDED)
              ? ServiceException.throughputExceeded(message)
              : ServiceException.internalFailure(message);
      case PutResult.ShardClosed() -> throw new IllegalStateException("not routed anew");
    };
  }

  /**
   * A producer may name a number that the record's must be above. Numbers in a shard only grow, so
   * there is nothing to do for it but to refuse what cannot be a number given out by now.
   */
  private void checkOrdering(String digits, DataStream stream) {
    Optional<SequenceNumber> number = SequenceNumber.parse(digits);
    long nowSeconds = streams.settings().nowMillis() / 1000;
    if (number.isEmpty() || number.get().takenSeconds() > nowSeconds) {
      throw ServiceException.invalidArgument(
          "ExclusiveMinimumSequenceNumber %s used in PutRecord on stream %s under account %s is invalid."
              .formatted(digits, stream.name(), streams.settings().account()));
    }
  }

  /**
   * @param failing which records, by their place, fail instead of being put, and what they answer
   */
  Reply putRecords(Input in, RecordFaults failing) {
    List<Input> entries = in.requiredObjects("Records", 1, MAX_RECORDS_PER_PUT);
    DataStream stream = lookup.stream(in);
    List<NewRecord> records = new ArrayList<>(entries.size());
    long bytes = 0;
    for (Input entry : entries) {
      NewRecord next = read(entry, stream);
      bytes += next.sizeBytes();
      records.add(next);
    }
    if (bytes > MAX_PUT_BYTES) {
      throw ServiceException.invalidArgument("Records size exceeds 10 MB limit");
    }
    List<PutResult> results = failing.apply(records, stream::put);
    long failed = results.stream().filter(PutResult.Refused.class::isInstance).count();
    return out ->
        out.number("FailedRecordCount", failed)
            .objects(
                "Records",
                results,
                (element, result) -> {
                  switch (result) {
                    case PutResult.Stored(String shardId, SequenceNumber number) ->
                        element.text("SequenceNumber", number).text("ShardId", shardId);
                    case PutResult.Refused(String code, String message) ->
                        element.text("ErrorCode", code).text("ErrorMessage", message);
                    case PutResult.ShardClosed() ->
                        throw new IllegalStateException("not routed anew");
                  }
                });
  }

  private static NewRecord read(Input in, DataStream stream) {
    int maxBytes = stream.state().maxRecordKiB() * 1024;
    String key = in.requiredText("PartitionKey", TextRules.PARTITION_KEY);
    byte[] data = in.requiredData("Data", maxBytes);
    BigInteger hashKey =
        in.text("ExplicitHashKey", TextRules.HASH_KEY)
            .map(RecordOperations::checkedHashKey)
            .orElseGet(() -> HashKeyRange.hashKeyOf(key));
    return new NewRecord(key, hashKey, data);
  }

  private static BigInteger checkedHashKey(String digits) {
    BigInteger hashKey = new BigInteger(digits);
    if (hashKey.compareTo(HashKeyRange.LIMIT) >= 0) {
      throw ServiceException.invalidArgument(
          "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was "
              + digits);
    }
    return hashKey;
  }

  Reply getShardIterator(Input in) {
    DataStream stream = lookup.stream(in);
    Shard shard = stream.shard(in.requiredText("ShardId", TextRules.SHARD_ID));
    StartingPosition position =
        StartingPosition.read(in, "ShardIteratorType", "StartingSequenceNumber");
    String iterator = iterator(stream, shard, position.indexIn(shard));
    return out -> out.text("ShardIterator", iterator);
  }

  private String iterator(DataStream stream, Shard shard, long recordIndex) {
    return new ShardIterator(
            stream.name(),
            stream.state().createdMillis(),
            shard.info().index(),
            recordIndex,
            streams.settings().nowMillis())
        .encode();
  }

  Reply getRecords(Input in) {
    String token = in.requiredText("ShardIterator", TextRules.SHARD_ITERATOR);
    int limit = in.integer("Limit", 1, MAX_RECORDS_PER_GET).orElse(MAX_RECORDS_PER_GET);
    ShardIterator iterator = ShardIterator.decode(token);
    iterator.checkNotExpired(streams.settings().nowMillis());
    DataStream stream = streams.get(iterator.streamName());
    if (stream.state().createdMillis() != iterator.streamCreatedMillis()) {
      throw ShardIterator.invalid();
    }
    Shard shard = stream.shard(iterator.shardIndex());
    Shard.Batch batch = shard.readLimited(iterator.recordIndex(), limit, MAX_GET_BYTES);
    List<ShardInfo> children = stream.childrenAfter(batch, shard);
    return out -> {
      out.objects("Records", batch.records(), (element, stored) -> write(element, shard, stored))
          .number("MillisBehindLatest", batch.millisBehind());
      if (children.isEmpty()) {
        out.text("NextShardIterator", iterator(stream, shard, batch.nextIndex()));
      } else {
        out.objects("ChildShards", children, ShardOperations::writeChild);
      }
    };
  }

  static void write(Fields out, Shard shard, StoredRecord stored) throws java.io.IOException {
    out.text("SequenceNumber", shard.sequenceNumberOf(stored))
        .timestamp("ApproximateArrivalTimestamp", stored.arrivalMillis())
        .data("Data", stored.data())
        .text("PartitionKey", stored.partitionKey());
  }
}
