package dev.confab.persist;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.consumer.Aggregates;
import dev.confab.consumer.FakeCheckpoints;
import dev.confab.consumer.FakeLease;
import dev.confab.consumer.HashRange;
import dev.confab.consumer.InMemoryDeadLetters;
import dev.confab.consumer.Retries;
import dev.confab.consumer.RunPorts;
import dev.confab.consumer.ShardCounts;
import dev.confab.consumer.ShardRun;
import dev.confab.consumer.ShardStart;
import dev.confab.consumer.VirtualTime;
import dev.confab.consumer.WholeRecord;
import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent.MessageSent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Cursor;
import dev.confab.events.DeadLetter;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.UserId;
import dev.confab.metrics.Measurements;
import dev.confab.metrics.Metrics;
import dev.confab.table.Faults;
import dev.confab.table.InMemoryTable;
import dev.confab.table.Messages.Stored;
import dev.confab.table.TableCall;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Persist under the real run of a shard, with everything failing that can: the table ends as if
 * nothing had failed, byte for byte, whoever wrote it and however often.
 */
final class PersistRunTest {
  private static final int RUNS = 60;
  private static final int RECORDS = 120;
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final List<ChatId> CHATS =
      List.of(new ChatId("lobby"), new ChatId("cafe"), new ChatId("attic"));

  /** What lies in the end in the table and in the queue. */
  private record End(Map<ChatId, List<Entry>> chats, Set<Position> letters) {}

  @Test
  void whateverFails_theTableEndsAsIfNothingHad() {
    int ownersInAll = 0;
    for (int seed = 0; seed < RUNS; seed++) {
      List<WholeRecord> stream = stream(new Random(seed));
      World calm = new World(new Random(seed), 0);
      calm.run(stream);
      World rough = new World(new Random(seed), 0.15);
      rough.run(stream);

      for (ChatId chatId : CHATS) {
        assertThat(rough.end().chats().get(chatId))
            .as("seed %d, %s", seed, chatId)
            .containsExactlyElementsOf(calm.end().chats().get(chatId));
      }
      assertThat(rough.end().letters())
          .as("seed %d", seed)
          .containsExactlyInAnyOrderElementsOf(calm.end().letters());
      assertUnbroken(calm.end(), seed);
      ownersInAll += rough.owners;
    }
    assertThat(ownersInAll).isGreaterThan(5 * RUNS); // leases did move
  }

  private static void assertUnbroken(End end, int seed) {
    Set<Position> placeholders = new TreeSet<>();
    for (List<Entry> entries : end.chats().values()) {
      Cursor prev = Cursor.start();
      for (Entry entry : entries) {
        assertThat(entry.prev()).as("seed %d", seed).isEqualTo(prev);
        prev = entry.position();
        if (entry instanceof Entry.Parked) {
          placeholders.add(entry.position());
        }
      }
    }
    assertThat(end.letters()).as("seed %d", seed).containsAll(placeholders);
  }

  /** A shard's table, queue and checkpoint, and the owners that come and go. */
  private static final class World {
    private final Random random;
    private double roughness;
    private final InMemoryTable table = new InMemoryTable();
    private final LateMessages messages =
        new LateMessages(table.messages(), () -> happens(1.0 / 3));
    private final InMemoryDeadLetters queue = new InMemoryDeadLetters();
    private final FakeCheckpoints checkpoints = new FakeCheckpoints();
    private final VirtualTime time = new VirtualTime();
    private FakeLease lease = new FakeLease();
    int owners;

    World(Random random, double roughness) {
      this.random = random;
      this.roughness = roughness;
      table.fail(new RoughTable());
      queue.refuse(_ -> happens(1));
    }

    private boolean happens(double weight) {
      return random.nextDouble() < roughness * weight;
    }

    private final class RoughTable implements Faults {
      @Override
      public Fault next(TableCall call) {
        if (happens(1.0 / 3)) {
          lease.lose(); // in the middle of whatever the owner does
        }
        if (happens(1)) {
          return random.nextBoolean() ? Fault.NOT_DONE : Fault.DONE_UNANSWERED;
        }
        return Fault.NONE;
      }

