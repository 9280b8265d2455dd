package dev.confab.kinesis;

import java.util.Arrays;
import java.util.Optional;

/** The operations of Kinesis Data Streams that the server has. */
public enum Operation {
  CREATE_STREAM("CreateStream"),
  DELETE_STREAM("DeleteStream"),
  DESCRIBE_STREAM("DescribeStream"),
  DESCRIBE_STREAM_SUMMARY("DescribeStreamSummary"),
  LIST_STREAMS("ListStreams"),
  INCREASE_STREAM_RETENTION_PERIOD("IncreaseStreamRetentionPeriod"),
  DECREASE_STREAM_RETENTION_PERIOD("DecreaseStreamRetentionPeriod"),
  UPDATE_MAX_RECORD_SIZE("UpdateMaxRecordSize"),
  LIST_SHARDS("ListShards"),
  SPLIT_SHARD("SplitShard"),
  MERGE_SHARDS("MergeShards"),
  UPDATE_SHARD_COUNT("UpdateShardCount"),
  PUT_RECORD("PutRecord"),
  PUT_RECORDS("PutRecords"),
  GET_SHARD_ITERATOR("GetShardIterator"),
  GET_RECORDS("GetRecords"),
  REGISTER_STREAM_CONSUMER("RegisterStreamConsumer"),
  DEREGISTER_STREAM_CONSUMER("DeregisterStreamConsumer"),
  DESCRIBE_STREAM_CONSUMER("DescribeStreamConsumer"),
  LIST_STREAM_CONSUMERS("ListStreamConsumers"),
  SUBSCRIBE_TO_SHARD("SubscribeToShard");

  private final String wireName;

  Operation(String wireName) {
    this.wireName = wireName;
  }

  /** The name in the API reference, such as {@code PutRecord}. */
  public String wireName() {
    return wireName;
  }

  static Optional<Operation> named(String wireName) {
    return Arrays.stream(values())
        .filter(operation -> operation.wireName.equals(wireName))
        .findFirst();
  }
}
