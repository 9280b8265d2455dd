package dev.confab.fanout;

import static dev.confab.fanout.FanoutWorld.LOBBY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.consumer.Outcome;
import dev.confab.consumer.StreamRecord;
import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import dev.confab.table.Faults;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What live messages say of the one before them, and which messages are live at all. */
class ChainTest {
  private final FanoutWorld world = new FanoutWorld();

  @BeforeEach
  void someoneListens() throws Exception {
    world.subscriber("bob", "b1");
  }

  @Test
  void theFirst_doesNotKnowTheOneBefore() throws Exception {
    world.process(world.say("c-1"));
    assertThat(world.prevs("b1")).containsOnlyNulls().hasSize(1);
  }

  @Test
  void eachNext_namesTheOneBefore() throws Exception {
    StreamRecord one = world.say("c-1");
    StreamRecord two = world.say("c-2");
    StreamRecord three = world.say("c-3");
    world.process(one, two);
    world.process(three);
    assertThat(world.prevs("b1")).containsExactly(null, one.position(), two.position());
  }

  @Test
  void chats_haveChainsOfTheirOwn() throws Exception {
    ChatId other = new ChatId("other");
    StreamRecord one = world.say("c-1");
    world.process(one, world.say(other, "d-1"), world.say("c-2"));
    assertThat(world.prevs("b1")).containsExactly(null, one.position());
  }

  @Test
  void afterATakeOver_theFirstDoesNotKnowAgain() throws Exception {
    world.process(world.say("c-1"));
    world.takeOver();
    world.process(world.say("c-2"));
    assertThat(world.prevs("b1")).containsOnlyNulls().hasSize(2);
  }

  @Test
  void otherEvents_areNoPlaceInTheChain() throws Exception {
    StreamRecord one = world.say("c-1");
    world.process(
        one,
        world.record(new ChatEvent.Repaired(LOBBY, one.position())),
        world.record(new ChatEvent.Replay(LOBBY, one.position(), 1, Bytes.of(new byte[] {1}))),
        world.record(new ChatEvent.Reserved(LOBBY, "typing")),
        world.raw("lobby", "{\"v\":1,\"type\":\"confetti\",\"chatId\":\"lobby\"}"),
        world.raw("lobby", "garbage"),
        world.say("c-2"));
    assertThat(world.prevs("b1")).containsExactly(null, one.position());
    assertThat(world.letters()).isEmpty();
  }

  @Test
  void aRecordThatClaimsToBeAMessage_isAPlaceInTheChain() throws Exception {
    StreamRecord one = world.say("c-1");
    StreamRecord claim =
        world.raw("lobby", "{\"v\":1,\"type\":\"message\",\"chatId\":\"lobby\",\"text\":7}");
    world.process(one, claim, world.say("c-2"));
    assertThat(world.prevs("b1"))
        .as("persist puts a placeholder there, which clients must fetch")
        .containsExactly(null, claim.position());
  }

  @Test
  void aClaimInAnotherChatsPartition_isNone() throws Exception {
    StreamRecord one = world.say("c-1");
    world.process(
        one,
        world.raw("other", "{\"v\":1,\"type\":\"message\",\"chatId\":\"lobby\",\"text\":7}"),
        world.say("c-2"));
    assertThat(world.prevs("b1")).containsExactly(null, one.position());
  }

  // Resends.

  @Test
  void aResendOfWhatThisOwnerPushed_isNotPushedAndTheChainPassesOverIt() throws Exception {
    StreamRecord original = world.say("c-1");
    world.process(original, world.resend("c-1"), world.say("c-2"));
    assertThat(world.texts("b1")).containsExactly("text of c-1", "text of c-2");
    assertThat(world.prevs("b1")).containsExactly(null, original.position());
  }

  @Test
  void joined_passesOverAMarkerToo() throws Exception {
    StreamRecord original = world.say("c-1");
    world.process(original, world.resend("c-1"));
    world.subscriber("eve", "e1");
    assertThat(((ServerFrame.Joined) world.received("e1").getFirst()).prev())
        .isEqualTo(original.position());
  }

  @Test
  void aResendOfSomethingUnknown_isPushedMarkedAndAPlaceInTheChain() throws Exception {
    StreamRecord original = world.say("c-1");
    world.process(original);
    world.takeOver();
    StreamRecord resend = world.resend("c-1");
    world.process(resend, world.say("c-2"));
    assertThat(world.texts("b1")).containsExactly("text of c-1", "text of c-1", "text of c-2");
    assertThat(world.messages("b1").get(1).resend()).isTrue();
    assertThat(world.prevs("b1")).containsExactly(null, null, resend.position());
  }

