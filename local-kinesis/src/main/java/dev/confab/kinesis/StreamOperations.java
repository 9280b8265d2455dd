package dev.confab.kinesis;

import java.io.IOException;
import java.util.List;

/** What is done to streams as wholes. Thread-safe. */
final class StreamOperations {
  /** Hours; the longest that AWS retains records: a year. */
  private static final int MAX_RETENTION_HOURS = 8760;

  private static final int MAX_RECORD_KIB = 10_240;
  static final int MAX_SHARDS = 10_000;
  private static final int PAGE = 10_000;
  private static final int DEFAULT_PAGE = 100;
  private static final List<String> NO_METRICS = List.of();

  private final Streams streams;
  private final StreamLookup lookup;

  StreamOperations(Streams streams, StreamLookup lookup) {
    this.streams = streams;
    this.lookup = lookup;
  }

  Reply create(Input in) {
    String name = in.requiredText("StreamName", TextRules.STREAM_NAME);
    boolean onDemand =
        in.object("StreamModeDetails")
            .map(details -> details.requiredChoice("StreamMode", StreamMode.class))
            .filter(StreamMode.ON_DEMAND::equals)
            .isPresent();
    // On demand, AWS starts with four shards. Ours do not grow by themselves.
    int shards =
        onDemand
            ? in.integer("ShardCount", 1, MAX_SHARDS).orElse(4)
            : in.requiredInteger("ShardCount", 1, MAX_SHARDS);
    int maxRecordKiB =
        in.integer("MaxRecordSizeInKiB", StreamState.DEFAULT_MAX_RECORD_KIB, MAX_RECORD_KIB)
            .orElse(StreamState.DEFAULT_MAX_RECORD_KIB);
    streams.create(name, shards, maxRecordKiB);
    return Reply.EMPTY;
  }

  /** The two ways AWS charges for a stream. */
  private enum StreamMode {
    PROVISIONED,
    ON_DEMAND
  }

  Reply delete(Input in) {
    DataStream stream = lookup.stream(in);
    if (!stream.state().consumers().isEmpty() && !in.flag("EnforceConsumerDeletion")) {
      throw ServiceException.inUse(
          "Stream %s has registered consumers. Deregister them or set EnforceConsumerDeletion."
              .formatted(stream.name()));
    }
    streams.delete(stream);
    return Reply.EMPTY;
  }

  Reply describe(Input in) {
    DataStream stream = lookup.stream(in);
    int limit = in.integer("Limit", 1, PAGE).orElse(DEFAULT_PAGE);
    int after =
        in.text("ExclusiveStartShardId", TextRules.SHARD_ID)
            .map(id -> ShardInfo.indexOf(id).orElse(Integer.MAX_VALUE))
            .orElse(-1);
    List<ShardInfo> rest =
        stream.topology().infos().stream().filter(info -> info.index() > after).toList();
    List<ShardInfo> page = rest.stream().limit(limit).toList();
    return out ->
        out.object(
            "StreamDescription",
            description -> {
              writeCommon(description, stream);
              description
                  .objects("Shards", page, ShardOperations::writeShard)
                  .flag("HasMoreShards", rest.size() > page.size());
            });
  }

  Reply describeSummary(Input in) {
    DataStream stream = lookup.stream(in);
    int open = stream.topology().openCount();
    return out ->
        out.object(
            "StreamDescriptionSummary",
            summary -> {
              writeCommon(summary, stream);
              summary
                  .number("OpenShardCount", open)
                  .number("ConsumerCount", stream.state().consumers().size())
                  .number("MaxRecordSizeInKiB", stream.state().maxRecordKiB());
            });
  }

  private static void writeMetrics(Fields out, List<String> names) throws IOException {
    out.texts("ShardLevelMetrics", names);
  }

