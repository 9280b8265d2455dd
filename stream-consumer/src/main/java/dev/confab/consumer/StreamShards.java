package dev.confab.consumer;

import dev.confab.events.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilter;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;

/** The shards of a stream, as last listed. Thread-safe. */
final class StreamShards {
  private static final Logger LOG = LoggerFactory.getLogger(StreamShards.class);

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final KinesisAsyncClient kinesis;
  private final String streamName;
  private volatile Map<String, Shard> listed = Map.of();

  StreamShards(KinesisAsyncClient kinesis, String streamName) {
    this.kinesis = kinesis;
    this.streamName = streamName;
  }

  /**
   * The shards that hold the oldest records there are, from which reading everything begins: their
   * children follow when they end.
   *
   * @throws SdkException if the stream can't be read
   */
  List<Shard> atTrimHorizon() {
    return list(ShardFilter.builder().type(ShardFilterType.AT_TRIM_HORIZON).build());
  }

  /**
   * Lists them anew.
   *
   * @throws SdkException if the stream can't be read
   */
  void refresh() {
    listed = list(null).stream().collect(Collectors.toMap(Shard::shardId, shard -> shard));
  }

  /** Those that take records now; at least 1. */
  int open() {
    return Math.max(1, (int) listed.values().stream().filter(StreamShards::isOpen).count());
  }

  /**
   * The hash keys of a shard.
   *
   * @return null if the stream holds no such shard any more
   * @throws SdkException if the stream can't be read
   */
  @Nullable HashRange rangeOf(String shardId) {
    if (!listed.containsKey(shardId)) {
      refresh();
    }
    Shard shard = listed.get(shardId);
    return shard == null
        ? null
        : HashRange.parse(
            shard.hashKeyRange().startingHashKey(), shard.hashKeyRange().endingHashKey());
  }

  /**
   * Looks whether a shard's sequence numbers begin above its parents'. Positions compare as they
   * do, so that a chat that moves to a child shard keeps its order. Kinesis puts time into the high
   * bits, which makes it so; were it ever not, a chat's messages would sort wrongly, and someone
   * has to know.
   */
  boolean isAboveItsParents(String shardId) {
    Shard shard = listed.get(shardId);
    if (shard == null) {
      return true;
    }
    return Stream.of(shard.parentShardId(), shard.adjacentParentShardId())
        .filter(parentId -> parentId != null && !isBelow(parentId, shard))
        .peek(
            parentId ->
                LOG.error(
                    "{} begins below the end of its parent {}: positions of chats that moved"
                        + " there don't follow the stream's order",
                    shardId,
                    parentId))
        .findAny()
        .isEmpty();
  }

  private boolean isBelow(String parentId, Shard shard) {
    Shard parent = listed.get(parentId);
    if (parent == null || isOpen(parent)) {
      return true; // trimmed, or listed before it ended: nothing to compare
    }
    Position end = Position.of(parent.sequenceNumberRange().endingSequenceNumber(), 0);
    Position start = Position.of(shard.sequenceNumberRange().startingSequenceNumber(), 0);
    return !end.isAfter(start);
  }

  private static boolean isOpen(Shard shard) {
    return shard.sequenceNumberRange().endingSequenceNumber() == null;
  }

  private List<Shard> list(@Nullable ShardFilter filter) {
    List<Shard> shards = new ArrayList<>();
    ListShardsRequest request =
        ListShardsRequest.builder().streamName(streamName).shardFilter(filter).build();
    while (true) {
      ListShardsResponse page = page(request);
      shards.addAll(page.shards());
      if (page.nextToken() == null) {
        return shards;
      }
      request = ListShardsRequest.builder().nextToken(page.nextToken()).build();
    }
  }

  private ListShardsResponse page(ListShardsRequest request) {
    try {
      return kinesis
          .listShards(
              request.toBuilder()
                  .overrideConfiguration(
                      AwsRequestOverrideConfiguration.builder().apiCallTimeout(TIMEOUT).build())
                  .build())
          .join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof SdkException known) {
        throw known;
      }
      throw failed;
    }
  }
}
