package dev.confab.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.consumer.HashRange;
import dev.confab.consumer.Outcome;
import dev.confab.consumer.ShardCounts;
import dev.confab.consumer.ShardStage;
import dev.confab.consumer.ShardStart;
import dev.confab.consumer.StreamRecord;
import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.Decoded;
import dev.confab.events.Position;
import dev.confab.metrics.Measurements;
import dev.confab.persist.PersistStage;
import dev.confab.table.DynamoDbChatTable;
import dev.confab.table.TableDefinition;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * What the table would hold if nothing had ever failed: the stream's records once through the real
 * stage, into a table of its own. Replays are left out, since nothing would be there to replay.
 */
final class FlawlessTable {
  private final Backdoor backdoor;
  private final String name = "flawless-" + UUID.randomUUID();

  private FlawlessTable(Backdoor backdoor) {
    this.backdoor = backdoor;
  }

  /** From what the stream holds now. */
  static FlawlessTable of(Backdoor backdoor) throws InterruptedException {
    FlawlessTable table = new FlawlessTable(backdoor);
    TableDefinition.create(backdoor.dynamoDb(), table.name);
    table.store();
    return table;
  }

  private void store() throws InterruptedException {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      PersistStage stage =
          new PersistStage(
              new PersistStage.Ports(
                  new DynamoDbChatTable(backdoor.dynamoDb(), name, executor).messages(),
                  event -> {
                    throw new AssertionError("nothing is to be told: " + event);
                  },
                  executor));
      for (Map.Entry<String, List<Record>> shard : backdoor.records().entrySet()) {
        ShardStage work =
            stage.open(
                new ShardStart(
                    shard.getKey(),
                    HashRange.all(),
                    () -> true,
                    new OneShard(),
                    new Measurements(Clock.systemUTC())));
        assertThat(work.process(withoutReplays(shard.getKey(), shard.getValue())))
            .allMatch(Outcome.Done.class::isInstance);
        work.close();
      }
    }
  }

  private record OneShard() implements ShardCounts {
    @Override
    public int owned() {
      return 1;
    }

    @Override
    public int open() {
      return 1;
    }
  }

  private static List<StreamRecord> withoutReplays(String shardId, List<Record> records) {
    List<StreamRecord> kept = new ArrayList<>();
    for (Record record : records) {
      byte[] data = record.data().asByteArray();
      boolean isReplay =
          ChatEvents.decode(record.partitionKey(), data)
              instanceof Decoded.Event(ChatEvent.Replay _);
      if (!isReplay) {
        kept.add(
            new StreamRecord(
                shardId,
                Position.of(record.sequenceNumber(), 0),
                record.partitionKey(),
                Bytes.of(data),
                record.approximateArrivalTimestamp()));
      }
    }
    return kept;
  }

  /** A chat's messages, whole items, in their order. */
  List<Map<String, AttributeValue>> messageItems(ChatId chat) {
    return backdoor.items(name, chat, "MESSAGE#");
  }
}
