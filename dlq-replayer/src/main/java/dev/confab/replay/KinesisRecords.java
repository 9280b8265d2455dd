package dev.confab.replay;

import dev.confab.events.Bytes;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResultEntry;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** The stream in Kinesis. */
final class KinesisRecords implements Records {
  /**
   * Kinesis may answer with nothing before it gets to the record, and all readers of a shard share
   * five reads a second.
   */
  private static final int TRIES_TO_FIND = 20;

  private static final Duration BETWEEN_READS = Duration.ofMillis(500);

  private final KinesisClient kinesis;
  private final AwsFaults faults;
  private final String stream;
  private final Pause pause;

  KinesisRecords(KinesisClient kinesis, AwsFaults faults, String stream, Pause pause) {
    this.kinesis = kinesis;
    this.faults = faults;
    this.stream = stream;
    this.pause = pause;
  }

  @Override
  public String name() {
    return stream;
  }

  @Override
  public Shards shards() {
    Map<String, Shards.Range> ranges = new HashMap<>();
    try {
      String next = null;
      do {
        ListShardsResponse page = listShards(next);
        page.shards()
            .forEach(
                shard ->
                    ranges.put(
                        shard.shardId(),
                        new Shards.Range(
                            new BigInteger(shard.hashKeyRange().startingHashKey()),
                            new BigInteger(shard.hashKeyRange().endingHashKey()))));
        next = page.nextToken();
      } while (next != null);
    } catch (SdkException fault) {
      throw faults.explain(fault);
    }
    return new Shards(ranges);
  }

  private ListShardsResponse listShards(@Nullable String next) {
    return next == null
        ? kinesis.listShards(list -> list.streamName(stream))
        : kinesis.listShards(list -> list.nextToken(next));
  }

  @Override
  public List<Put> put(List<NewRecord> records) {
    List<PutRecordsRequestEntry> entries =
        records.stream()
            .map(
                record ->
                    PutRecordsRequestEntry.builder()
                        .partitionKey(record.partitionKey())
                        .data(SdkBytes.fromByteArrayUnsafe(record.data().toArray()))
                        .build())
            .toList();
    List<Put> results = new ArrayList<>(records.size());
    try {
      for (PutRecordsResultEntry entry :
          kinesis.putRecords(put -> put.streamName(stream).records(entries)).records()) {
        results.add(
            entry.errorCode() == null
                ? new Taken(entry.shardId(), entry.sequenceNumber())
                : new Refused(entry.errorCode() + ": " + entry.errorMessage()));
      }
    } catch (SdkException fault) {
      if (!AwsFaults.isPassing(fault)) {
        throw faults.explain(fault);
      }
      return Collections.nCopies(records.size(), new Refused(faults.explain(fault).line()));
    }
    return results;
  }

  @Override
  public Lookup find(String shardId, String sequenceNumber) {
    try {
      String iterator =
          kinesis
              .getShardIterator(
                  get ->
                      get.streamName(stream)
                          .shardId(shardId)
                          .shardIteratorType(ShardIteratorType.AT_SEQUENCE_NUMBER)
                          .startingSequenceNumber(sequenceNumber))
              .shardIterator();
      return read(iterator, sequenceNumber);
    } catch (ResourceNotFoundException noShard) {
      return new Gone("the stream no longer has the shard " + shardId);
    } catch (InvalidArgumentException noSuchNumber) {
      return new Gone(
          "the stream knows no record of that number: "
              + noSuchNumber.awsErrorDetails().errorMessage());
    } catch (SdkException fault) {
      throw faults.explain(fault);
    }
  }

  /** An iterator at a record that is trimmed stands at the oldest that isn't. */
  private Lookup read(String first, String sequenceNumber) {
    String iterator = first;
    for (int i = 0; i < TRIES_TO_FIND; i++) {
      GetRecordsResponse page = nextPage(iterator);
      if (page != null) {
        if (!page.records().isEmpty()) {
          var found = page.records().getFirst();
          return found.sequenceNumber().equals(sequenceNumber)
              ? new Found(Bytes.of(found.data().asByteArrayUnsafe()))
              : new Gone("its retention has ended");
        }
        iterator = page.nextShardIterator();
        boolean isAtEnd = Long.valueOf(0).equals(page.millisBehindLatest());
        if (iterator == null || isAtEnd) {
          return new Gone("its retention has ended, and the shard has nothing after it");
        }
      }
      waitForNextRead();
    }
    throw new CannotGoOnException(
        "the stream "
            + stream
            + " did not answer with the record "
            + sequenceNumber
            + " after "
            + TRIES_TO_FIND
            + " reads: its shard is being read by others at its limit, try again later");
  }

  /** Null where the shard's limit of reads is reached. */
  private @Nullable GetRecordsResponse nextPage(String iterator) {
    try {
      return kinesis.getRecords(get -> get.shardIterator(iterator).limit(1));
    } catch (SdkException fault) {
      if (AwsFaults.isPassing(fault)) {
        return null;
      }
      throw fault;
    }
  }

  private void waitForNextRead() {
    try {
      pause.pause(BETWEEN_READS);
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
      throw new CannotGoOnException("interrupted while reading the stream " + stream, ending);
    }
  }
}
