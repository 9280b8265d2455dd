package dev.confab.fanout;

import static dev.confab.fanout.FanoutWorld.LOBBY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.consumer.Outcome;
import dev.confab.consumer.StreamRecord;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.EndReason;
import dev.confab.events.ErrorCode;
import dev.confab.events.Position;
import dev.confab.events.Role;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.table.Faults;
import dev.confab.table.Subscriptions.Subscription;
import dev.confab.table.TableCall;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Subscriptions as intervals: who receives what, across every order of events. */
class SubscribingTest {
  private final FanoutWorld world = new FanoutWorld();

  private Subscription inTable(String connection) {
    return world.table.subscriptions().of(LOBBY, world.time.instant()).stream()
        .filter(one -> one.connectionId().equals(new ConnectionId(connection)))
        .findFirst()
        .orElseThrow();
  }

  private List<String> frames(String connection) {
    return world.received(connection).stream().map(one -> one.getClass().getSimpleName()).toList();
  }

  // Subscribing.

  @Test
  void subscribed_isWrittenAndAnsweredWithJoined() throws Exception {
    world.member(LOBBY, "bob");
    world.pushes.connect(new ConnectionId("b1"));
    StreamRecord subscribed = world.record(world.subscribe(LOBBY, "bob", "b1"));
    world.process(subscribed);
    assertThat(world.received("b1"))
        .containsExactly(
            new ServerFrame.Joined("r-b1", LOBBY, subscribed.position(), null, world.inAnHour()));
    assertThat(inTable("b1"))
        .isEqualTo(
            new Subscription(
                new ConnectionId("b1"),
                new UserId("bob"),
                1,
                subscribed.position(),
                null,
                subscribed.position(),
                world.inAnHour()));
  }

  @Test
  void joined_namesTheNewestMessageBefore() throws Exception {
    StreamRecord message = world.say("c-1");
    world.process(message, world.say(new ChatId("other"), "c-2"));
    world.subscriber("bob", "b1");
    ServerFrame.Joined joined = (ServerFrame.Joined) world.received("b1").getFirst();
    assertThat(joined.prev()).isEqualTo(message.position());
  }

  @Test
  void onlyWhatComesAfterSince_isPushed() throws Exception {
    world.member(LOBBY, "bob");
    world.pushes.connect(new ConnectionId("b1"));
    world.process(
        world.say("before"), world.record(world.subscribe(LOBBY, "bob", "b1")), world.say("after"));
    assertThat(world.texts("b1")).containsExactly("text of after");
  }

  @Test
  void joined_isInOrderWithTheLiveFrames() throws Exception {
    world.subscriber("bob", "b1");
    world.process(
        world.say("c-1"),
        world.say("c-2"),
        world.record(world.subscribe(LOBBY, "bob", "b1")),
        world.say("c-3"));
    assertThat(frames("b1")).containsExactly("Joined", "Messages", "Joined", "Messages");
    assertThat(world.texts("b1")).containsExactly("text of c-1", "text of c-2", "text of c-3");
  }

  @Test
  void subscribingAgain_movesSince() throws Exception {
    world.subscriber("bob", "b1");
    StreamRecord message = world.say("c-1");
    StreamRecord again = world.record(world.subscribe(LOBBY, "bob", "b1"));
    world.process(message, again);
    assertThat(inTable("b1").since()).isEqualTo(again.position());
  }

  @Test
  void aStranger_isRefusedByTheFanout() throws Exception {
    world.pushes.connect(new ConnectionId("m1"));
    world.process(world.record(world.subscribe(LOBBY, "mallory", "m1")), world.say("c-1"));
    assertThat(world.received("m1")).hasSize(1);
    ServerFrame.Failed failed = (ServerFrame.Failed) world.received("m1").getFirst();
    assertThat(failed.code()).isEqualTo(ErrorCode.CHAT_NOT_FOUND);
    assertThat(failed.chatId()).isEqualTo(LOBBY);
    assertThat(failed.requestId()).isEqualTo("r-m1");
    assertThat(inTable("m1").until()).as("holds nothing").isEqualTo(inTable("m1").since());
  }

  @Test
  void aUserRemovedMeanwhile_isRefused() throws Exception {
    world.member(LOBBY, "bob");
    world.pushes.connect(new ConnectionId("b1"));
    StreamRecord subscribed = world.record(world.subscribe(LOBBY, "bob", "b1"));
    world.table.members().add(LOBBY, new UserId("olga"), Role.OWNER);
    world.table.members().remove(LOBBY, new UserId("bob"), new UserId("olga"));
    world.process(subscribed, world.say("c-1"));
    assertThat(world.received("b1")).singleElement().isInstanceOf(ServerFrame.Failed.class);
  }

  @Test
  void aMembershipOfAnotherGeneration_isRefused() throws Exception {
    world.member(LOBBY, "bob");
    world.pushes.connect(new ConnectionId("b1"));
    ChatEvent.Subscribed old = world.subscribe(LOBBY, "bob", "b1");
    world.table.members().leave(LOBBY, new UserId("bob"));
    world.member(LOBBY, "bob");
    world.process(world.record(old), world.say("c-1"));
    assertThat(world.received("b1")).singleElement().isInstanceOf(ServerFrame.Failed.class);
  }

