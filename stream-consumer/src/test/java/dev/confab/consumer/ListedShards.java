package dev.confab.consumer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.HashKeyRange;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.SequenceNumberRange;
import software.amazon.awssdk.services.kinesis.model.Shard;

/**
 * Kinesis, of which only ListShards is there, a shard a page; with none, the stream isn't there.
 */
final class ListedShards implements KinesisAsyncClient {
  final List<Shard> inStream = new ArrayList<>();
  final List<ListShardsRequest> requests = new ArrayList<>();

  @Override
  public CompletableFuture<ListShardsResponse> listShards(ListShardsRequest request) {
    requests.add(request);
    if (inStream.isEmpty()) {
      return CompletableFuture.failedFuture(
          ResourceNotFoundException.builder().message("no such stream").build());
    }
    int page = request.nextToken() == null ? 0 : Integer.parseInt(request.nextToken());
    String next = page + 1 < inStream.size() ? String.valueOf(page + 1) : null;
    return CompletableFuture.completedFuture(
        ListShardsResponse.builder().shards(inStream.get(page)).nextToken(next).build());
  }

  @Override
  public String serviceName() {
    return SERVICE_NAME;
  }

  @Override
  public void close() {}

  static Shard shard(
      String id, String firstHash, String lastHash, String start, @Nullable String end) {
    return Shard.builder()
        .shardId(id)
        .hashKeyRange(
            HashKeyRange.builder().startingHashKey(firstHash).endingHashKey(lastHash).build())
        .sequenceNumberRange(
            SequenceNumberRange.builder()
                .startingSequenceNumber(start)
                .endingSequenceNumber(end)
                .build())
        .build();
  }
}