  private static void writeCommon(Fields out, DataStream stream) throws IOException {
    StreamState state = stream.state();
    out.text("StreamName", state.name())
        .text("StreamARN", stream.arn())
        .text("StreamStatus", "ACTIVE")
        .object("StreamModeDetails", mode -> mode.text("StreamMode", StreamMode.PROVISIONED))
        .number("RetentionPeriodHours", state.retentionHours())
        .timestamp("StreamCreationTimestamp", state.createdMillis())
        .objects("EnhancedMonitoring", List.of(NO_METRICS), StreamOperations::writeMetrics)
        .text("EncryptionType", "NONE");
  }

  Reply list(Input in) {
    int limit = in.integer("Limit", 1, PAGE).orElse(DEFAULT_PAGE);
    String after =
        in.text("NextToken", TextRules.NEXT_TOKEN)
            .map(StreamOperations::nameIn)
            .or(() -> in.text("ExclusiveStartStreamName", TextRules.STREAM_NAME))
            .orElse("");
    List<DataStream> rest =
        streams.all().stream().filter(stream -> stream.name().compareTo(after) > 0).toList();
    List<DataStream> page = rest.stream().limit(limit).toList();
    boolean more = rest.size() > page.size();
    return out ->
        out.texts("StreamNames", page.stream().map(DataStream::name).toList())
            .flag("HasMoreStreams", more)
            .text("NextToken", more ? Token.seal("streams", page.getLast().name()) : null)
            .objects(
                "StreamSummaries",
                page,
                (summary, stream) ->
                    summary
                        .text("StreamName", stream.name())
                        .text("StreamARN", stream.arn())
                        .text("StreamStatus", "ACTIVE")
                        .timestamp("StreamCreationTimestamp", stream.state().createdMillis()));
  }

  private static String nameIn(String token) {
    return Token.open(token, 2)
        .filter(parts -> parts.get(0).equals("streams"))
        .map(parts -> parts.get(1))
        .orElseThrow(() -> ServiceException.invalidArgument("NextToken is invalid."));
  }

  Reply increaseRetention(Input in) {
    DataStream stream = lookup.stream(in);
    int hours = retentionHours(in);
    stream.change(
        state -> {
          if (hours < state.retentionHours()) {
            throw retentionRefused(state, hours, "shorter", "DecreaseRetentionPeriod");
          }
          return state.withRetentionHours(hours);
        });
    return Reply.EMPTY;
  }

  Reply decreaseRetention(Input in) {
    DataStream stream = lookup.stream(in);
    int hours = retentionHours(in);
    stream.change(
        state -> {
          if (hours > state.retentionHours()) {
            throw retentionRefused(state, hours, "longer", "IncreaseRetentionPeriod");
          }
          return state.withRetentionHours(hours);
        });
    return Reply.EMPTY;
  }

  private static int retentionHours(Input in) {
    int hours = in.requiredInteger("RetentionPeriodHours", Integer.MIN_VALUE, Integer.MAX_VALUE);
    if (hours < StreamState.DEFAULT_RETENTION_HOURS) {
      throw ServiceException.invalidArgument(
          "Minimum allowed retention period is %d hours. Requested retention period (%d hours) is too short."
              .formatted(StreamState.DEFAULT_RETENTION_HOURS, hours));
    }
    if (hours > MAX_RETENTION_HOURS) {
      throw ServiceException.invalidArgument(
          "Maximum allowed retention period is %d hours. Requested retention period (%d hours) is too long."
              .formatted(MAX_RETENTION_HOURS, hours));
    }
    return hours;
  }

  private static ServiceException retentionRefused(
      StreamState state, int hours, String direction, String use) {
    return ServiceException.invalidArgument(
        "Requested retention period (%d hours) for stream %s can not be %s than existing retention period (%d hours). Use %s API."
            .formatted(hours, state.name(), direction, state.retentionHours(), use));
  }

  Reply updateMaxRecordSize(Input in) {
    DataStream stream = lookup.stream(in);
    int kiB =
        in.requiredInteger(
            "MaxRecordSizeInKiB", StreamState.DEFAULT_MAX_RECORD_KIB, MAX_RECORD_KIB);
    stream.change(state -> state.withMaxRecordKiB(kiB));
    return Reply.EMPTY;
  }
}