  @Test
  void anOldSubscribed_thatComesAfterAnewOne_changesNothing() throws Exception {
    world.member(LOBBY, "bob");
    ChatEvent.Subscribed old = world.subscribe(LOBBY, "bob", "b1");
    world.table.members().leave(LOBBY, new UserId("bob"));
    world.subscriber("bob", "b1"); // of generation 2
    Subscription before = inTable("b1");
    world.process(world.record(old), world.say("c-1"));
    assertThat(inTable("b1")).isEqualTo(before);
    assertThat(frames("b1")).containsExactly("Joined", "Messages");
  }

  @Test
  void aMembership_isReadAnewForEachBatch() throws Exception {
    world.subscriber("bob", "b1");
    world.pushes.connect(new ConnectionId("b2"));
    StreamRecord second = world.record(world.subscribe(LOBBY, "bob", "b2"));
    world.table.members().leave(LOBBY, new UserId("bob")); // its event is still to come
    world.process(second, world.say("c-1"));
    assertThat(world.received("b2")).singleElement().isInstanceOf(ServerFrame.Failed.class);
  }

  /** One that was read for an earlier batch says nothing of now. */
  @Test
  void aMembershipThatCannotBeRead_isWaitedFor() throws Exception {
    world.subscriber("bob", "b1");
    world.pushes.connect(new ConnectionId("b2"));
    StreamRecord second = world.record(world.subscribe(LOBBY, "bob", "b2"));
    world.table.members().leave(LOBBY, new UserId("bob"));
    world.failTable(
        call -> call == TableCall.MEMBERS_READ ? Faults.Fault.NOT_DONE : Faults.Fault.NONE);
    assertThat(world.offer(List.of(second)).getFirst()).isInstanceOf(Outcome.Retry.class);
    world.failTable(Faults.NONE);
    world.process(second);
    assertThat(frames("b2")).containsExactly("Failed");
  }

  @Test
  void aConnectionThatSeemedGone_mayStillSubscribe() throws Exception {
    world.member(LOBBY, "bob");
    world.process(world.record(world.subscribe(LOBBY, "bob", "b1"))); // before it is established
    world.pushes.connect(new ConnectionId("b1"));
    world.process(world.record(world.subscribe(LOBBY, "bob", "b1")), world.say("c-1"));
    assertThat(frames("b1")).containsExactly("Joined", "Messages");
  }

  @Test
  void aSubscribedThatArrivedPastItsExpiry_touchesNothingByASlowClockEither() throws Exception {
    world.member(LOBBY, "bob");
    world.pushes.connect(new ConnectionId("b1"));
    StreamRecord late = world.record(world.subscribe(LOBBY, "bob", "b1"));
    world.tableCalls.clear();
    world.process(
        new StreamRecord(
            late.shardId(), late.position(), late.partitionKey(), late.data(), world.inAnHour()));
    assertThat(world.tableCalls).isEmpty();
    assertThat(world.pushes.posts()).isEmpty();
  }

  @Test
  void pastItsOwnExpiry_aSubscribedTouchesNothing() throws Exception {
    world.member(LOBBY, "bob");
    world.pushes.connect(new ConnectionId("b1"));
    StreamRecord subscribed = world.record(world.subscribe(LOBBY, "bob", "b1"));
    world.time.pass(FanoutWorld.TOKEN);
    world.tableCalls.clear();
    world.process(subscribed);
    assertThat(world.tableCalls).isEmpty();
    assertThat(world.pushes.posts()).isEmpty();
  }

  // The end of an interval.

  @Test
  void unsubscribed_endsTheIntervalAndKeepsItAsATombstone() throws Exception {
    world.subscriber("bob", "b1");
    StreamRecord message = world.say("c-1");
    StreamRecord unsubscribed = world.record(world.unsubscribe(LOBBY, "bob", "b1"));
    world.process(message, unsubscribed, world.say("c-2"));
    assertThat(world.texts("b1")).containsExactly("text of c-1");
    assertThat(inTable("b1").until()).isEqualTo(unsubscribed.position());
    assertThat(inTable("b1").lastChange()).isEqualTo(unsubscribed.position());
  }

  @Test
  void unsubscribed_endsThatConnectionAlone() throws Exception {
    world.subscriber("bob", "b1");
    world.subscriber("bob", "b2");
    world.process(world.record(world.unsubscribe(LOBBY, "bob", "b1")), world.say("c-1"));
    assertThat(world.texts("b1")).isEmpty();
    assertThat(world.texts("b2")).containsExactly("text of c-1");
  }

  @Test
  void memberRemoved_endsAllOfTheUsersConnectionsAndTellsThem() throws Exception {
    world.subscriber("bob", "b1");
    world.subscriber("bob", "b2");
    world.subscriber("eve", "e1");
    world.process(world.say("c-1"), world.record(world.removed(LOBBY, "bob", 1)), world.say("c-2"));
    for (String connection : List.of("b1", "b2")) {
      assertThat(world.texts(connection)).containsExactly("text of c-1");
      assertThat(world.received(connection).getLast())
          .isEqualTo(new ServerFrame.Unsubscribed(LOBBY, EndReason.REMOVED));
    }
    assertThat(world.texts("e1")).containsExactly("text of c-1", "text of c-2");
  }