  @Test
  void aResendOfAResendThatWasPushed_isPushedToo() throws Exception {
    StreamRecord first = world.resend("c-1");
    StreamRecord second = world.resend("c-1");
    world.process(first, second, world.say("c-2"));
    assertThat(world.texts("b1")).containsExactly("text of c-1", "text of c-1", "text of c-2");
    assertThat(world.prevs("b1").getLast()).isEqualTo(second.position());
  }

  /** For persist both are resends of the same, of which it knows longer than this owner does. */
  @Test
  void aResendOfAResend_whoseOriginalPersistHasForgotten_isAPlaceInTheChain() throws Exception {
    world.process(world.say("c-0"));
    say("x", 600);
    world.process(world.resend("c-0")); // a marker
    say("y", 420);
    StreamRecord stored = world.resend("c-0");
    world.process(stored, world.say("last"));
    assertThat(world.prevs("b1").getLast()).isEqualTo(stored.position());
  }

  /** Markers fill persist's window as messages do. */
  @Test
  void aResend_afterAsManyMarkersAsPersistLooksBack_isAPlaceInTheChain() throws Exception {
    world.process(world.say("c-0"), world.say("c-1"));
    for (int i = 0; i < 1_001; i++) {
      world.process(world.resend("c-1"));
    }
    StreamRecord stored = world.resend("c-0");
    world.process(stored, world.say("last"));
    assertThat(world.prevs("b1").getLast()).isEqualTo(stored.position());
  }

  private void say(String prefix, int messages) throws Exception {
    StreamRecord[] all = new StreamRecord[messages];
    Arrays.setAll(all, i -> world.say(prefix + "-" + i));
    world.process(all);
  }

  @Test
  void anUnmarkedDuplicate_isPushed() throws Exception {
    world.process(world.say("c-1"), world.say("c-1"));
    assertThat(world.texts("b1")).hasSize(2);
  }

  @Test
  void aResendOfAnotherText_isPushed() throws Exception {
    world.process(
        world.say("c-1"), world.record(world.message(LOBBY, "c-1", "another text", true)));
    assertThat(world.texts("b1")).containsExactly("text of c-1", "another text");
  }

  @Test
  void aResendOfWhatWasTooOldToPush_isPushed() throws Exception {
    StreamRecord original = world.say("c-1");
    world.time.pass(RecentIds.WINDOW.minusMinutes(1));
    StreamRecord resend = world.resend("c-1");
    world.time.pass(FanoutShard.LIVE.minus(RecentIds.WINDOW).plusMinutes(1).plusMillis(1));
    world.process(original, resend);
    assertThat(world.texts("b1")).containsExactly("text of c-1");
    assertThat(world.messages("b1").getFirst().resend()).isTrue();
  }

  // History.

  @Test
  void whatArrivedLongAgo_isNotPushedButAdvancesTheChain() throws Exception {
    StreamRecord old = world.say("old");
    world.time.pass(Duration.ofMillis(1));
    StreamRecord live = world.say("live");
    world.time.pass(FanoutShard.LIVE);
    world.process(old, live);
    assertThat(world.texts("b1")).containsExactly("text of live");
    assertThat(world.prevs("b1")).containsExactly(old.position());
  }

  @Test
  void whatArrivedLongAgo_costsNoQuery() throws Exception {
    world.takeOver();
    StreamRecord old = world.say("old");
    world.time.pass(FanoutShard.LIVE.plusMillis(1));
    world.tableCalls.clear();
    world.process(old);
    assertThat(world.tableCalls).isEmpty();
  }

  @Test
  void everyOtherEvent_appliesHoweverOldItIs() throws Exception {
    StreamRecord removed = world.record(world.removed(LOBBY, "bob", 1));
    StreamRecord subscribed = world.record(world.subscribe(LOBBY, "eve", "e1", 1));
    world.member(LOBBY, "eve");
    world.pushes.connect(new ConnectionId("e1"));
    world.time.pass(Duration.ofMinutes(30));
    world.process(removed, subscribed, world.say("c-1"));
    assertThat(world.texts("b1")).isEmpty();
    assertThat(world.texts("e1")).containsExactly("text of c-1");
  }

  // Memory.

