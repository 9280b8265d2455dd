package dev.confab.kinesis;

import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** A server on a clock of its own, with clients. */
final class TestServer implements AutoCloseable {
  static final String FIRST_SHARD = "shardId-000000000000";

  final ManualClock clock;
  final LocalKinesis server;
  final KinesisClient kinesis;
  final KinesisAsyncClient async;

  private TestServer(ManualClock clock, LocalKinesis server) {
    this.clock = clock;
    this.server = server;
    this.kinesis = Clients.sync(server.endpoint());
    this.async = Clients.async(server.endpoint());
  }

  static TestServer start() throws IOException {
    return start(options -> options);
  }

  static TestServer start(UnaryOperator<LocalKinesis.Builder> options) throws IOException {
    return start(new ManualClock(), options);
  }

  static TestServer start(ManualClock clock, UnaryOperator<LocalKinesis.Builder> options)
      throws IOException {
    return new TestServer(clock, options.apply(LocalKinesis.builder().clock(clock)).start());
  }

  PutRecordResponse put(String stream, String key, String data) {
    return put(stream, key, SdkBytes.fromUtf8String(data));
  }

  PutRecordResponse put(String stream, String key, SdkBytes data) {
    return kinesis.putRecord(request -> request.streamName(stream).partitionKey(key).data(data));
  }

  String iterator(String stream, ShardIteratorType type) {
    return kinesis
        .getShardIterator(
            request -> request.streamName(stream).shardId(FIRST_SHARD).shardIteratorType(type))
        .shardIterator();
  }

  GetRecordsResponse get(String iterator) {
    return kinesis.getRecords(request -> request.shardIterator(iterator));
  }

  List<String> texts(String stream) {
    return get(iterator(stream, ShardIteratorType.TRIM_HORIZON)).records().stream()
        .map(Record::data)
        .map(SdkBytes::asUtf8String)
        .toList();
  }

  /** Starts another server with the same clock, after this one is closed. */
  TestServer restart(UnaryOperator<LocalKinesis.Builder> options) throws IOException {
    close();
    return start(clock, options);
  }

  @Override
  public void close() {
    kinesis.close();
    async.close();
    server.close();
  }
}