  /** Moved on, the end would cover what was said after the removal. */
  @Test
  void anEnd_staysWhereItIs() throws Exception {
    world.subscriber("bob", "b1");
    StreamRecord removed = world.record(world.removed(LOBBY, "bob", 1));
    world.process(
        removed,
        world.say("c-1"),
        world.record(world.unsubscribe(LOBBY, "bob", "b1")),
        world.record(world.removed(LOBBY, "bob", 2)));
    assertThat(inTable("b1").until()).isEqualTo(removed.position());
  }

  @Test
  void anEndThatIsOlderThanTheInterval_leavesIt() throws Exception {
    StreamRecord removed = world.record(world.removed(LOBBY, "bob", 1));
    StreamRecord unsubscribed = world.record(world.unsubscribe(LOBBY, "bob", "b1"));
    world.subscriber("bob", "b1");
    world.takeOver(); // the checkpoint lies before all of it
    world.process(removed, unsubscribed);
    assertThat(inTable("b1").until()).isNull();
    world.process(world.say("c-1"));
    assertThat(world.texts("b1")).containsExactly("text of c-1");
  }

  @Test
  void memberRemoved_leavesANewerGeneration() throws Exception {
    world.member(LOBBY, "bob");
    world.table.members().leave(LOBBY, new UserId("bob"));
    world.subscriber("bob", "b1"); // of generation 2
    world.process(world.record(world.removed(LOBBY, "bob", 1)), world.say("c-1"));
    assertThat(world.texts("b1")).containsExactly("text of c-1");
  }

  @Test
  void memberRemoved_endsOlderGenerationsToo() throws Exception {
    world.subscriber("bob", "b1");
    world.process(world.record(world.removed(LOBBY, "bob", 3)), world.say("c-1"));
    assertThat(world.texts("b1")).isEmpty();
  }

  @Test
  void afterExpiry_noMessageIsPushed() throws Exception {
    world.subscriber("bob", "b1");
    world.time.pass(FanoutWorld.TOKEN.minusMillis(1));
    world.process(world.say("in-time"));
    world.time.pass(Duration.ofMillis(1));
    world.process(world.say("too-late"));
    assertThat(world.texts("b1")).containsExactly("text of in-time");
  }

  @Test
  void aRecordThatArrivedInTime_isNotPushedAfterExpiryEither() throws Exception {
    world.subscriber("bob", "b1");
    world.time.pass(FanoutWorld.TOKEN.minusMillis(1));
    StreamRecord inTime = world.say("in-time");
    world.time.pass(Duration.ofMillis(1));
    int posts = world.pushes.posts().size();
    world.process(inTime);
    assertThat(world.pushes.posts()).hasSize(posts);
  }

  @Test
  void aRecordThatArrivedAfterExpiry_isNotPushedByASlowClockEither() throws Exception {
    world.subscriber("bob", "b1");
    StreamRecord late = world.say("late");
    StreamRecord byKinesisClock =
        new StreamRecord(
            late.shardId(), late.position(), late.partitionKey(), late.data(), world.inAnHour());
    int posts = world.pushes.posts().size();
    world.process(byKinesisClock);
    assertThat(world.pushes.posts()).hasSize(posts);
  }

  // Again: a crash, a take-over, a zombie.

  @Test
  void afterATakeOver_theTableSaysWhoIsSubscribed() throws Exception {
    world.subscriber("bob", "b1");
    world.takeOver();
    world.process(world.say("c-1"));
    assertThat(world.texts("b1")).containsExactly("text of c-1");
  }

  @Test
  void anAppliedSubscribed_isAnsweredAgainWithWhatTheTableHolds() throws Exception {
    world.member(LOBBY, "bob");
    world.pushes.connect(new ConnectionId("b1"));
    StreamRecord subscribed = world.record(world.subscribe(LOBBY, "bob", "b1"));
    world.process(subscribed);
    world.takeOver();
    world.process(subscribed, world.say("c-1"));
    assertThat(frames("b1")).containsExactly("Joined", "Joined", "Messages");
  }

  @Test
  void eventsThatComeAgain_pushAgainWhatTheIntervalHeld() throws Exception {
    world.member(LOBBY, "bob");
    world.pushes.connect(new ConnectionId("b1"));
    StreamRecord[] batch = {
      world.record(world.subscribe(LOBBY, "bob", "b1")),
      world.say("held"),
      world.record(world.removed(LOBBY, "bob", 1)),
      world.say("not-held")
    };
    world.process(batch);
    world.table.members().leave(LOBBY, new UserId("bob"));
    List<ServerFrame> before = world.received("b1");
    world.takeOver(); // the checkpoint lies before the batch
    world.process(batch);
    List<ServerFrame> again =
        world.received("b1").subList(before.size(), world.received("b1").size());
    assertThat(again).isEqualTo(before);
    assertThat(world.texts("b1")).containsExactly("text of held", "text of held");
  }

  @Test
  void eventsThatComeAgainOneByOne_doSoToo() throws Exception {
    world.member(LOBBY, "bob");
    world.pushes.connect(new ConnectionId("b1"));
    StreamRecord[] events = {
      world.record(world.subscribe(LOBBY, "bob", "b1")),
      world.say("held"),
      world.record(world.unsubscribe(LOBBY, "bob", "b1"))
    };
    world.process(events);
    world.takeOver();
    for (StreamRecord event : events) {
      world.process(event);
    }
    assertThat(world.texts("b1")).containsExactly("text of held", "text of held");
  }

