package dev.confab.kinesis;

import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/** What lists, splits and merges shards. Thread-safe. */
final class ShardOperations {
  private static final int PAGE = 10_000;
  private static final int DEFAULT_PAGE = 1_000;

  /** How long a NextToken may be used, in milliseconds: "tokens expire after 300 seconds". */
  private static final long TOKEN_LIFE_MILLIS = 300_000;

  private final Streams streams;
  private final StreamLookup lookup;

  ShardOperations(Streams streams, StreamLookup lookup) {
    this.streams = streams;
    this.lookup = lookup;
  }

  /** The names are the protocol's. */
  private enum FilterType {
    AFTER_SHARD_ID,
    AT_TRIM_HORIZON,
    FROM_TRIM_HORIZON,
    AT_LATEST,
    AT_TIMESTAMP,
    FROM_TIMESTAMP
  }

  /**
   * Which shards to list, and after which.
   *
   * @param afterIndex only shards above it
   * @param millis the moment of the two types that end in TIMESTAMP
   */
  private record Listing(DataStream stream, FilterType type, long millis, int afterIndex) {
    String token(int lastIndex, long nowMillis) {
      return Token.seal(
          "shards",
          stream.name(),
          stream.state().createdMillis(),
          type,
          millis,
          lastIndex,
          nowMillis);
    }

    List<ShardInfo> shards() {
      List<ShardInfo> retained = stream.topology().infos();
      return filtered(retained).stream().filter(info -> info.index() > afterIndex).toList();
    }

    private List<ShardInfo> filtered(List<ShardInfo> retained) {
      boolean beforeHorizon = millis <= stream.horizonMillis();
      return switch (type) {
        case AFTER_SHARD_ID, FROM_TRIM_HORIZON -> retained;
        case AT_TRIM_HORIZON -> DataStream.atTrimHorizon(retained);
        case AT_LATEST -> retained.stream().filter(ShardInfo::isOpen).toList();
        case AT_TIMESTAMP ->
            beforeHorizon
                ? DataStream.atTrimHorizon(retained)
                : retained.stream()
                    .filter(info -> info.createdMillis() <= millis && endsAtOrAfter(info))
                    .toList();
        case FROM_TIMESTAMP -> retained.stream().filter(this::endsAtOrAfter).toList();
      };
    }

    private boolean endsAtOrAfter(ShardInfo info) {
      Long closed = info.closedMillis();
      return closed == null || closed >= millis;
    }
  }

  Reply listShards(Input in) {
    int limit = in.integer("MaxResults", 1, PAGE).orElse(DEFAULT_PAGE);
    Optional<String> token = in.text("NextToken", TextRules.NEXT_TOKEN);
    Listing listing = token.isPresent() ? resume(in, token.get()) : begin(in);
    List<ShardInfo> rest = listing.shards();
    List<ShardInfo> page = rest.stream().limit(limit).toList();
    boolean more = rest.size() > page.size();
    return out ->
        out.objects("Shards", page, ShardOperations::writeShard)
            .text("NextToken", more ? listing.token(page.getLast().index(), now()) : null);
  }

  private long now() {
    return streams.settings().nowMillis();
  }

  private Listing begin(Input in) {
    DataStream stream = lookup.stream(in);
    int after =
        in.text("ExclusiveStartShardId", TextRules.SHARD_ID)
            .map(ShardOperations::indexOf)
            .orElse(-1);
    Optional<Input> filter = in.object("ShardFilter");
    if (filter.isEmpty()) {
      return new Listing(stream, FilterType.FROM_TRIM_HORIZON, 0, after);
    }
    FilterType type = filter.get().requiredChoice("Type", FilterType.class);
    Optional<String> shardId = filter.get().text("ShardId", TextRules.SHARD_ID);
    Optional<Long> millis = filter.get().timestamp("Timestamp").map(time -> time.toEpochMilli());
    if ((type == FilterType.AFTER_SHARD_ID) != shardId.isPresent()) {
      throw ServiceException.invalidArgument(
          "ShardId must be supplied in a ShardFilter with a Type of AFTER_SHARD_ID, and only there");
    }
    boolean timed = type == FilterType.AT_TIMESTAMP || type == FilterType.FROM_TIMESTAMP;
    if (timed != millis.isPresent()) {
      throw ServiceException.invalidArgument(
          "Timestamp must be supplied in a ShardFilter with a Type of FROM_TIMESTAMP or AT_TIMESTAMP, and only there");
    }
    int afterFilter = shardId.map(ShardOperations::indexOf).orElse(-1);
    return new Listing(stream, type, millis.orElse(0L), Math.max(after, afterFilter));
  }

  private static int indexOf(String shardId) {
    return ShardInfo.indexOf(shardId)
        .orElseThrow(() -> ServiceException.invalidArgument("ShardId " + shardId + " is invalid."));
  }

  private Listing resume(Input in, String token) {
    boolean conflict =
        in.text("StreamName", TextRules.STREAM_NAME).isPresent()
            || in.text("ExclusiveStartShardId", TextRules.SHARD_ID).isPresent()
            || in.object("ShardFilter").isPresent();
    if (conflict) {
      throw ServiceException.invalidArgument(
          "NextToken and StreamName, ExclusiveStartShardId or ShardFilter cannot be provided together.");
    }
    List<String> parts =
        Token.open(token, 7)
            .filter(found -> found.get(0).equals("shards"))
            .orElseThrow(() -> ServiceException.invalidArgument("NextToken is invalid."));
    if (now() - Long.parseLong(parts.get(6)) > TOKEN_LIFE_MILLIS) {
      throw ServiceException.expiredNextToken(
          "NextToken is older than %d milliseconds. List the shards from the start."
              .formatted(TOKEN_LIFE_MILLIS));
    }
    DataStream stream = streams.get(parts.get(1));
    if (stream.state().createdMillis() != Long.parseLong(parts.get(2))) {
      throw ServiceException.invalidArgument("NextToken is of an earlier stream of this name.");
    }
    FilterType type = FilterType.valueOf(parts.get(3));
    long millis = Long.parseLong(parts.get(4));
    return new Listing(stream, type, millis, Integer.parseInt(parts.get(5)));
  }