      @Override
      public Set<Stored> unprocessed(List<Stored> items) {
        return items.stream().filter(_ -> happens(1)).collect(Collectors.toSet());
      }

      @Override
      public boolean isRefused(Stored item) {
        return item.entry() instanceof Entry.Posted posted && posted.text().startsWith("refused");
      }
    }

    /** Owner after owner reads on from the checkpoint, until all is done. */
    void run(List<WholeRecord> stream) {
      String last = stream.getLast().sequenceNumber();
      while (!checkpoints.kept().contains(last)) {
        lease = new FakeLease();
        owners++;
        assertThat(owners).as("owners that get nowhere").isLessThan(1_000);
        ShardRun owner = owner();
        int next = firstAfterCheckpoint(stream);
        while (next < stream.size() && !owner.isOver()) {
          int end = Math.min(stream.size(), next + 1 + random.nextInt(20));
          owner.process(stream.subList(next, end), checkpoints);
          next = end;
          if (happens(1) && !messages.late().isEmpty()) {
            messages.late().removeFirst().run();
          }
        }
        owner.shutdownRequested(checkpoints);
      }
      roughness = 0;
      messages.late().forEach(Runnable::run);
    }

    private int firstAfterCheckpoint(List<WholeRecord> stream) {
      if (checkpoints.kept().isEmpty()) {
        return 0;
      }
      String kept = checkpoints.kept().getLast();
      return 1 + stream.stream().map(WholeRecord::sequenceNumber).toList().indexOf(kept);
    }

    private ShardRun owner() {
      ShardStart start =
          new ShardStart(
              "shardId-000000000000",
              HashRange.all(),
              lease,
              new OneShard(),
              new Measurements(time));
      PersistShard stage =
          new PersistShard(
              new PersistStage.Ports(messages, _ -> {}, Runnable::run), 40, start.measured());
      return new ShardRun(
          start,
          stage,
          new RunPorts(
              queue,
              new Retries(Duration.ofMillis(100), Duration.ofSeconds(10), random),
              time,
              time,
              Duration.ofSeconds(1),
              Metrics.none(),
              () -> {}));
    }

    End end() {
      Map<ChatId, List<Entry>> chats = new HashMap<>();
      for (ChatId chatId : CHATS) {
        chats.put(chatId, table.messages().after(chatId, Cursor.start(), 10_000));
      }
      return new End(
          chats,
          queue.taken().stream()
              .map(letter -> ((DeadLetter.RecordLetter) letter).position())
              .collect(Collectors.toSet()));
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

  /** Messages, resends before and after their originals, what the table refuses, and garbage. */
  private static List<WholeRecord> stream(Random random) {
    List<WholeRecord> stream = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      ChatId chatId = CHATS.get(random.nextInt(CHATS.size()));
      Bytes data = record(random, chatId);
      if (random.nextInt(5) == 0) {
        ChatId other = CHATS.get(random.nextInt(CHATS.size()));
        data =
            new Aggregates()
                .add(chatId.value(), data)
                .add(other.value(), record(random, other))
                .build();
      }
      stream.add(new WholeRecord(String.valueOf(1_000 + i), chatId.value(), data, NOON));
    }
    return stream;
  }

  private static Bytes record(Random random, ChatId chatId) {
    int id = random.nextInt(25); // of a chat: many come again, marked or not
    return switch (random.nextInt(12)) {
      case 0 -> bytes("{\"v\":1,\"type\":\"message\",\"chatId\":\"" + chatId + "\"}");
      case 1 -> bytes("garbage");
      case 2 -> bytes("{\"v\":1,\"type\":\"reaction\",\"chatId\":\"" + chatId + "\"}");
      case 3 -> message(chatId, id, "refused " + id, random.nextBoolean());
      case 4, 5, 6 -> message(chatId, id, "text " + id, true);
      default -> message(chatId, id, "text " + id, false);
    };
  }

  private static Bytes message(ChatId chatId, int id, String text, boolean resend) {
    return Bytes.of(
        ChatEvents.encode(
            new MessageSent(
                chatId,
                new UserId("ana"),
                new ClientMessageId("c-" + id),
                text,
                resend,
                NOON,
                null)));
  }

  private static Bytes bytes(String text) {
    return Bytes.of(text.getBytes(UTF_8));
  }
}