  /** The subscribed in between had a fault of ours and lies in the queue. */
  @Test
  void aSubscribedInsideAnIntervalThatEnded_isNotAnswered() throws Exception {
    world.member(LOBBY, "bob");
    world.pushes.connect(new ConnectionId("b1"));
    StreamRecord first = world.record(world.subscribe(LOBBY, "bob", "b1"));
    StreamRecord between = world.record(world.subscribe(LOBBY, "bob", "b1"));
    StreamRecord unsubscribed = world.record(world.unsubscribe(LOBBY, "bob", "b1"));
    world.process(first, unsubscribed);
    world.takeOver();
    world.process(between);
    assertThat(frames("b1")).containsExactly("Joined");
  }

  @Test
  void anOldSubscribed_doesNotBringBackAnEndedInterval() throws Exception {
    world.member(LOBBY, "bob");
    world.pushes.connect(new ConnectionId("b1"));
    StreamRecord subscribed = world.record(world.subscribe(LOBBY, "bob", "b1"));
    StreamRecord removed = world.record(world.removed(LOBBY, "bob", 1));
    world.process(subscribed, removed);
    world.takeOver();
    world.process(subscribed); // before the removal comes again
    world.process(world.say("c-1"));
    assertThat(world.texts("b1")).isEmpty();
    assertThat(inTable("b1").until()).isEqualTo(removed.position());
  }

  @Test
  void aSubscribedOlderThanTheTable_isAnsweredFromThere() throws Exception {
    world.member(LOBBY, "bob");
    world.pushes.connect(new ConnectionId("b1"));
    StreamRecord before = world.say("before");
    StreamRecord first = world.record(world.subscribe(LOBBY, "bob", "b1"));
    StreamRecord between = world.say("between");
    StreamRecord second = world.record(world.subscribe(LOBBY, "bob", "b1"));
    world.process(before, first, between, second);
    world.takeOver();
    world.process(before, first, between);
    ServerFrame.Joined joined = (ServerFrame.Joined) world.received("b1").getLast();
    assertThat(joined.position()).isEqualTo(second.position());
    assertThat(joined.prev()).as("what lies between is not known").isNull();
  }

