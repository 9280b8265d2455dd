package dev.confab.persist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.consumer.Outcome;
import dev.confab.consumer.StreamRecord;
import dev.confab.consumer.VirtualTime;
import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.UserId;
import dev.confab.metrics.Measurements;
import dev.confab.metrics.Metric;
import dev.confab.metrics.RecordedMetrics;
import dev.confab.table.Faults;
import dev.confab.table.InMemoryTable;
import dev.confab.table.Messages.Stored;
import dev.confab.table.TableCall;
import dev.confab.table.TableUnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PersistShardTest {
  private static final ChatId LOBBY = new ChatId("lobby");
  private static final UserId ANA = new UserId("ana");
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

  private final InMemoryTable table = new InMemoryTable();
  private final List<ChatEvent> put = new ArrayList<>();
  private final VirtualTime time = new VirtualTime();
  private final Measurements measured = new Measurements(time);
  private boolean isStreamDown;
  private boolean isStreamFaulty;
  private int puts;
  private PersistShard shard = newOwner();

  private PersistShard newOwner() {
    return new PersistShard(
        new PersistStage.Ports(
            table.messages(),
            event -> {
              puts++;
              if (isStreamFaulty) {
                throw new IllegalStateException("bug");
              }
              if (isStreamDown) {
                throw new EventStream.StreamUnavailableException("down", new Exception());
              }
              put.add(event);
            },
            Runnable::run),
        Chains.MAX_PLACES,
        measured);
  }

  private static Position position(int n) {
    return Position.of(String.valueOf(1_000 + n), 0);
  }

  private static ChatEvent.MessageSent message(int id, String text, boolean resend) {
    return new ChatEvent.MessageSent(
        LOBBY, ANA, new ClientMessageId("c-" + id), text, resend, NOON, null);
  }

  private static StreamRecord record(int n, ChatEvent event) {
    return record(n, event.chatId().value(), ChatEvents.encode(event));
  }

  private static StreamRecord record(int n, String partitionKey, byte[] data) {
    return new StreamRecord("shardId-0", position(n), partitionKey, Bytes.of(data), NOON);
  }

  private static StreamRecord sent(int n) {
    return record(n, message(n, "text " + n, false));
  }

  private static StreamRecord resent(int n, int id) {
    return record(n, message(id, "text " + id, true));
  }

  private static StreamRecord replayOf(int n, StreamRecord of) {
    return record(
        n, new ChatEvent.Replay(new ChatId(of.partitionKey()), of.position(), 1, of.data()));
  }

  private List<Entry> stored() {
    return table.messages().after(LOBBY, Cursor.start(), 10_000);
  }

  private static Outcome only(List<Outcome> outcomes) {
    assertThat(outcomes).hasSize(1);
    return outcomes.getFirst();
  }

  @Test
  void messagesAreStored_eachNamingTheOneBefore() {
    List<StreamRecord> records = IntStream.range(0, 120).mapToObj(PersistShardTest::sent).toList();
    assertThat(shard.process(records)).hasSize(120).allMatch(Outcome.Done.class::isInstance);
    List<Entry> stored = stored();
    assertThat(stored).hasSize(120);
    for (int n = 0; n < 120; n++) {
      assertThat(stored.get(n).position()).isEqualTo(position(n));
      assertThat(stored.get(n).prev()).isEqualTo(n == 0 ? Cursor.start() : position(n - 1));
    }
  }

  @Test
  void aNewOwnerNamesTheNewestBelowItsFirstPosition_notWhatTheLastOwnerWroteBeyond() {
    shard.process(List.of(sent(1), sent(2), sent(3)));
    List<Entry> before = stored();
    newOwner().process(List.of(sent(2), sent(3))); // the checkpoint was at 1
    assertThat(stored()).isEqualTo(before);
  }

  @Test
  void unprocessedItemsAreToBeTriedAgain_andOnlyThose() {
    Set<Position> left = Set.of(position(3), position(27));
    table.fail(
        new Faults() {
          @Override
          public Fault next(TableCall call) {
            return Fault.NONE;
          }

          @Override
          public Set<Stored> unprocessed(List<Stored> items) {
            Set<Stored> unprocessed = new HashSet<>(items);
            unprocessed.removeIf(item -> !left.contains(item.entry().position()));
            return unprocessed;
          }
        });
    List<StreamRecord> records = IntStream.range(0, 30).mapToObj(PersistShardTest::sent).toList();
    List<Outcome> outcomes = shard.process(records);
    for (int n = 0; n < 30; n++) {
      assertThat(outcomes.get(n) instanceof Outcome.Retry).isEqualTo(left.contains(position(n)));
    }
    table.fail(Faults.NONE);
    assertThat(shard.process(List.of(sent(3), sent(27)))).allMatch(Outcome.Done.class::isInstance);
    assertThat(stored())
        .extracting(Entry::prev)
        .startsWith(Cursor.start(), position(0))
        .hasSize(30);
    assertThat(stored().get(3).prev()).isEqualTo(position(2));
    assertThat(stored().get(4).prev()).isEqualTo(position(3));
  }

  @Test
  void itemsThatStayUnprocessedAreToBeTriedAgain_neverDone() {
    table.fail(
        new Faults() {
          @Override
          public Fault next(TableCall call) {
            return Fault.NONE;
          }

          @Override
          public Set<Stored> unprocessed(List<Stored> items) {
            return Set.copyOf(items);
          }
        });
    assertThat(only(shard.process(List.of(sent(1))))).isInstanceOf(Outcome.Retry.class);
    table.fail(Faults.NONE);
    assertThat(only(shard.process(List.of(sent(1))))).isInstanceOf(Outcome.Done.class);
  }

  @Test
  void anUnavailableTableIsAReasonToTryAgain_andThePlacesStay() {
    table.fail(
        call -> call == TableCall.MESSAGES_WRITE_BATCH ? Faults.Fault.NOT_DONE : Faults.Fault.NONE);
    List<StreamRecord> records = List.of(sent(1), sent(2));
    assertThat(shard.process(records)).allMatch(Outcome.Retry.class::isInstance);
    table.fail(Faults.NONE);
    assertThat(shard.process(records)).allMatch(Outcome.Done.class::isInstance);
    assertThat(stored()).extracting(Entry::prev).containsExactly(Cursor.start(), position(1));
  }

  @Test
  void aChatWhosePlaceIsUnknownHoldsBackItsOwnRecords_andNoOthers() {
    shard.process(List.of(sent(1)));
    table.fail(call -> call == TableCall.MESSAGES_READ ? Faults.Fault.NOT_DONE : Faults.Fault.NONE);
    ChatEvent elsewhere =
        new ChatEvent.MessageSent(
            new ChatId("cafe"), ANA, new ClientMessageId("x"), "hi", false, NOON, null);
    List<Outcome> outcomes =
        shard.process(List.of(record(2, elsewhere), record(3, elsewhere), sent(4)));
    assertThat(outcomes.subList(0, 2)).allMatch(Outcome.Retry.class::isInstance);
    assertThat(outcomes.get(2)).isInstanceOf(Outcome.Done.class);
    table.fail(Faults.NONE);
    shard.process(List.of(record(2, elsewhere), record(3, elsewhere)));
    assertThat(table.messages().after(new ChatId("cafe"), Cursor.start(), 10))
        .extracting(Entry::prev)
        .containsExactly(Cursor.start(), position(2));
  }

  @Test
  void theOneItemThatTheTableRefusesIsFound_theOthersAreStored() {
    refuse("text 13");
    List<StreamRecord> records = IntStream.range(0, 25).mapToObj(PersistShardTest::sent).toList();
    List<Outcome> outcomes = shard.process(records);
    for (int n = 0; n < 25; n++) {
      assertThat(outcomes.get(n) instanceof Outcome.Unprocessable).isEqualTo(n == 13);
    }
    shard.parked(records.get(13));
    assertThat(stored()).hasSize(25);
    assertThat(stored().get(13))
        .isEqualTo(new Entry.Parked(position(13), position(12), ANA, new ClientMessageId("c-13")));
    assertThat(stored().get(14).prev()).isEqualTo(position(13));
  }

  private void refuse(String text) {
    table.fail(
        new Faults() {
          @Override
          public Fault next(TableCall call) {
            return Fault.NONE;
          }

          @Override
          public boolean isRefused(Stored item) {
            return item.entry() instanceof Entry.Posted posted && posted.text().equals(text);
          }
        });
  }

  @Test
  void aRecordThatSaysItIsAMessageKeepsItsPlace_garbageHasNone() {
    StreamRecord claim = record(2, "lobby", noText());
    StreamRecord garbage = record(3, "lobby", new byte[] {1, 2, 3});
    StreamRecord elsewhere = record(4, "cafe", noText());
    List<Outcome> outcomes = shard.process(List.of(sent(1), claim, garbage, elsewhere, sent(5)));
    assertThat(outcomes.subList(1, 4)).allMatch(Outcome.Unprocessable.class::isInstance);
    List.of(claim, garbage, elsewhere).forEach(shard::parked);
    assertThat(stored())
        .extracting(Entry::position)
        .containsExactly(position(1), position(2), position(5));
    assertThat(stored().get(1)).isEqualTo(new Entry.Parked(position(2), position(1), ANA, null));
    assertThat(stored().get(2).prev()).isEqualTo(position(2));
  }

  @Test
  void aRecordOfAnUnknownTypeIsParked() {
    byte[] unknown =
        "{\"v\":1,\"type\":\"reaction\",\"chatId\":\"lobby\"}".getBytes(StandardCharsets.UTF_8);
    assertThat(only(shard.process(List.of(record(1, "lobby", unknown)))))
        .isInstanceOfSatisfying(
            Outcome.Unprocessable.class,
            refused -> assertThat(refused.errorClass()).isEqualTo("UnknownType"));
  }

  @Test
  void aResendIsAMarker_whetherItsOriginalCameOnThisLeaseOrBefore() {
    shard.process(List.of(sent(1), sent(2), resent(3, 1)));
    assertThat(stored().get(2))
        .isEqualTo(new Entry.Duplicate(position(3), position(2), position(1)));
    newOwner().process(List.of(resent(4, 2), sent(5)));
    assertThat(stored().get(3))
        .isEqualTo(new Entry.Duplicate(position(4), position(3), position(2)));
    assertThat(stored().get(4).prev()).isEqualTo(position(4));
  }

  @Test
  void aResendIsNeverItsOwnOriginal() {
    shard.process(List.of(sent(1), resent(2, 9)));
    List<Entry> before = stored();
    newOwner().process(List.of(resent(2, 9)));
    assertThat(stored()).isEqualTo(before);
    assertThat(before.get(1)).isInstanceOf(Entry.Posted.class);
  }

  @Test
  void aResendWithAnotherTextIsAMessage_andSoIsOneNotMarked() {
    shard.process(List.of(sent(1), record(2, message(1, "other", true)), sent(3)));
    shard.process(List.of(record(4, message(3, "text 3", false))));
    assertThat(stored()).hasSize(4).allMatch(Entry.Posted.class::isInstance);
  }

  @Test
  void aResendOfAnotherSenderIsAMessage_evenWithTheSameIdAndText() {
    ChatEvent ben =
        new ChatEvent.MessageSent(
            LOBBY, new UserId("ben"), new ClientMessageId("c-1"), "text 1", true, NOON, null);
    shard.process(List.of(sent(1), record(2, ben)));
    assertThat(stored()).hasSize(2).allMatch(Entry.Posted.class::isInstance);
  }

  @Test
  void aResendWhoseOriginalTheTableRefusesIsAMessageAfterAll() {
    Set<Position> refused = new HashSet<>(Set.of(position(1)));
    table.fail(
        new Faults() {
          @Override
          public Fault next(TableCall call) {
            return Fault.NONE;
          }

          @Override
          public boolean isRefused(Stored item) {
            return refused.contains(item.entry().position());
          }
        });
    List<StreamRecord> records = List.of(sent(1), resent(2, 1), resent(3, 1), sent(4));
    List<Outcome> outcomes = shard.process(records);
    assertThat(outcomes.get(0)).isInstanceOf(Outcome.Unprocessable.class);
    assertThat(outcomes.subList(1, 4)).allMatch(Outcome.Done.class::isInstance);
    shard.parked(records.getFirst());
    assertThat(stored())
        .extracting(entry -> entry.getClass().getSimpleName())
        .containsExactly("Parked", "Posted", "Duplicate", "Posted");
    assertThat(stored())
        .extracting(Entry::prev)
        .containsExactly(Cursor.start(), position(1), position(2), position(3));
  }

  @Test
  void aReplayOverwritesThePlaceholder_keepsItsPlaceAndTellsTheChat_everyTime() {
    refuse("text 2");
    StreamRecord original = sent(2);
    shard.process(List.of(sent(1), original, sent(3)));
    shard.parked(original);
    table.fail(Faults.NONE);
    ChatEvent replay = new ChatEvent.Replay(LOBBY, position(2), 1, original.data());
    isStreamDown = true; // the table is repaired, and then it crashes
    assertThat(only(shard.process(List.of(record(4, replay))))).isInstanceOf(Outcome.Retry.class);
    assertThat(put).isEmpty();
    isStreamDown = false;
    assertThat(only(newOwner().process(List.of(record(4, replay)))))
        .isInstanceOf(Outcome.Done.class);
    assertThat(only(shard.process(List.of(record(5, replay))))).isInstanceOf(Outcome.Done.class);
    assertThat(put)
        .containsExactly(
            new ChatEvent.Repaired(LOBBY, position(2)), new ChatEvent.Repaired(LOBBY, position(2)));
    assertThat(stored())
        .extracting(Entry::prev)
        .containsExactly(Cursor.start(), position(1), position(2));
    assertThat(stored()).allMatch(Entry.Posted.class::isInstance);
  }

  @Test
  void aReplayThatTheTableStillRefusesIsParkedAgain_andTheShardGoesOn() {
    refuse("text 2");
    StreamRecord original = sent(2);
    shard.process(List.of(sent(1), original));
    shard.parked(original);
    StreamRecord replay = record(4, new ChatEvent.Replay(LOBBY, position(2), 1, original.data()));
    assertThat(only(shard.process(List.of(replay))))
        .isInstanceOfSatisfying(
            Outcome.Unprocessable.class,
            refused -> assertThat(refused.errorClass()).isEqualTo("ValidationException"));
    shard.parked(replay);
    assertThat(only(shard.process(List.of(sent(5))))).isInstanceOf(Outcome.Done.class);
    assertThat(stored())
        .extracting(entry -> entry.getClass().getSimpleName())
        .containsExactly("Posted", "Parked", "Posted");
    assertThat(stored())
        .extracting(Entry::prev)
        .containsExactly(Cursor.start(), position(1), position(2));
    assertThat(put).isEmpty();
  }

  @Test
  void aReplayThatCannotBeTrueIsRefused() {
    shard.process(List.of(sent(1), sent(2)));
    Bytes other = Bytes.of(ChatEvents.encode(message(7, "other", false)));
    Bytes nested = Bytes.of(ChatEvents.encode(new ChatEvent.Replay(LOBBY, position(1), 1, other)));
    List<Outcome> outcomes =
        shard.process(
            List.of(
                record(4, new ChatEvent.Replay(LOBBY, position(9), 1, other)),
                record(5, new ChatEvent.Replay(LOBBY, position(2), 1, other)),
                record(6, new ChatEvent.Replay(LOBBY, position(3), 1, nested)),
                record(7, new ChatEvent.Replay(LOBBY, position(3), 1, Bytes.of(new byte[3])))));
    assertThat(outcomes)
        .extracting(outcome -> ((Outcome.Unprocessable) outcome).errorClass())
        .containsExactly("InvalidReplay", "Occupied", "InvalidReplay", "Malformed");
    assertThat(stored()).hasSize(2);
    assertThat(put).isEmpty();
  }

  @Test
  void eventsOfTheFanOutAreDone() {
    ChatEvent removed =
        new ChatEvent.MemberRemoved(LOBBY, ANA, 1, dev.confab.events.EndReason.LEFT, NOON, null);
    assertThat(only(shard.process(List.of(record(1, removed))))).isInstanceOf(Outcome.Done.class);
    assertThat(stored()).isEmpty();
  }

  @Test
  void aMarkerIsWrittenOnlyWhenItsOriginalIsStored() {
    Set<Position> left = new HashSet<>(Set.of(position(1)));
    leave(left);
    List<StreamRecord> records = List.of(sent(1), resent(2, 1), sent(3));
    List<Outcome> outcomes = shard.process(records);
    assertThat(outcomes.subList(0, 2)).allMatch(Outcome.Retry.class::isInstance);
    assertThat(outcomes.get(2)).isInstanceOf(Outcome.Done.class);
    assertThat(stored()).extracting(Entry::position).containsExactly(position(3));
    refuse("text 1"); // and then the original is never taken: the resend is the message
    outcomes = shard.process(records.subList(0, 2));
    assertThat(outcomes.get(0)).isInstanceOf(Outcome.Unprocessable.class);
    assertThat(outcomes.get(1)).isInstanceOf(Outcome.Unprocessable.class); // the same text
    List.of(sent(1), resent(2, 1)).forEach(shard::parked);
    assertThat(stored())
        .extracting(entry -> entry.getClass().getSimpleName())
        .containsExactly("Parked", "Parked", "Posted");
  }

  private void leave(Set<Position> left) {
    table.fail(
        new Faults() {
          @Override
          public Fault next(TableCall call) {
            return Fault.NONE;
          }

          @Override
          public Set<Stored> unprocessed(List<Stored> items) {
            Set<Stored> unprocessed = new HashSet<>(items);
            unprocessed.removeIf(item -> !left.contains(item.entry().position()));
            return unprocessed;
          }
        });
  }

  @Test
  void aTableThatIsDownIsNotAskedForEveryBatch() {
    List<TableCall> calls = new ArrayList<>();
    table.fail(
        call -> {
          calls.add(call);
          return call == TableCall.MESSAGES_WRITE_BATCH ? Faults.Fault.NOT_DONE : Faults.Fault.NONE;
        });
    List<StreamRecord> records =
        IntStream.range(0, 1_000).mapToObj(PersistShardTest::sent).toList();
    assertThat(shard.process(records)).allMatch(Outcome.Retry.class::isInstance);
    assertThat(calls).hasSize(1 + 8); // the chat's newest entry, and one round of batches
  }

  private List<TableCall> callsOfATableThatIsDown() {
    List<TableCall> calls = new ArrayList<>();
    table.fail(
        call -> {
          calls.add(call);
          return Faults.Fault.NOT_DONE;
        });
    return calls;
  }

  private static List<StreamRecord> replaysOfAThousand() {
    return IntStream.range(0, 1_000).mapToObj(n -> replayOf(2_000 + n, sent(n))).toList();
  }

  private static List<StreamRecord> ofAThousandChats(int first, boolean resend) {
    return IntStream.range(0, 1_000)
        .mapToObj(
            n ->
                record(
                    first + n,
                    new ChatEvent.MessageSent(
                        new ChatId("chat-" + n),
                        ANA,
                        new ClientMessageId("c-" + n),
                        "hi",
                        resend,
                        NOON,
                        null)))
        .toList();
  }

  @Test
  void aTableThatIsDownIsNotAskedForEveryReplay() {
    List<TableCall> calls = callsOfATableThatIsDown();
    List<StreamRecord> replays = replaysOfAThousand();
    assertThat(shard.process(replays)).hasSize(1_000).allMatch(Outcome.Retry.class::isInstance);
    assertThat(calls).hasSize(1);
    table.fail(Faults.NONE);
    assertDone(shard.process(replays));
  }

  @Test
  void aStreamThatIsDownIsNotAskedForEveryReplay() {
    isStreamDown = true;
    List<StreamRecord> replays = replaysOfAThousand();
    assertThat(shard.process(replays)).hasSize(1_000).allMatch(Outcome.Retry.class::isInstance);
    assertThat(puts).isEqualTo(1);
    isStreamDown = false;
    assertDone(shard.process(replays));
  }

  @Test
  void aTableThatIsDownIsNotAskedForEveryChat_norForEveryHistory() {
    List<StreamRecord> first = ofAThousandChats(0, false);
    List<TableCall> calls = callsOfATableThatIsDown();
    assertThat(shard.process(first)).hasSize(1_000).allMatch(Outcome.Retry.class::isInstance);
    assertThat(calls).as("newest entries").hasSize(1);
    table.fail(Faults.NONE);
    assertDone(shard.process(first));

    List<StreamRecord> resends = ofAThousandChats(5_000, true);
    calls = callsOfATableThatIsDown();
    assertThat(shard.process(resends)).hasSize(1_000).allMatch(Outcome.Retry.class::isInstance);
    assertThat(calls).as("histories").hasSize(1);
    table.fail(Faults.NONE);
    assertDone(shard.process(resends));
  }

  // Faults: not the table's no, but what nobody expects

  @Test
  void aFaultOfAReplay_concernsIt_notWhatIsHalfWritten() {
    leave(Set.of(position(2)));
    isStreamFaulty = true;
    List<StreamRecord> records =
        List.of(sent(1), sent(2), replayOf(4, record(3, elsewhere())), sent(5));
    List<Outcome> outcomes = shard.process(records);
    assertThat(outcomes)
        .extracting(outcome -> outcome.getClass().getSimpleName())
        .containsExactly("Done", "Retry", "Retry", "Done");
    table.fail(Faults.NONE);
    isStreamFaulty = false;
    assertDone(shard.process(records.subList(1, 3)));
    assertThat(stored())
        .extracting(Entry::prev)
        .containsExactly(Cursor.start(), position(1), position(2));
  }

  @Test
  void aFaultOfTheSecondRound_concernsWhatWasToBeWrittenInIt() {
    List<TableCall> writes = new ArrayList<>();
    table.fail(
        new Faults() {
          @Override
          public Fault next(TableCall call) {
            if (call == TableCall.MESSAGES_WRITE_BATCH) {
              writes.add(call);
              if (writes.size() == 2) {
                throw new IllegalStateException("bug");
              }
            }
            return Fault.NONE;
          }

          @Override
          public Set<Stored> unprocessed(List<Stored> items) {
            return items.stream()
                .filter(item -> item.entry().position().equals(position(2)))
                .collect(Collectors.toSet());
          }
        });
    List<StreamRecord> records = List.of(sent(1), sent(2), resent(3, 1), sent(4));
    assertThat(shard.process(records))
        .extracting(outcome -> outcome.getClass().getSimpleName())
        .containsExactly("Done", "Retry", "Retry", "Done");
    table.fail(Faults.NONE);
    assertDone(shard.process(records.subList(1, 3)));
    assertThat(stored())
        .extracting(Entry::prev)
        .containsExactly(Cursor.start(), position(1), position(2), position(3));
    assertThat(stored().get(2)).isInstanceOf(Entry.Duplicate.class);
  }

  @Test
  void aChatOfWhichAnItemCannotBeRead_holdsBackItsOwnRecordsOnly() {
    shard.process(List.of(sent(1)));
    shard.process(List.of(record(2, elsewhere())));
    table.fail(
        call -> {
          if (call == TableCall.MESSAGES_READ) { // of the lobby's history
            throw new IllegalStateException("no entry of ours");
          }
          return Faults.Fault.NONE;
        });
    List<StreamRecord> records = List.of(sent(3), resent(4, 1), record(5, elsewhere()), sent(6));
    assertThat(shard.process(records))
        .extracting(outcome -> outcome.getClass().getSimpleName())
        .containsExactly("Retry", "Retry", "Done", "Retry");
    table.fail(Faults.NONE);
    assertDone(shard.process(List.of(sent(3), resent(4, 1), sent(6))));
    assertThat(stored())
        .extracting(Entry::prev)
        .containsExactly(Cursor.start(), position(1), position(3), position(4));
  }

  @Test
  void outOfMemoryOnAWritersThreadReachesTheHost() {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      table.fail(
          _ -> {
            throw new OutOfMemoryError();
          });
      PersistShard threaded =
          new PersistShard(
              new PersistStage.Ports(table.messages(), put::add, executor),
              Chains.MAX_PLACES,
              measured);
      assertThatThrownBy(() -> threaded.process(List.of(sent(1))))
          .isInstanceOf(OutOfMemoryError.class);
    }
  }

  @Test
  void aReplayWaitsForWhatComesBeforeItInItsChat_andHoldsBackWhatFollows() {
    StreamRecord claim = record(2, "lobby", noText());
    Bytes data = Bytes.of(ChatEvents.encode(message(3, "text 3", false)));
    StreamRecord replay = record(4, new ChatEvent.Replay(LOBBY, position(3), 1, data));
    List<StreamRecord> records =
        List.of(sent(1), claim, replay, resent(5, 3), record(6, elsewhere()));
    List<Outcome> outcomes = shard.process(records);
    assertThat(outcomes)
        .extracting(outcome -> outcome.getClass().getSimpleName())
        .containsExactly("Done", "Unprocessable", "Retry", "Retry", "Done");
    shard.parked(claim);
    outcomes = shard.process(List.of(replay, resent(5, 3)));
    assertThat(outcomes)
        .extracting(outcome -> outcome.getClass().getSimpleName())
        .containsExactly("Done", "Retry");
    assertThat(only(shard.process(List.of(resent(5, 3))))).isInstanceOf(Outcome.Done.class);
    assertThat(stored())
        .extracting(entry -> entry.getClass().getSimpleName())
        .containsExactly("Posted", "Parked", "Posted", "Duplicate");
    assertThat(stored())
        .extracting(Entry::prev)
        .containsExactly(Cursor.start(), position(1), position(2), position(3));
  }

  private static byte[] noText() {
    return "{\"v\":1,\"type\":\"message\",\"chatId\":\"lobby\",\"senderId\":\"ana\"}"
        .getBytes(StandardCharsets.UTF_8);
  }

  private static ChatEvent elsewhere() {
    return new ChatEvent.MessageSent(
        new ChatId("cafe"), ANA, new ClientMessageId("x"), "hi", false, NOON, null);
  }

  @Test
  void aReplayedResendIsAMarkerAsItWouldHaveBeen() {
    shard.process(List.of(sent(1), sent(3)));
    Bytes resend = Bytes.of(ChatEvents.encode(message(1, "text 1", true)));
    assertThat(
            only(
                shard.process(
                    List.of(record(4, new ChatEvent.Replay(LOBBY, position(2), 1, resend))))))
        .isInstanceOf(Outcome.Done.class);
    assertThat(stored().get(1))
        .isEqualTo(new Entry.Duplicate(position(2), position(1), position(1)));
    assertThat(put).containsExactly(new ChatEvent.Repaired(LOBBY, position(2)));
  }

  @Test
  void aReplayWhoseMessageIsReadableByItsOriginalIsDone_anyOtherMarkerIsInTheWay() {
    shard.process(List.of(sent(1), sent(2), resent(3, 1)));
    Bytes first = Bytes.of(ChatEvents.encode(message(1, "text 1", false)));
    Bytes second = Bytes.of(ChatEvents.encode(message(2, "text 2", false)));
    assertThat(
            shard.process(
                List.of(
                    record(4, new ChatEvent.Replay(LOBBY, position(3), 1, first)),
                    record(5, new ChatEvent.Replay(LOBBY, position(3), 1, second)))))
        .extracting(outcome -> outcome.getClass().getSimpleName())
        .containsExactly("Done", "Unprocessable");
    assertThat(stored().get(2)).isInstanceOf(Entry.Duplicate.class);
  }

  /** SQS knows no order, and the worker may die before the checkpoint passes a replay. */
  @Test
  void replaysOfAMessageAndItsResend_inAnyOrderAndAnyNumberOfTimes_areDone() {
    StreamRecord original = sent(1);
    StreamRecord resend = resent(2, 1);
    StreamRecord originals = replayOf(10, original);
    StreamRecord resends = replayOf(11, resend);
    park(original, resend);
    assertDone(newOwner().process(List.of(originals, resends)));
    List<Entry> after = stored();
    assertDone(newOwner().process(List.of(resends, originals)));
    assertThat(stored()).isEqualTo(after);
    assertThat(after.get(1)).isInstanceOf(Entry.Duplicate.class);
  }

  @Test
  void aReplayOfAResendThatCameBeforeItsOriginals_isDoneWhenItComesAgain() {
    StreamRecord original = sent(1);
    StreamRecord resend = resent(2, 1);
    StreamRecord originals = replayOf(10, original);
    StreamRecord resends = replayOf(11, resend);
    park(original, resend);
    assertDone(newOwner().process(List.of(resends)));
    assertDone(newOwner().process(List.of(originals)));
    put.clear();
    assertDone(newOwner().process(List.of(originals, resends)));
    assertThat(stored()).hasSize(2).allMatch(Entry.Posted.class::isInstance);
    assertThat(put)
        .as("the worker may have died before it told the chat")
        .containsExactly(
            new ChatEvent.Repaired(LOBBY, position(1)), new ChatEvent.Repaired(LOBBY, position(2)));
  }

  private void park(StreamRecord... records) {
    refuse("text 1");
    PersistShard owner = newOwner();
    assertThat(owner.process(List.of(records))).allMatch(Outcome.Unprocessable.class::isInstance);
    List.of(records).forEach(owner::parked);
    table.fail(Faults.NONE);
  }

  private static void assertDone(List<Outcome> outcomes) {
    assertThat(outcomes).allMatch(Outcome.Done.class::isInstance);
  }

  @Test
  void aReplayOfWhatIsNothingToPersistByNowIsDone() {
    Bytes typing = Bytes.of(ChatEvents.encode(new ChatEvent.Reserved(LOBBY, "typing")));
    assertThat(
            only(
                shard.process(
                    List.of(record(4, new ChatEvent.Replay(LOBBY, position(3), 1, typing))))))
        .isInstanceOf(Outcome.Done.class);
    assertThat(stored()).isEmpty();
    assertThat(put).isEmpty();
  }

  @Test
  void aReplayWaitsForTheTable() {
    Bytes data = Bytes.of(ChatEvents.encode(message(3, "text 3", false)));
    StreamRecord replay = record(4, new ChatEvent.Replay(LOBBY, position(3), 1, data));
    table.fail(
        call ->
            call == TableCall.MESSAGES_REPAIR ? Faults.Fault.DONE_UNANSWERED : Faults.Fault.NONE);
    assertThat(only(shard.process(List.of(replay)))).isInstanceOf(Outcome.Retry.class);
    assertThat(put).isEmpty();
    table.fail(Faults.NONE);
    assertThat(only(shard.process(List.of(replay)))).isInstanceOf(Outcome.Done.class);
    assertThat(put).hasSize(1);
  }

  @Test
  void aResendIsFoundAmongAThousandPlaces_byWhoeverLooks_andNoFurther() {
    List<StreamRecord> records =
        IntStream.rangeClosed(1, Chain.WINDOW).mapToObj(PersistShardTest::sent).toList();
    shard.process(records);
    StreamRecord justInside = resent(Chain.WINDOW + 1, 1);
    StreamRecord justOutside = resent(Chain.WINDOW + 2, 1);
    shard.process(List.of(justInside));
    shard.process(List.of(justOutside));
    List<Entry> end = table.messages().before(LOBBY, null, 2);
    assertThat(end.get(1)).isInstanceOf(Entry.Duplicate.class);
    assertThat(end.get(0)).isInstanceOf(Entry.Posted.class);
    newOwner().process(List.of(justInside));
    newOwner().process(List.of(justOutside));
    PersistShard knowsHalf = newOwner();
    knowsHalf.process(records.subList(500, 1_000));
    knowsHalf.process(List.of(justInside, justOutside));
    assertThat(table.messages().before(LOBBY, null, 2)).isEqualTo(end);
  }

  @Test
  void theHistoryOfAChatIsReadOnce_atItsFirstResend() {
    shard.process(List.of(sent(1), sent(2)));
    List<TableCall> reads = new ArrayList<>();
    table.fail(
        call -> {
          if (call == TableCall.MESSAGES_READ) {
            reads.add(call);
          }
          return Faults.Fault.NONE;
        });
    PersistShard owner = newOwner();
    owner.process(List.of(sent(3)));
    assertThat(reads).hasSize(1);
    owner.process(List.of(resent(4, 1)));
    assertThat(reads).hasSize(2);
    owner.process(List.of(resent(5, 2), resent(6, 3), sent(7)));
    assertThat(reads).hasSize(2);
    assertThat(stored())
        .extracting(entry -> entry.getClass().getSimpleName())
        .containsExactly(
            "Posted", "Posted", "Posted", "Duplicate", "Duplicate", "Duplicate", "Posted");
  }

  @Test
  void aResendWaitsForAHistoryThatCannotBeRead_andSoDoesItsChat() {
    shard.process(List.of(sent(1), sent(2)));
    PersistShard owner = newOwner();
    owner.process(List.of(sent(3)));
    table.fail(call -> call == TableCall.MESSAGES_READ ? Faults.Fault.NOT_DONE : Faults.Fault.NONE);
    List<StreamRecord> records = List.of(resent(4, 1), sent(5));
    assertThat(owner.process(records)).allMatch(Outcome.Retry.class::isInstance);
    table.fail(Faults.NONE);
    assertThat(owner.process(records)).allMatch(Outcome.Done.class::isInstance);
    assertThat(stored().get(3)).isInstanceOf(Entry.Duplicate.class);
    assertThat(stored().get(4).prev()).isEqualTo(position(4));
  }

  @Test
  void recordsThatComeAgainOnTheSameLease_areWrittenAsBefore() {
    shard.process(List.of(sent(1), sent(2), resent(3, 1), sent(4)));
    List<Entry> before = stored();
    shard.process(List.of(sent(2), resent(3, 1), sent(4), sent(5)));
    assertThat(stored().subList(0, 4)).isEqualTo(before);
    assertThat(stored().get(4).prev()).isEqualTo(position(4));
  }

  @Test
  void aForgottenChatIsReadAgain_oneWithSomethingOnItsWayIsNotForgotten() {
    PersistShard forgetful =
        new PersistShard(
            new PersistStage.Ports(table.messages(), put::add, Runnable::run), 0, measured);
    StreamRecord claim = record(2, "lobby", noText());
    forgetful.process(List.of(sent(1), claim));
    forgetful.process(List.of(sent(3))); // the placeholder isn't there yet
    forgetful.parked(claim);
    List<TableCall> reads = new ArrayList<>();
    table.fail(
        call -> {
          reads.add(call);
          return Faults.Fault.NONE;
        });
    forgetful.process(List.of(sent(4)));
    assertThat(reads).contains(TableCall.MESSAGES_READ);
    assertThat(stored())
        .extracting(Entry::prev)
        .containsExactly(Cursor.start(), position(1), position(2), position(3));
  }

  @Test
  void aPlaceholderIsPutOnlyIfNothingIsThere_andTriedAgain() {
    StreamRecord claim = record(2, "lobby", noText());
    shard.process(List.of(sent(1), claim));
    table.fail(
        call -> call == TableCall.MESSAGES_PLACEHOLDER ? Faults.Fault.NOT_DONE : Faults.Fault.NONE);
    assertThatThrownBy(() -> shard.parked(claim)).isInstanceOf(TableUnavailableException.class);
    table.fail(Faults.NONE);
    Entry repaired =
        new Entry.Posted(
            position(2), position(1), ANA, new ClientMessageId("z"), "mended", NOON, false);
    table.messages().writeBatch(List.of(new Stored(LOBBY, repaired)));
    shard.parked(claim);
    assertThat(stored().get(1)).isEqualTo(repaired);
  }

  @Test
  void aRefusedRecordThatIsOfferedAgainStaysRefused() {
    refuse("text 1");
    shard.process(List.of(sent(1)));
    table.fail(Faults.NONE);
    assertThat(only(shard.process(List.of(sent(1))))).isInstanceOf(Outcome.Unprocessable.class);
  }

  // What it says about itself

  @Test
  void messagesAndMarkersAreCounted_placeholdersAreNot() {
    time.pass(Duration.between(time.instant(), NOON.plusMillis(700)));
    StreamRecord claim = record(3, "lobby", noText());

    shard.process(List.of(sent(1), resent(2, 1), claim, sent(4)));
    shard.parked(claim);

    RecordedMetrics metrics = RecordedMetrics.of(measured);
    assertThat(metrics.values(Metric.PERSISTED)).containsExactly(2L);
    assertThat(metrics.values(Metric.RESENDS_FOUND)).containsExactly(1L);
    assertThat(metrics.values(Metric.END_TO_END_AGE)).containsExactly(700L, 700L);
  }

  @Test
  void whatIsTriedAgainIsCountedOnce() {
    leave(Set.of(position(2), position(3)));
    List<Outcome> outcomes = shard.process(List.of(sent(1), sent(2), resent(3, 1)));
    assertThat(outcomes).filteredOn(Outcome.Retry.class::isInstance).hasSize(2);
    table.fail(Faults.NONE);
    shard.process(List.of(sent(2), resent(3, 1)));

    RecordedMetrics metrics = RecordedMetrics.of(measured);
    assertThat(metrics.sum(Metric.PERSISTED)).isEqualTo(2);
    assertThat(metrics.sum(Metric.RESENDS_FOUND)).isEqualTo(1);
    assertThat(metrics.values(Metric.END_TO_END_AGE)).hasSize(2);
  }

  @Test
  void whatIsStoredBesideAFaultIsCountedOnce() {
    isStreamFaulty = true;
    List<StreamRecord> records = List.of(sent(1), replayOf(5, sent(3)));
    assertThat(shard.process(records))
        .extracting(outcome -> outcome.getClass().getSimpleName())
        .containsExactly("Done", "Retry");
    isStreamFaulty = false;
    assertDone(shard.process(records.subList(1, 2)));

    RecordedMetrics metrics = RecordedMetrics.of(measured);
    assertThat(metrics.sum(Metric.PERSISTED)).as("one sent, one replayed").isEqualTo(2);
    assertThat(metrics.values(Metric.END_TO_END_AGE)).as("of a replay nobody knows").hasSize(1);
  }
}
