package dev.confab.fanout;

import static dev.confab.fanout.FanoutWorld.LOBBY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.consumer.Outcome;
import dev.confab.consumer.StreamRecord;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Cursor;
import dev.confab.events.DeadLetter.PushLetter;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.fanout.InMemoryPushes.Fault;
import dev.confab.table.Faults;
import dev.confab.table.Messages;
import dev.confab.table.TableCall;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a push letter's replay brings to whom. */
class PushReplaysTest {
  private static final ConnectionId B1 = new ConnectionId("b1");
  private final FanoutWorld world = new FanoutWorld();

  @BeforeEach
  void someoneListens() throws Exception {
    world.subscriber("bob", "b1");
  }

  /** A message that was pushed and stored. */
  private Entry.Posted stored(String id, Cursor prev) throws Exception {
    StreamRecord record = world.say(id);
    world.process(record);
    Entry.Posted posted =
        Entry.Posted.of(record.position(), prev, world.message(id, "text of " + id));
    store(posted);
    return posted;
  }

  private void store(Entry entry) {
    world.table.messages().writeBatch(List.of(new Messages.Stored(LOBBY, entry)));
  }

  private StreamRecord replay(int count, List<Position> positions, ConnectionId... connections) {
    return world.record(new ChatEvent.PushReplay(LOBBY, positions, List.of(connections), count));
  }

  private List<ServerFrame.Messages> replayed(String connection) {
    return world.received(connection).stream()
        .filter(ServerFrame.Messages.class::isInstance)
        .map(ServerFrame.Messages.class::cast)
        .filter(ServerFrame.Messages::replayed)
        .toList();
  }

  @Test
  void whatWasMissed_isPushedMarkedAndInOrder() throws Exception {
    Entry.Posted one = stored("c-1", Cursor.start());
    Entry.Posted two = stored("c-2", one.position());
    world.process(replay(1, List.of(two.position(), one.position()), B1));
    assertThat(replayed("b1"))
        .containsExactly(new ServerFrame.Messages(LOBBY, List.of(one, two), true));
    assertThat(world.letters()).isEmpty();
  }

  @Test
  void onlyTheConnectionsNamed_getIt() throws Exception {
    world.subscriber("eve", "e1");
    Entry.Posted one = stored("c-1", Cursor.start());
    world.process(replay(1, List.of(one.position()), B1));
    assertThat(replayed("e1")).isEmpty();
  }

  @Test
  void whoIsNotThereAnyMore_getsNothing() throws Exception {
    Entry.Posted one = stored("c-1", Cursor.start());
    world.process(world.record(world.unsubscribe(LOBBY, "bob", "b1")));
    world.process(replay(1, List.of(one.position()), B1, new ConnectionId("never")));
    assertThat(replayed("b1")).isEmpty();
    assertThat(world.letters()).isEmpty();
  }

  @Test
  void whoLeftInTheSameBatch_getsNothing() throws Exception {
    Entry.Posted one = stored("c-1", Cursor.start());
    world.process(
        world.record(world.unsubscribe(LOBBY, "bob", "b1")),
        replay(1, List.of(one.position()), B1));
    assertThat(replayed("b1")).isEmpty();
  }

  @Test
  void whoIsKnownToBeGone_isNotPushedTo() throws Exception {
    ChatId other = new ChatId("other");
    world.subscriber(other, "bob", "b1");
    Entry.Posted one = stored("c-1", Cursor.start());
    world.pushes.disconnect(B1);
    world.process(world.say(other, "d-1"));
    int posts = world.pushes.posts().size();
    world.process(replay(1, List.of(one.position()), B1));
    assertThat(world.pushes.posts()).hasSize(posts);
  }

  @Test
  void whatIsNotStoredYet_isParkedForNobodyWhoIsNotThere() throws Exception {
    StreamRecord late = world.say("c-1");
    world.process(late);
    StreamRecord gone = replay(1, List.of(late.position()), new ConnectionId("never"));
    StreamRecord expired = replay(1, List.of(late.position()), B1);
    world.process(gone);
    world.time.pass(FanoutWorld.TOKEN);
    world.process(expired);
    assertThat(world.letters()).isEmpty();
  }

  @Test
  void aPositionNamedTwice_isPushedOnce() throws Exception {
    Entry.Posted one = stored("c-1", Cursor.start());
    world.process(replay(1, List.of(one.position(), one.position()), B1));
    assertThat(replayed("b1")).containsExactly(new ServerFrame.Messages(LOBBY, List.of(one), true));
  }

  @Test
  void whoSubscribedLater_getsNoneOfWhatCameBefore() throws Exception {
    Entry.Posted one = stored("c-1", Cursor.start());
    world.process(world.record(world.subscribe(LOBBY, "bob", "b1")));
    world.process(replay(1, List.of(one.position()), B1));
    assertThat(replayed("b1")).isEmpty();
  }

