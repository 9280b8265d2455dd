package dev.confab.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.consumer.DeadLetters;
import dev.confab.consumer.FakeLease;
import dev.confab.consumer.HashRange;
import dev.confab.consumer.ShardCounts;
import dev.confab.consumer.ShardStage;
import dev.confab.consumer.ShardStart;
import dev.confab.consumer.Stage;
import dev.confab.consumer.StreamRecord;
import dev.confab.consumer.VirtualTime;
import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Entry;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.Position;
import dev.confab.events.Role;
import dev.confab.events.ServerFrame;
import dev.confab.events.ServerFrames;
import dev.confab.events.UserId;
import dev.confab.fanout.FanoutStage;
import dev.confab.fanout.Pushes;
import dev.confab.metrics.Measurements;
import dev.confab.persist.PersistStage;
import dev.confab.table.InMemoryTable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Both stages on one stream: what the fan-out skips, persist has as a marker. If it stored it
 * instead, live frames would lead over a message that history shows. They share no memory, and each
 * counts for itself how far it looks back.
 */
class SkippedResendsTest {
  private static final int SEEDS = 30;

  /** Two and a half times as far as persist looks back. */
  private static final int RECORDS = 2_500;

  @Test
  void whatTheFanoutSkips_isAMarkerInTheTable() throws Exception {
    int skipped = 0;
    long resendsPushed = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      Run run = new Run(seed);
      run.toTheEnd();
      for (Position position : run.skipped()) {
        assertThat(run.inTable(position))
            .as("seed %s, what was skipped at %s", seed, position)
            .isInstanceOf(Entry.Duplicate.class);
        skipped++;
      }
      resendsPushed += run.resendsPushed();
    }
    assertThat(skipped).as("or else the seeds prove nothing").isGreaterThan(1_000);
    assertThat(resendsPushed).isGreaterThan(1_000);
  }

  private record Counts(int owned, int open) implements ShardCounts {}

  /** One chat's stream, read by both. */
  private static final class Run {
    private static final ChatId LOBBY = new ChatId("lobby");
    private static final UserId ANA = new UserId("ana");
    private static final ConnectionId LISTENER = new ConnectionId("listener");

    private final Random random;
    private final VirtualTime time = new VirtualTime();
    private final InMemoryTable table = new InMemoryTable();
    private final Measurements measured = new Measurements(time);
    private final ShardStart start =
        new ShardStart("shardId-0", HashRange.all(), new FakeLease(), new Counts(1, 1), measured);
    private final Set<Position> pushed = new HashSet<>();
    private final List<Position> messages = new ArrayList<>();
    private final Set<Position> resends = new HashSet<>();
    private final double shareOfResends;
    private final Duration atMostBetween;
    private ShardStage persist;
    private ShardStage fanout;
    private int names;
    private long sequence = 1_000;

    Run(long seed) {
      random = new Random(seed);
      shareOfResends = List.of(0.02, 0.3, 0.9).get(random.nextInt(3));
      atMostBetween = Duration.ofMillis(List.of(100, 1_000).get(random.nextInt(2)));
      persist = persistStage().open(start);
      fanout = fanoutStage().open(start);
    }

    private Stage persistStage() {
      return new PersistStage(
          new PersistStage.Ports(
              table.messages(),
              _ -> {
                throw new AssertionError("nothing is replayed here");
              },
              Runnable::run));
    }

    private Stage fanoutStage() {
      return new FanoutStage(
          new FanoutStage.Ports(
              table,
              new Listener(),
              _ -> new DeadLetters.Taken(),
              time,
              time,
              random,
              Runnable::run),
          new FanoutStage.Settings(1_000_000, 10, 1_000_000));
    }

    void toTheEnd() throws InterruptedException {
      table.members().add(LOBBY, ANA, Role.OWNER);
      offer(List.of(record(subscribed())));
      for (int records = 0; records < RECORDS; ) {
        List<StreamRecord> batch = new ArrayList<>();
        for (int size = 1 + random.nextInt(40); size > 0; size--, records++) {
          batch.add(next());
          time.pass(atMostBetween.multipliedBy(random.nextInt(100)).dividedBy(100));
        }
        offer(batch);
        takeOverPerhaps();
      }
    }

    private void offer(List<StreamRecord> batch) throws InterruptedException {
      fanout.process(batch);
      persist.process(batch);
    }

    private void takeOverPerhaps() {
      if (random.nextInt(100) == 0) {
        fanout.close();
        fanout = fanoutStage().open(start);
      }
      if (random.nextInt(20) == 0) {
        persist.close();
        persist = persistStage().open(start);
      }
    }

    // The stream.

    private StreamRecord next() {
      if (random.nextDouble() < shareOfResends) {
        return resend();
      }
      return switch (random.nextInt(20)) {
        case 0 -> message(known(), "hello", false); // unmarked, by another producer
        case 1 -> message(known(), "goodbye", random.nextBoolean());
        case 2 -> raw("{\"v\":1,\"type\":\"message\",\"chatId\":\"lobby\",\"text\":7}");
        default -> message("c-" + names++, "hello", false);
      };
    }

    /** Mostly of a few, so that each comes again and again. */
    private StreamRecord resend() {
      return message(random.nextInt(4) == 0 ? known() : "c-" + names / 400 * 400, "hello", true);
    }

    private String known() {
      return "c-" + Math.max(0, names - 1 - random.nextInt(1_200));
    }

    private StreamRecord message(String id, String text, boolean resend) {
      StreamRecord record =
          record(
              new ChatEvent.MessageSent(
                  LOBBY, ANA, new ClientMessageId(id), text, resend, time.instant(), null));
      messages.add(record.position());
      if (resend) {
        resends.add(record.position());
      }
      return record;
    }

    private ChatEvent subscribed() {
      return new ChatEvent.Subscribed(
          LOBBY,
          ANA,
          LISTENER,
          1,
          time.instant().plus(Duration.ofDays(1)),
          null,
          time.instant(),
          null);
    }

    private StreamRecord record(ChatEvent event) {
      return raw(new String(ChatEvents.encode(event), StandardCharsets.UTF_8));
    }

    private StreamRecord raw(String json) {
      return new StreamRecord(
          "shardId-0",
          Position.of(Long.toString(sequence++), 0),
          LOBBY.value(),
          Bytes.of(json.getBytes(StandardCharsets.UTF_8)),
          time.instant());
    }

    // What came of it.

    List<Position> skipped() {
      return messages.stream().filter(position -> !pushed.contains(position)).toList();
    }

    long resendsPushed() {
      return resends.stream().filter(pushed::contains).count();
    }

    @Nullable Entry inTable(Position position) {
      return table.messages().at(LOBBY, List.of(position)).get(position);
    }

    /** Who is in the chat, and notes what comes. */
    private final class Listener implements Pushes {
      @Override
      public Push push(ConnectionId connection, Bytes frame) {
        if (parse(frame) instanceof ServerFrame.Messages live) {
          live.messages().forEach(message -> pushed.add(message.position()));
        }
        return new Delivered();
      }

      @Override
      public Presence probe(ConnectionId connection) {
        return new Connected();
      }
    }

    private static ServerFrame parse(Bytes frame) {
      try {
        return ServerFrames.parse(new String(frame.toArray(), StandardCharsets.UTF_8));
      } catch (InvalidJsonException notOurs) {
        throw new AssertionError("no frame of the protocol", notOurs);
      }
    }
  }
}