  @Test
  void aZombiesWrite_isTakenIntoMemory() throws Exception {
    world.subscriber("bob", "b1");
    StreamRecord unsubscribed = world.record(world.unsubscribe(LOBBY, "bob", "b1"));
    StreamRecord again = world.record(world.subscribe(LOBBY, "bob", "b1"));
    Position since = again.position();
    world
        .table
        .subscriptions()
        .put(
            LOBBY,
            new Subscription(
                new ConnectionId("b1"),
                new UserId("bob"),
                1,
                since,
                null,
                since,
                world.inAnHour())); // the next owner is ahead of this one
    world.process(unsubscribed);
    assertThat(inTable("b1").since()).isEqualTo(since);
    world.process(world.say("c-1"));
    assertThat(world.texts("b1")).containsExactly("text of c-1");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aZombieThatAccepted_cannotLeaveARemovedUserBehind(boolean inOneBatch) throws Exception {
    world.member(LOBBY, "bob");
    world.pushes.connect(new ConnectionId("b1"));
    FanoutWorld.Owner zombie = world.owner();
    world.takeOver();
    world.process(world.say("c-1")); // the next owner reads the chat: nobody is subscribed
    StreamRecord subscribed = world.record(world.subscribe(LOBBY, "bob", "b1"));
    zombie.offer(List.of(subscribed)); // accepts: bob is a member
    world.table.members().leave(LOBBY, new UserId("bob"));
    StreamRecord removed = world.record(world.removed(LOBBY, "bob", 1));
    if (inOneBatch) {
      world.process(subscribed, removed);
    } else {
      world.process(subscribed); // bob is none any more, but the table says joined
      world.process(removed);
    }
    assertThat(frames("b1")).containsExactly("Joined", "Joined", "Unsubscribed");
    world.takeOver();
    world.process(world.say("c-2"));
    assertThat(world.texts("b1")).isEmpty();
  }

  @Test
  void aRefusal_isRefusedAgainAfterATakeOver() throws Exception {
    world.pushes.connect(new ConnectionId("m1"));
    StreamRecord subscribed = world.record(world.subscribe(LOBBY, "mallory", "m1"));
    world.process(subscribed);
    world.takeOver();
    world.process(subscribed, world.say("c-1"));
    assertThat(frames("m1")).containsExactly("Failed", "Failed");
  }

  @Test
  void whatAnotherOwnerRefusedFirst_isToldThoughThisOneAccepted() throws Exception {
    world.subscriber("bob", "b1");
    FanoutWorld.Owner zombie = world.owner(); // which has room
    cap(1);
    world.member(LOBBY, "kim");
    world.pushes.connect(new ConnectionId("k1"));
    StreamRecord subscribed = world.record(world.subscribe(LOBBY, "kim", "k1"));
    world.process(subscribed);
    zombie.offer(List.of(subscribed));
    assertThat(frames("k1")).containsExactly("Failed", "Joined", "Failed");
    ServerFrame.Failed told = (ServerFrame.Failed) world.received("k1").getLast();
    assertThat(told.code()).isEqualTo(ErrorCode.CHAT_FULL);
    zombie.offer(List.of(world.say("c-1")));
    assertThat(world.texts("k1")).isEmpty();
  }

  // The cap.

  private void cap(int most) {
    world.takeOver(new FanoutStage.Settings(10_000, most, 100_000));
  }

  @Test
  void aFullChat_refusesOneMoreAfterItProbedTheOldest() throws Exception {
    cap(2);
    world.subscriber("bob", "b1");
    world.subscriber("eve", "e1");
    world.subscriber("kim", "k1");
    ServerFrame.Failed failed = (ServerFrame.Failed) world.received("k1").getFirst();
    assertThat(failed.code()).isEqualTo(ErrorCode.CHAT_FULL);
    assertThat(failed.chatId()).isEqualTo(LOBBY);
    assertThat(world.pushes.probes().getFirst()).isEqualTo(new ConnectionId("b1"));
    world.process(world.say("c-1"));
    assertThat(world.texts("b1")).containsExactly("text of c-1");
    assertThat(world.texts("k1")).isEmpty();
  }

  @Test
  void aFullChat_givesAGoneConnectionsPlaceAway() throws Exception {
    cap(2);
    world.subscriber("bob", "b1");
    world.subscriber("eve", "e1");
    world.pushes.disconnect(new ConnectionId("b1"));
    world.subscriber("kim", "k1");
    assertThat(world.received("k1").getFirst()).isInstanceOf(ServerFrame.Joined.class);
    assertThat(inTable("b1").until()).isNotNull();
  }

  @Test
  void theCap_countsNeitherEndedNorExpired() throws Exception {
    cap(2);
    world.subscriber("bob", "b1");
    world.time.pass(FanoutWorld.TOKEN);
    world.subscriber("eve", "e1");
    world.subscriber("eve", "e2");
    world.process(world.record(world.unsubscribe(LOBBY, "eve", "e1")));
    world.subscriber("kim", "k1");
    assertThat(world.received("k1").getFirst()).isInstanceOf(ServerFrame.Joined.class);
    assertThat(world.pushes.probes()).isEmpty();
  }

  @Test
  void theCap_countsNoneThatEndedInTheSameBatch() throws Exception {
    cap(1);
    world.subscriber("bob", "b1");
    world.member(LOBBY, "kim");
    world.pushes.connect(new ConnectionId("k1"));
    world.process(
        world.record(world.unsubscribe(LOBBY, "bob", "b1")),
        world.record(world.subscribe(LOBBY, "kim", "k1")));
    assertThat(frames("k1")).containsExactly("Joined");
    assertThat(world.pushes.probes()).isEmpty();
  }

  @Test
  void theCap_countsNoneThatHasJustExpired() throws Exception {
    cap(1);
    world.subscriber("bob", "b1");
    world.time.pass(FanoutWorld.TOKEN);
    world.subscriber("kim", "k1");
    assertThat(frames("k1")).containsExactly("Joined");
    assertThat(world.pushes.probes()).isEmpty();
  }

  @Test
  void theCap_countsNoneThatIsKnownToBeGone() throws Exception {
    ChatId other = new ChatId("other");
    cap(1);
    world.subscriber(LOBBY, "bob", "b1");
    world.subscriber(other, "bob", "b1");
    world.pushes.disconnect(new ConnectionId("b1"));
    world.process(world.say(other, "d-1"));
    world.subscriber("kim", "k1");
    assertThat(frames("k1")).containsExactly("Joined");
    assertThat(world.pushes.probes()).isEmpty();
  }

  @Test
  void aFullChat_probesAFewAtTheRate() throws Exception {
    world.takeOver(new FanoutStage.Settings(2, 5, 100_000)); // one at once
    for (int i = 0; i < 5; i++) {
      world.subscriber("u" + i, "c" + i);
    }
    Instant before = world.time.instant();
    world.subscriber("kim", "k1");
    assertThat(world.pushes.probes())
        .containsExactly(new ConnectionId("c0"), new ConnectionId("c1"), new ConnectionId("c2"));
    assertThat(Duration.between(before, world.time.instant())) // and a push
        .isBetween(Duration.ofMillis(1_999), Duration.ofMillis(2_001));
  }

  @Test
  void aProbeWithoutAnAnswer_givesNoPlaceAway() throws Exception {
    cap(1);
    world.subscriber("bob", "b1");
    world.pushes.fail(
        connection ->
            connection.value().equals("b1")
                ? InMemoryPushes.Fault.ERROR
                : InMemoryPushes.Fault.NONE);
    world.subscriber("kim", "k1");
    assertThat(frames("k1")).containsExactly("Failed");
  }

  @Test
  void aProbeWithoutAnAnswer_isTheLast() throws Exception {
    full(3);
    world.pushes.fail(
        connection ->
            connection.value().startsWith("c")
                ? InMemoryPushes.Fault.NEVER
                : InMemoryPushes.Fault.NONE);
    world.process(asks(1).getFirst());
    assertThat(world.pushes.probes()).containsExactly(new ConnectionId("c0"));
    assertThat(frames("e0")).containsExactly("Failed");
  }

  /** When a network comes back: the shard's other chats wait meanwhile. */
  @Test
  void aFullChat_isProbedOnceForAllWhoAsk() throws Exception {
    full(5);
    assertThat(world.offer(asks(500))).allMatch(outcome -> outcome instanceof Outcome.Done);
    assertThat(world.offer(asks(500))).allMatch(outcome -> outcome instanceof Outcome.Done);
    assertThat(world.pushes.probes())
        .containsExactly(new ConnectionId("c0"), new ConnectionId("c1"), new ConnectionId("c2"));
    world.time.pass(Subscribing.PROBE_AGAIN);
    world.pushes.disconnect(new ConnectionId("c2"));
    world.offer(asks(1));
    assertThat(world.pushes.probes()).as("and again after a while").hasSize(6);
    assertThat(inTable("c2").until()).isNotNull();
  }

  @Test
  void whoIsThere_isNotProbedForTheNextOneWhileOthersAreGone() throws Exception {
    full(4);
    world.pushes.disconnect(new ConnectionId("c1"));
    world.pushes.disconnect(new ConnectionId("c2"));
    List<StreamRecord> asks = asks(3);
    world.offer(asks);
    assertThat(world.pushes.probes())
        .extracting(ConnectionId::value)
        .containsExactly("c0", "c1", "c2", "c3", "e0");
    assertThat(frames("e0")).containsExactly("Joined");
    assertThat(frames("e1")).containsExactly("Joined");
    assertThat(frames("e2")).containsExactly("Failed");
  }

  @Test
  void aPlaceThatBecomesFree_isGivenAwayThoughAllWereThereAMomentAgo() throws Exception {
    full(3);
    world.offer(asks(1));
    world.process(world.record(world.unsubscribe(LOBBY, "u2", "c2")));
    world.offer(asks(1));
    assertThat(frames("e0")).containsExactly("Joined");
  }

  @Test
  void aLeaseLostMeanwhile_endsTheProbes() throws Exception {
    full(5);
    world.tableCalls.clear();
    world.pushes.whileInFlight(world.lease::lose);
    assertThat(world.offer(asks(500))).allMatch(outcome -> outcome instanceof Outcome.Retry);
    assertThat(world.pushes.probes()).containsExactly(new ConnectionId("c0"));
    assertThat(world.tableCalls).doesNotContain(TableCall.SUBSCRIPTIONS_PUT);
  }

  private void full(int most) throws Exception {
    cap(most);
    for (int i = 0; i < most; i++) {
      world.subscriber("u" + i, "c" + i);
    }
    world.member(LOBBY, "eve");
  }

  private List<StreamRecord> asks(int connections) {
    List<StreamRecord> asks = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      world.pushes.connect(new ConnectionId("e" + i));
      asks.add(world.record(world.subscribe(LOBBY, "eve", "e" + i)));
    }
    return asks;
  }

