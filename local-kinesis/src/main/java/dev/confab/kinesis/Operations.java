package dev.confab.kinesis;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Sends a request to what answers it, by way of the fault rules. Thread-safe. */
final class Operations {
  private final Map<Operation, Handler> handlers = new EnumMap<>(Operation.class);
  private final StreamLookup lookup;
  private final RecordOperations records;
  private final Subscriptions subscriptions;
  private final Faults faults;

  Operations(Streams streams, Subscriptions subscriptions, Faults faults) {
    this.lookup = new StreamLookup(streams);
    this.records = new RecordOperations(streams, lookup);
    this.subscriptions = subscriptions;
    this.faults = faults;
    addStreamOperations(new StreamOperations(streams, lookup));
    addShardOperations(new ShardOperations(streams, lookup));
    addConsumerOperations(new ConsumerOperations(streams, lookup, subscriptions));
    handlers.put(Operation.PUT_RECORD, records::putRecord);
    handlers.put(Operation.PUT_RECORDS, in -> records.putRecords(in, RecordFaults.NONE));
    handlers.put(Operation.GET_SHARD_ITERATOR, records::getShardIterator);
    handlers.put(Operation.GET_RECORDS, records::getRecords);
  }

  private void addStreamOperations(StreamOperations streams) {
    handlers.put(Operation.CREATE_STREAM, streams::create);
    handlers.put(Operation.DELETE_STREAM, streams::delete);
    handlers.put(Operation.DESCRIBE_STREAM, streams::describe);
    handlers.put(Operation.DESCRIBE_STREAM_SUMMARY, streams::describeSummary);
    handlers.put(Operation.LIST_STREAMS, streams::list);
    handlers.put(Operation.INCREASE_STREAM_RETENTION_PERIOD, streams::increaseRetention);
    handlers.put(Operation.DECREASE_STREAM_RETENTION_PERIOD, streams::decreaseRetention);
    handlers.put(Operation.UPDATE_MAX_RECORD_SIZE, streams::updateMaxRecordSize);
  }

  private void addShardOperations(ShardOperations shards) {
    handlers.put(Operation.LIST_SHARDS, shards::listShards);
    handlers.put(Operation.SPLIT_SHARD, shards::split);
    handlers.put(Operation.MERGE_SHARDS, shards::merge);
    handlers.put(Operation.UPDATE_SHARD_COUNT, shards::updateShardCount);
  }

  private void addConsumerOperations(ConsumerOperations consumers) {
    handlers.put(Operation.REGISTER_STREAM_CONSUMER, consumers::register);
    handlers.put(Operation.DEREGISTER_STREAM_CONSUMER, consumers::deregister);
    handlers.put(Operation.DESCRIBE_STREAM_CONSUMER, consumers::describe);
    handlers.put(Operation.LIST_STREAM_CONSUMERS, consumers::list);
  }

  private interface Handler {
    Reply handle(Input in);
  }

  /** How a request ends; an error is a {@link ServiceException} instead. */
  sealed interface Outcome {
    record Answered(Reply reply) implements Outcome {}

    record Subscribed(Subscription subscription) implements Outcome {}

    /** The connection is to be reset without an answer. */
    record Reset() implements Outcome {}
  }

  Outcome handle(Operation operation, Input in) {
    Optional<Fault> fault =
        faults.isEmpty() ? Optional.empty() : faults.pick(describe(operation, in));
    if (fault.isEmpty()) {
      return process(operation, in);
    }
    return switch (fault.get()) {
      case Fault.ErrorAnswer error -> throw ServiceException.injected(error);
      case Fault.ResetBefore() -> new Outcome.Reset();
      case Fault.ResetAfter() -> {
        if (process(operation, in) instanceof Outcome.Subscribed(Subscription subscription)) {
          subscription.close();
        }
        yield new Outcome.Reset();
      }
      case Fault.HeldBy(Runnable hook) -> {
        hook.run();
        yield process(operation, in);
      }
      case Fault.RecordsRefused refused ->
          operation == Operation.PUT_RECORDS
              ? new Outcome.Answered(records.putRecords(in, new RecordFaults(Optional.of(refused))))
              : process(operation, in);
    };
  }

  private Outcome process(Operation operation, Input in) {
    if (operation == Operation.SUBSCRIBE_TO_SHARD) {
      return new Outcome.Subscribed(subscriptions.open(in, lookup));
    }
    Handler handler = handlers.get(operation);
    if (handler == null) {
      throw new IllegalStateException("nothing handles " + operation);
    }
    return new Outcome.Answered(handler.handle(in));
  }

  private static Call describe(Operation operation, Input in) {
    if (operation == Operation.GET_RECORDS) {
      ShardIterator iterator =
          ShardIterator.decode(in.requiredText("ShardIterator", TextRules.SHARD_ITERATOR));
      return new Call(operation, iterator.streamName(), ShardInfo.idOf(iterator.shardIndex()));
    }
    String name =
        in.text("StreamName", TextRules.STREAM_NAME)
            .or(() -> in.text("StreamARN", TextRules.STREAM_ARN).map(StreamLookup::nameIn))
            .or(() -> in.text("ConsumerARN", TextRules.CONSUMER_ARN).map(StreamLookup::nameIn))
            .orElse("");
    return new Call(operation, name, in.text("ShardId", TextRules.SHARD_ID).orElse(""));
  }
}