  static void writeShard(Fields out, ShardInfo info) throws IOException {
    Integer parent = info.parent();
    Integer adjacent = info.adjacentParent();
    out.text("ShardId", info.id())
        .text("ParentShardId", parent == null ? null : ShardInfo.idOf(parent))
        .text("AdjacentParentShardId", adjacent == null ? null : ShardInfo.idOf(adjacent))
        .object("HashKeyRange", range -> writeRange(range, info.range()))
        .object(
            "SequenceNumberRange",
            range ->
                range
                    .text("StartingSequenceNumber", info.startingSequenceNumber())
                    .text("EndingSequenceNumber", info.endingSequenceNumber()));
  }

  /** As the last GetRecords and the last event of a subscription list them. */
  static void writeChild(Fields out, ShardInfo child) throws IOException {
    List<String> parents =
        java.util.stream.Stream.of(
                Optional.ofNullable(child.parent()), Optional.ofNullable(child.adjacentParent()))
            .flatMap(Optional::stream)
            .map(ShardInfo::idOf)
            .toList();
    out.text("ShardId", child.id())
        .texts("ParentShards", parents)
        .object("HashKeyRange", range -> writeRange(range, child.range()));
  }

  private static void writeRange(Fields out, HashKeyRange range) throws IOException {
    out.text("StartingHashKey", range.start()).text("EndingHashKey", range.end());
  }

  Reply split(Input in) {
    DataStream stream = lookup.stream(in);
    int index = stream.shard(in.requiredText("ShardToSplit", TextRules.SHARD_ID)).info().index();
    BigInteger start = new BigInteger(in.requiredText("NewStartingHashKey", TextRules.HASH_KEY));
    stream.reshard(
        (shards, resharding) -> {
          ShardInfo parent = open(stream, shards, index);
          HashKeyRange range = parent.range();
          boolean inside =
              start.compareTo(range.start().add(BigInteger.ONE)) > 0
                  && start.compareTo(range.end()) < 0;
          if (!inside) {
            throw ServiceException.invalidArgument(
                ("NewStartingHashKey %s used in SplitShard() on shard %s in stream %s under account"
                        + " %s is not both greater than one plus the shard's StartingHashKey %s and"
                        + " less than the shard's EndingHashKey %s.")
                    .formatted(
                        start,
                        parent.id(),
                        stream.name(),
                        streams.settings().account(),
                        range.start(),
                        range.end()));
          }
          resharding.split(parent, start);
        });
    return Reply.EMPTY;
  }

  Reply merge(Input in) {
    DataStream stream = lookup.stream(in);
    int first = stream.shard(in.requiredText("ShardToMerge", TextRules.SHARD_ID)).info().index();
    int second =
        stream.shard(in.requiredText("AdjacentShardToMerge", TextRules.SHARD_ID)).info().index();
    stream.reshard(
        (shards, resharding) -> {
          ShardInfo one = open(stream, shards, first);
          ShardInfo other = open(stream, shards, second);
          if (one.range().precedes(other.range())) {
            resharding.merge(one, other);
          } else if (other.range().precedes(one.range())) {
            resharding.merge(other, one);
          } else {
            throw ServiceException.invalidArgument(
                "Shards %s and %s in stream %s under account %s are not an adjacent pair of shards eligible for merging"
                    .formatted(one.id(), other.id(), stream.name(), streams.settings().account()));
          }
        });
    return Reply.EMPTY;
  }

  private static ShardInfo open(DataStream stream, List<ShardInfo> shards, int index) {
    return shards.stream()
        .filter(info -> info.index() == index && info.isOpen())
        .findFirst()
        .orElseThrow(
            () ->
                ServiceException.invalidArgument(
                    "Shard %s in stream %s is closed: it has been split or merged before."
                        .formatted(ShardInfo.idOf(index), stream.name())));
  }

  /** The one way there is to scale; the name is the protocol's. */
  private enum ScalingType {
    UNIFORM_SCALING
  }

  Reply updateShardCount(Input in) {
    DataStream stream = lookup.stream(in);
    int target = in.requiredInteger("TargetShardCount", 1, StreamOperations.MAX_SHARDS);
    ScalingType _ = in.requiredChoice("ScalingType", ScalingType.class);
    int[] before = new int[1];
    stream.reshard(
        (shards, resharding) -> {
          int open = (int) shards.stream().filter(ShardInfo::isOpen).count();
          before[0] = open;
          if (target > 2 * open) {
            throw scalingRefused("up over double", open, target);
          }
          if (2 * target < open) {
            throw scalingRefused("down below half", open, target);
          }
          resharding.scaleTo(target);
        });
    return out ->
        out.text("StreamName", stream.name())
            .number("CurrentShardCount", before[0])
            .number("TargetShardCount", target)
            .text("StreamARN", stream.arn());
  }

  private static ServiceException scalingRefused(String how, int open, int target) {
    return ServiceException.limitExceeded(
        "UpdateShardCount cannot scale %s your current open shard count. Current open shard count: %d, Target shard count: %d"
            .formatted(how, open, target));
  }
}