  @Test
  void inAFullChat_oneThatIsInMaySubscribeAgain() throws Exception {
    cap(2);
    world.subscriber("bob", "b1");
    world.subscriber("eve", "e1");
    world.process(world.record(world.subscribe(LOBBY, "bob", "b1")));
    assertThat(world.received("b1"))
        .hasSize(2)
        .allMatch(frame -> frame instanceof ServerFrame.Joined);
  }

  // Table faults.

  @Test
  void steadyState_noMessageReadsTheTable() throws Exception {
    world.subscriber("bob", "b1");
    world.tableCalls.clear();
    for (int i = 0; i < 100; i++) {
      world.process(world.say("c-" + i), world.say("d-" + i));
    }
    assertThat(world.texts("b1")).hasSize(200);
    assertThat(world.tableCalls).isEmpty();
  }

  @Test
  void aChatFirstSeen_costsOneQuery() throws Exception {
    world.process(world.say("c-1"), world.say("c-2"));
    world.process(world.say("c-3"));
    assertThat(world.tableCalls).containsExactly(TableCall.SUBSCRIPTIONS_READ);
  }

  @Test
  void aTableFault_holdsBackTheRestOfThatChatAlone() throws Exception {
    ChatId other = new ChatId("other");
    world.subscriber(LOBBY, "bob", "b1");
    world.subscriber(other, "eve", "e1");
    world.member(LOBBY, "kim");
    world.pushes.connect(new ConnectionId("k1"));
    List<StreamRecord> batch =
        List.of(
            world.say("c-1"),
            world.record(world.subscribe(LOBBY, "kim", "k1")),
            world.say("c-2"),
            world.say(other, "d-1"));
    world.failTable(_ -> Faults.Fault.NOT_DONE);
    List<Outcome> outcomes = world.offer(batch);
    assertThat(outcomes)
        .extracting(outcome -> outcome.getClass().getSimpleName())
        .containsExactly("Done", "Retry", "Retry", "Done");
    assertThat(world.texts("b1")).containsExactly("text of c-1");
    assertThat(world.texts("e1")).containsExactly("text of d-1");
    world.failTable(Faults.NONE);
    world.process(batch.get(1), batch.get(2));
    assertThat(world.texts("b1")).containsExactly("text of c-1", "text of c-2");
    assertThat(world.texts("k1")).containsExactly("text of c-2");
  }