  @Test
  void anIdleChat_isForgottenAndReadAgainWhenSeen() throws Exception {
    world.takeOver(new FanoutStage.Settings(10_000, 5_000, 20));
    world.process(world.say("c-1"));
    for (int i = 0; i < 20; i++) {
      world.process(world.say(new ChatId("other-" + i), "d-1"));
    }
    world.tableCalls.clear();
    world.process(world.say("c-2"));
    assertThat(world.tableCalls).hasSize(1);
    assertThat(world.texts("b1")).containsExactly("text of c-1", "text of c-2");
    assertThat(world.prevs("b1")).as("the chain is not known any more").containsExactly(null, null);
  }

  @Test
  void aChatInUse_isNotForgotten() throws Exception {
    world.takeOver(new FanoutStage.Settings(10_000, 5_000, 20));
    StreamRecord last = world.say("c-1");
    world.process(last);
    world.tableCalls.clear();
    for (int i = 0; i < 20; i++) {
      world.process(world.say(new ChatId("other-" + i), "d-1"));
      last = world.say(LOBBY, "c-1");
      world.process(last);
    }
    world.process(world.say("c-2"));
    assertThat(world.tableCalls).as("one for each of the others").hasSize(20);
    assertThat(world.prevs("b1").getLast()).isEqualTo(last.position());
  }

  /** An event applied again would be pushed again. */
  @Test
  void aChatWhoseBatchIsNotDone_isNotForgotten() throws Exception {
    world.takeOver(new FanoutStage.Settings(10_000, 5_000, 1));
    List<StreamRecord> batch = List.of(world.say("c-1"), world.say("c-2"));
    world.pushes.fail(_ -> InMemoryPushes.Fault.NEVER);
    for (int i = 0; i < 3; i++) {
      assertThat(world.offer(batch)).allMatch(outcome -> outcome instanceof Outcome.Retry);
    }
    world.pushes.fail(_ -> InMemoryPushes.Fault.NONE);
    world.process(batch.get(0), batch.get(1));
    assertThat(world.texts("b1")).containsExactly("text of c-1", "text of c-2");
  }

  /** Persist stores it, so that readers must see a place where they got nothing. */
  @Test
  void aMessageOnWhichTheFanoutHasAFault_isAPlaceInTheChain() throws Exception {
    world.process(world.say("c-1"));
    world.takeOver();
    StreamRecord unlucky = world.say("c-2");
    world.failTable(
        _ -> {
          throw new IllegalStateException("a fault of ours");
        });
    assertThat(world.offer(List.of(unlucky)).getFirst()).isInstanceOf(Outcome.Unprocessable.class);
    world.failTable(Faults.NONE);
    world.process(world.say("c-3"));
    assertThat(world.texts("b1")).containsExactly("text of c-1", "text of c-3");
    assertThat(world.prevs("b1")).containsExactly(null, unlucky.position());
  }

  // Frames.

  @Test
  void allThatABatchHas_goesInOneFrame() throws Exception {
    world.subscriber("eve", "e1");
    int posts = world.pushes.posts().size();
    world.process(world.say("c-1"), world.say("c-2"), world.say("c-3"));
    assertThat(world.pushes.posts()).hasSize(posts + 2);
    assertThat(world.texts("b1")).hasSize(3);
    assertThat(world.texts("e1")).hasSize(3);
  }

  @Test
  void repaired_tellsWhoeverIsSubscribedNow() throws Exception {
    StreamRecord message = world.say("c-1");
    world.process(message);
    world.subscriber("eve", "e1"); // whose interval does not hold what is repaired
    world.process(
        world.record(world.unsubscribe(LOBBY, "bob", "b1")),
        world.record(new ChatEvent.Repaired(LOBBY, message.position())));
    assertThat(world.received("e1").getLast())
        .isEqualTo(new ServerFrame.Repaired(LOBBY, message.position()));
    assertThat(world.received("b1")).noneMatch(ServerFrame.Repaired.class::isInstance);
  }

  @Test
  void aggregatedRecords_areOrderedByTheirPlaceInside() throws Exception {
    StreamRecord any = world.say("c-1");
    String sequence = any.position().sequenceNumber();
    StreamRecord first =
        new StreamRecord(
            "shardId-0", Position.of(sequence, 0), "lobby", any.data(), any.arrivedAt());
    StreamRecord second =
        new StreamRecord(
            "shardId-0",
            Position.of(sequence, 1),
            "lobby",
            world.say("c-2").data(),
            any.arrivedAt());
    world.process(first, second);
    assertThat(world.prevs("b1")).containsExactly(null, first.position());
  }
}