  @Test
  void whoIsRemovedInTheTableAlready_getsNothing() throws Exception {
    Entry.Posted one = stored("c-1", Cursor.start());
    world.table.members().leave(LOBBY, new UserId("bob")); // its event is still to come
    world.process(replay(1, List.of(one.position()), B1));
    assertThat(replayed("b1")).isEmpty();
  }

  @Test
  void whatIsNotStoredYet_isParkedAgain() throws Exception {
    Entry.Posted one = stored("c-1", Cursor.start());
    StreamRecord late = world.say("c-2");
    world.process(late);
    world.process(replay(3, List.of(one.position(), late.position()), B1));
    assertThat(replayed("b1")).singleElement().isNotNull();
    PushLetter letter = world.letters().getFirst();
    assertThat(letter.positions()).containsExactly(late.position());
    assertThat(letter.connectionIds()).containsExactly(B1);
    assertThat(letter.replayCount()).isEqualTo(3);
    assertThat(letter.failure().errorClass()).isEqualTo("NotStored");
  }

  @Test
  void placeholdersAndMarkers_areNotPushed() throws Exception {
    Entry.Posted one = stored("c-1", Cursor.start());
    StreamRecord parked = world.say("c-2");
    StreamRecord marker = world.say("c-3");
    world.process(parked, marker);
    world
        .table
        .messages()
        .placeholder(LOBBY, new Entry.Parked(parked.position(), one.position(), null, null));
    store(new Entry.Duplicate(marker.position(), parked.position(), one.position()));
    world.process(replay(1, List.of(parked.position(), marker.position()), B1));
    assertThat(replayed("b1")).isEmpty();
    assertThat(world.letters()).isEmpty();
  }

  @Test
  void failingAgain_parksALetterWithTheCountRaised() throws Exception {
    Entry.Posted one = stored("c-1", Cursor.start());
    world.subscriber("eve", "e1");
    world.pushes.fail(connection -> connection.equals(B1) ? Fault.ERROR : Fault.NONE);
    StreamRecord replay = replay(2, List.of(one.position()), B1);
    StreamRecord live = world.say("c-2");
    world.process(replay, live);
    assertThat(world.letters())
        .anySatisfy(
            letter -> {
              assertThat(letter.replayCount()).isEqualTo(2);
              assertThat(letter.positions()).containsExactly(one.position());
            })
        .anySatisfy(
            letter -> {
              assertThat(letter.replayCount()).isZero();
              assertThat(letter.positions()).containsExactly(live.position());
            })
        .hasSize(2);
  }

  @Test
  void aTableFault_isRetriedWithoutPushingTwice() throws Exception {
    Entry.Posted one = stored("c-1", Cursor.start());
    StreamRecord replay = replay(1, List.of(one.position()), B1);
    world.failTable(_ -> Faults.Fault.NOT_DONE);
    assertThat(world.offer(List.of(replay)).getFirst()).isInstanceOf(Outcome.Retry.class);
    world.failTable(Faults.NONE);
    world.process(replay);
    assertThat(replayed("b1")).hasSize(1);
  }

  /** Each in a chat of its own: the rest of its chat is held back anyway. */
  private List<StreamRecord> replaysEverywhere() throws Exception {
    List<StreamRecord> batch = new ArrayList<>();
    Position position = world.say("c-1").position();
    for (int i = 0; i < 100; i++) {
      ChatId chatId = new ChatId("chat-" + i);
      world.subscriber(chatId, "bob", "b1");
      batch.add(world.record(new ChatEvent.PushReplay(chatId, List.of(position), List.of(B1), 1)));
    }
    world.tableCalls.clear();
    return batch;
  }

  @Test
  void whenTheTableIsDown_oneFaultABatchIsEnough() throws Exception {
    List<StreamRecord> batch = replaysEverywhere();
    world.failTable(_ -> Faults.Fault.NOT_DONE);
    assertThat(world.offer(batch)).allMatch(outcome -> outcome instanceof Outcome.Retry);
    assertThat(world.tableCalls).containsExactly(TableCall.MESSAGES_READ);
    world.failTable(Faults.NONE);
    assertThat(world.offer(batch)).allMatch(outcome -> outcome instanceof Outcome.Done);
  }

  @Test
  void aLeaseLostMeanwhile_endsTheReads() throws Exception {
    List<StreamRecord> batch = replaysEverywhere();
    world.failTable(
        _ -> {
          world.lease.lose();
          return Faults.Fault.NONE;
        });
    assertThat(world.offer(batch)).allMatch(outcome -> outcome instanceof Outcome.Retry);
    assertThat(world.tableCalls).containsExactly(TableCall.MESSAGES_READ);
  }

  @Test
  void aReplay_isNoPlaceInTheChain() throws Exception {
    Entry.Posted one = stored("c-1", Cursor.start());
    world.process(replay(1, List.of(one.position()), B1), world.say("c-2"));
    assertThat(world.prevs("b1")).containsExactly(null, one.position());
  }
}