  @Test
  void nothingFollowsFromAChange_beforeItIsInTheTable() throws Exception {
    ChatId other = new ChatId("other");
    world.subscriber("bob", "b1");
    world.subscriber(other, "eve", "e1");
    world.member(LOBBY, "kim");
    world.pushes.connect(new ConnectionId("k1"));
    List<StreamRecord> batch =
        List.of(
            world.record(world.subscribe(LOBBY, "kim", "k1")),
            world.say("c-1"),
            world.say(other, "d-1"));
    world.failTable(
        call -> call == TableCall.SUBSCRIPTIONS_PUT ? Faults.Fault.NOT_DONE : Faults.Fault.NONE);
    assertThat(world.offer(batch))
        .extracting(outcome -> outcome.getClass().getSimpleName())
        .containsExactly("Retry", "Retry", "Done");
    assertThat(world.received("k1")).as("the next owner would not know it").isEmpty();
    assertThat(world.texts("b1")).isEmpty();
    assertThat(world.texts("e1")).containsExactly("text of d-1");
    world.failTable(Faults.NONE);
    world.process(batch.get(0), batch.get(1));
    assertThat(frames("k1")).containsExactly("Joined", "Messages");
    assertThat(world.texts("b1")).containsExactly("text of c-1");
  }

  @Test
  void whenTheTableIsDown_oneFaultABatchIsEnough() throws Exception {
    List<StreamRecord> batch = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      batch.add(world.say(new ChatId("chat-" + i), "c-1"));
    }
    world.failTable(_ -> Faults.Fault.NOT_DONE);
    assertThat(world.offer(batch)).allMatch(outcome -> outcome instanceof Outcome.Retry);
    assertThat(world.tableCalls).hasSize(1);
  }

  @Test
  void whatABatchNeeds_isReadBeforeAnythingIsWritten() throws Exception {
    ChatId other = new ChatId("other");
    world.process(
        world.record(world.subscribe(LOBBY, "mallory", "m1", 1)),
        world.record(world.subscribe(other, "mallory", "m1", 1)));
    assertThat(world.tableCalls.subList(0, 4))
        .containsExactlyInAnyOrder(
            TableCall.SUBSCRIPTIONS_READ,
            TableCall.SUBSCRIPTIONS_READ,
            TableCall.MEMBERS_READ,
            TableCall.MEMBERS_READ);
  }

  @Test
  void whenWritesFail_oneFaultABatchIsEnough() throws Exception {
    List<StreamRecord> batch = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      world.member(LOBBY, "u" + i);
      batch.add(world.record(world.subscribe(LOBBY, "u" + i, "c" + i, 1)));
    }
    world.failTable(
        call -> call == TableCall.SUBSCRIPTIONS_PUT ? Faults.Fault.NOT_DONE : Faults.Fault.NONE);
    world.tableCalls.clear();
    assertThat(world.offer(batch)).allMatch(outcome -> outcome instanceof Outcome.Retry);
    assertThat(world.tableCalls).containsOnlyOnce(TableCall.SUBSCRIPTIONS_PUT);
  }

  /** Each in a chat of its own: the rest of its chat is held back anyway. */
  private List<StreamRecord> strangersEverywhere() {
    List<StreamRecord> batch = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      batch.add(world.record(world.subscribe(new ChatId("chat-" + i), "mallory", "m1", 1)));
    }
    return batch;
  }

  @Test
  void whenRefusalsCannotBeWritten_oneFaultABatchIsEnough() throws Exception {
    List<StreamRecord> batch = strangersEverywhere();
    world.failTable(
        call -> call == TableCall.SUBSCRIPTIONS_PUT ? Faults.Fault.NOT_DONE : Faults.Fault.NONE);
    assertThat(world.offer(batch)).allMatch(outcome -> outcome instanceof Outcome.Retry);
    assertThat(world.tableCalls).containsOnlyOnce(TableCall.SUBSCRIPTIONS_PUT);
    world.failTable(Faults.NONE);
    assertThat(world.offer(batch)).allMatch(outcome -> outcome instanceof Outcome.Done);
  }

  @Test
  void aLeaseLostMeanwhile_endsTheWritesOfRefusals() throws Exception {
    List<StreamRecord> batch = strangersEverywhere();
    world.failTable(
        call -> {
          if (call == TableCall.SUBSCRIPTIONS_PUT) {
            world.lease.lose();
          }
          return Faults.Fault.NONE;
        });
    assertThat(world.offer(batch)).allMatch(outcome -> outcome instanceof Outcome.Retry);
    assertThat(world.tableCalls).containsOnlyOnce(TableCall.SUBSCRIPTIONS_PUT);
  }

  @Test
  void aLeaseLostMeanwhile_endsReadsAndWrites() throws Exception {
    world.member(LOBBY, "bob");
    List<StreamRecord> batch =
        List.of(world.record(world.subscribe(LOBBY, "bob", "b1")), world.say("c-1"));
    world.tableCalls.clear();
    world.failTable(
        call -> {
          if (call == TableCall.MEMBERS_READ) {
            world.lease.lose();
          }
          return Faults.Fault.NONE;
        });
    assertThat(world.offer(batch)).allMatch(outcome -> outcome instanceof Outcome.Retry);
    assertThat(world.tableCalls)
        .containsExactly(TableCall.SUBSCRIPTIONS_READ, TableCall.MEMBERS_READ);
    world.offer(List.of(world.say(new ChatId("other"), "d-1")));
    assertThat(world.tableCalls).hasSize(2);
    assertThat(world.pushes.posts()).isEmpty();
  }

  @Test
  void aChangeThatTheTableWillNeverTake_blocksNobody() throws Exception {
    world.member(LOBBY, "bob");
    world.pushes.connect(new ConnectionId("b1"));
    StreamRecord subscribed = world.record(world.subscribe(LOBBY, "bob", "b1"));
    world.failTable(
        call -> {
          if (call == TableCall.SUBSCRIPTIONS_PUT) {
            throw new IllegalStateException("a fault of ours");
          }
          return Faults.Fault.NONE;
        });
    assertThat(world.offer(List.of(subscribed))).containsExactly(Outcome.done());
    assertThat(frames("b1")).containsExactly("Joined");
  }

  @Test
  void aChangeThatARefusalReplaces_isNotWritten() throws Exception {
    world.member(LOBBY, "bob");
    StreamRecord accepted = world.record(world.subscribe(LOBBY, "bob", "b1"));
    StreamRecord refused = world.record(world.subscribe(LOBBY, "bob", "b1", 7));
    world.tableCalls.clear();
    world.process(accepted, refused);
    assertThat(world.tableCalls).containsOnlyOnce(TableCall.SUBSCRIPTIONS_PUT);
    assertThat(inTable("b1").until()).isEqualTo(refused.position());
  }

  @Test
  void severalChangesOfOneConnection_areOneWrite() throws Exception {
    world.member(LOBBY, "bob");
    world.pushes.connect(new ConnectionId("b1"));
    StreamRecord subscribed = world.record(world.subscribe(LOBBY, "bob", "b1"));
    StreamRecord unsubscribed = world.record(world.unsubscribe(LOBBY, "bob", "b1"));
    world.tableCalls.clear();
    world.process(subscribed, unsubscribed);
    assertThat(world.tableCalls).containsOnlyOnce(TableCall.SUBSCRIPTIONS_PUT);
    assertThat(inTable("b1").since()).isEqualTo(subscribed.position());
    assertThat(inTable("b1").until()).isEqualTo(unsubscribed.position());
  }

  @Test
  void aFaultOfOurs_becomesALetterOfThatRecordAlone() throws Exception {
    world.subscriber("bob", "b1");
    StreamRecord poison =
        world.record(
            new ChatEvent.PushReplay(
                LOBBY, List.of(world.say("c-0").position()), List.of(new ConnectionId("b1")), 1));
    StreamRecord message = world.say("c-1");
    world.failTable(
        _ -> {
          throw new IllegalStateException("a fault of ours");
        });
    List<Outcome> outcomes = world.offer(List.of(poison, message));
    assertThat(outcomes.getFirst())
        .isEqualTo(
            new Outcome.Unprocessable(
                OwnLetters.FAULT, "java.lang.IllegalStateException, see the log of the fan-out"));
    assertThat(outcomes.getLast()).isEqualTo(Outcome.done());
    assertThat(world.texts("b1")).containsExactly("text of c-1");
  }

  @Test
  void anErrorInTheMiddle_losesNoPush() throws Exception {
    world.subscriber("bob", "b1");
    StreamRecord message = world.say("c-1");
    StreamRecord deep =
        world.record(
            new ChatEvent.PushReplay(
                LOBBY, List.of(message.position()), List.of(new ConnectionId("b1")), 1));
    world.failTable(
        _ -> {
          throw new StackOverflowError();
        });
    assertThatThrownBy(() -> world.offer(List.of(message, deep)))
        .isInstanceOf(StackOverflowError.class);
    assertThat(world.texts("b1")).isEmpty();
    world.process(message); // the host offers them one by one then
    assertThat(world.texts("b1")).containsExactly("text of c-1");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void anyTableCallOfAnyEvent_mayFailInEitherWay(long seed) throws Exception {
    world.subscriber("bob", "b1");
    world.subscriber("bob", "b2");
    world.takeOver();
    world.member(LOBBY, "kim");
    world.pushes.connect(new ConnectionId("k1"));
    Random random = new Random(seed);
    Faults.Fault[] faults = Faults.Fault.values();
    world.failTable(_ -> faults[random.nextInt(faults.length)]);
    world.process(
        world.say("c-1"),
        world.record(world.subscribe(LOBBY, "kim", "k1", 1)),
        world.record(world.unsubscribe(LOBBY, "bob", "b2")),
        world.record(world.removed(LOBBY, "bob", 1)),
        world.say("c-2"));
    assertThat(frames("b1")).containsExactly("Joined", "Messages", "Unsubscribed");
    assertThat(frames("b2")).containsExactly("Joined", "Messages");
    assertThat(frames("k1")).containsExactly("Joined", "Messages");
    assertThat(world.texts("b1")).containsExactly("text of c-1");
    assertThat(world.texts("b2")).containsExactly("text of c-1");
    assertThat(world.texts("k1")).containsExactly("text of c-2");
  }
}
