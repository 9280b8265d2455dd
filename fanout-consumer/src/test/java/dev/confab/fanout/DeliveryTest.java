package dev.confab.fanout;

import static dev.confab.fanout.FanoutWorld.LOBBY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.consumer.Outcome;
import dev.confab.consumer.StreamRecord;
import dev.confab.events.ChatEvent.PushReplay;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.DeadLetter.PushLetter;
import dev.confab.fanout.InMemoryPushes.Fault;
import dev.confab.table.Faults;
import dev.confab.table.TableCall;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of frames that don't get through. */
class DeliveryTest {
  private static final ConnectionId BAD = new ConnectionId("bad");
  private final FanoutWorld world = new FanoutWorld();

  @BeforeEach
  void twoListen() throws Exception {
    world.subscriber("bob", "good");
    world.subscriber("eve", "bad");
  }

  private int postsTo(ConnectionId connection) {
    return (int) world.pushes.posts().stream().filter(connection::equals).count();
  }

  private void failBad(Fault fault) {
    world.pushes.fail(connection -> connection.equals(BAD) ? fault : Fault.NONE);
  }

  // Gone.

  @Test
  void gone_endsThatConnectionsSubscription() throws Exception {
    world.pushes.disconnect(BAD);
    StreamRecord message = world.say("c-1");
    world.process(message, world.say("c-2"));
    int posts = postsTo(BAD);
    world.process(world.say("c-3"));
    assertThat(postsTo(BAD)).isEqualTo(posts);
    assertThat(world.texts("good")).hasSize(3);
    assertThat(world.letters()).isEmpty();
  }

  @Test
  void gone_isWrittenAtTheChatsNewestPosition() throws Exception {
    world.pushes.disconnect(BAD);
    StreamRecord last = world.say("c-1");
    world.process(last);
    assertThat(world.table.subscriptions().of(LOBBY, world.time.instant()))
        .anySatisfy(
            one -> {
              assertThat(one.connectionId()).isEqualTo(BAD);
              assertThat(one.until()).isEqualTo(last.position());
              assertThat(one.lastChange()).isEqualTo(last.position());
            })
        .anySatisfy(one -> assertThat(one.until()).isNull());
  }

  @Test
  void goneInOneChat_isGoneInAll() throws Exception {
    ChatId other = new ChatId("other");
    world.subscriber(other, "eve", "bad");
    world.pushes.disconnect(BAD);
    world.process(world.say("c-1"));
    int posts = postsTo(BAD);
    world.tableCalls.clear();
    world.process(world.say(other, "d-1"));
    assertThat(postsTo(BAD)).isEqualTo(posts);
    assertThat(world.tableCalls).as("in memory alone").isEmpty();
  }

  @Test
  void goneWhileTheTableIsDown_holdsUpNothing() throws Exception {
    world.pushes.disconnect(BAD);
    world.failTable(_ -> Faults.Fault.NOT_DONE);
    assertThat(world.offer(List.of(world.say("c-1")))).containsExactly(Outcome.done());
    int posts = postsTo(BAD);
    assertThat(world.offer(List.of(world.say("c-2")))).containsExactly(Outcome.done());
    assertThat(postsTo(BAD)).isEqualTo(posts);
  }

  @Test
  void goneBeforeItsJoined_endsInMemoryToo() throws Exception {
    world.member(LOBBY, "kim");
    StreamRecord subscribed = world.record(world.subscribe(LOBBY, "kim", "k1"));
    world.tableCalls.clear();
    world.process(subscribed); // 410
    assertThat(world.tableCalls)
        .as("an interval can't end where it begins")
        .containsOnlyOnce(TableCall.SUBSCRIPTIONS_PUT);
    world.process(world.say("c-1"));
    assertThat(postsTo(new ConnectionId("k1"))).isEqualTo(1);
  }

  /** Moved on, the end would cover what was said after the removal. */
  @Test
  void goneAfterItsInterval_leavesTheEndWhereItIs() throws Exception {
    world.pushes.disconnect(BAD);
    StreamRecord removed = world.record(world.removed(LOBBY, "eve", 1));
    world.process(removed, world.say("c-1"));
    assertThat(world.table.subscriptions().of(LOBBY, world.time.instant()))
        .filteredOn(one -> one.connectionId().equals(BAD))
        .singleElement()
        .satisfies(one -> assertThat(one.until()).isEqualTo(removed.position()));
  }

  @Test
  void goneAfterAFrameThatWasTooLarge_leavesNoLetter() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    world.pushes.fail(
        connection -> {
          if (connection.equals(BAD) && tries.incrementAndGet() == 1) {
            world.pushes.disconnect(BAD);
            return Fault.TOO_LARGE;
          }
          return Fault.NONE;
        });
    world.process(world.record(world.message("c-1", "\n".repeat(16_000))), world.say("c-2"));
    assertThat(world.letters()).isEmpty();
  }

  // One bad connection.

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"SLOW", "ERROR", "RESET", "NEVER"})
  void aBadConnection_isTriedAgainThenParked(Fault fault) throws Exception {
    failBad(fault);
    int posts = postsTo(BAD);
    StreamRecord one = world.say("c-1");
    StreamRecord two = world.say("c-2");
    assertThat(world.offer(List.of(one, two))).containsExactly(Outcome.done(), Outcome.done());
    assertThat(postsTo(BAD)).isEqualTo(posts + PushRounds.MAX_TRIES);
    PushLetter letter = world.letters().getFirst();
    assertThat(world.letters()).hasSize(1);
    assertThat(letter.chatId()).isEqualTo(LOBBY);
    assertThat(letter.shardId()).isEqualTo("shardId-0");
    assertThat(letter.positions()).containsExactly(one.position(), two.position());
    assertThat(letter.connectionIds()).containsExactly(BAD);
    assertThat(letter.replayCount()).isZero();
    assertThat(letter.failure().errorClass()).isEqualTo(fault == Fault.SLOW ? "Slow" : "Failed");
    assertThat(letter.failure().attempts()).isEqualTo(PushRounds.MAX_TRIES);
    assertThat(world.texts("good")).hasSize(2);
  }

  @Test
  void betweenTries_timePasses() throws Exception {
    Set<Instant> tries = new LinkedHashSet<>();
    world.pushes.fail(
        connection -> {
          if (connection.equals(BAD)) {
            tries.add(world.time.instant());
            return Fault.SLOW;
          }
          return Fault.NONE;
        });
    world.process(world.say("c-1"));
    assertThat(tries).hasSize(PushRounds.MAX_TRIES);
  }

  /** Whoever misses one asks again, or sees a gap: no replay could bring it in time. */
  @Test
  void aFrameWithoutMessages_getsNoLetter() throws Exception {
    ChatId other = new ChatId("other");
    world.subscriber(other, "bob", "good"); // which shows that the endpoint is up
    failBad(Fault.ERROR);
    StreamRecord again = world.record(world.subscribe(LOBBY, "eve", "bad"));
    assertThat(world.offer(List.of(again, world.say(other, "d-1"))))
        .containsExactly(Outcome.done(), Outcome.done());
    assertThat(world.letters()).isEmpty();
  }

  @Test
  void aFailureThatPasses_isRetriedInOrder() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    world.pushes.fail(_ -> tries.incrementAndGet() < 4 ? Fault.SLOW : Fault.NONE);
    world.process(world.say("c-1"), world.say("c-2"));
    assertThat(world.texts("good")).containsExactly("text of c-1", "text of c-2");
    assertThat(world.texts("bad")).containsExactly("text of c-1", "text of c-2");
    assertThat(world.letters()).isEmpty();
  }

  @Test
  void whoSpentItsBudget_getsOneTryABatchUntilItSucceeds() throws Exception {
    failBad(Fault.ERROR);
    world.process(world.say("c-1"));
    int posts = postsTo(BAD);
    world.process(world.say("c-2"));
    assertThat(postsTo(BAD)).isEqualTo(posts + 1);
    failBad(Fault.NONE);
    world.process(world.say("c-3"));
    assertThat(world.texts("bad")).containsExactly("text of c-3");
    failBad(Fault.ERROR);
    posts = postsTo(BAD);
    world.process(world.say("c-4"));
    assertThat(postsTo(BAD)).isEqualTo(posts + PushRounds.MAX_TRIES);
  }

  @Test
  void aHangingConnection_delaysTheRestByOneShortBudget() throws Exception {
    Duration timeOut = Duration.ofSeconds(2);
    world.pushes.fail(
        connection -> {
          if (!connection.equals(BAD)) {
            return Fault.NONE;
          }
          world.time.pass(timeOut);
          return Fault.NEVER;
        });
    Instant before = world.time.instant();
    world.process(world.say("c-1"));
    assertThat(Duration.between(before, world.time.instant()))
        .isLessThan(PushRounds.BUDGET.plus(timeOut.multipliedBy(2)));
    assertThat(world.letters()).hasSize(1);
  }

  @Test
  void afterAFailedFrame_theConnectionsNextOnesWait() throws Exception {
    ChatId other = new ChatId("other");
    world.subscriber(other, "eve", "bad");
    AtomicInteger tries = new AtomicInteger();
    world.pushes.fail(
        connection ->
            connection.equals(BAD) && tries.incrementAndGet() == 1 ? Fault.SLOW : Fault.NONE);
    world.process(world.say("c-1"), world.say(other, "d-1"));
    assertThat(world.texts("bad")).containsExactly("text of d-1", "text of c-1"); // small one first
    assertThat(world.letters()).isEmpty();
  }

  @Test
  void aFrameThatIsTooLarge_isParkedAndTheNextGoesOn() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    world.pushes.fail(
        connection ->
            connection.equals(BAD) && tries.incrementAndGet() == 1 ? Fault.TOO_LARGE : Fault.NONE);
    StreamRecord one = world.record(world.message("c-1", "\n".repeat(16_000)));
    world.process(one, world.say("c-2"));
    assertThat(world.texts("bad")).containsExactly("text of c-2");
    assertThat(world.letters())
        .singleElement()
        .satisfies(letter -> assertThat(letter.positions()).containsExactly(one.position()));
  }

  @Test
  void oneLetterAChat_namesAllThatMissedSomething() throws Exception {
    ChatId other = new ChatId("other");
    world.subscriber(other, "eve", "bad");
    world.subscriber("kim", "worse");
    world.pushes.fail(connection -> connection.value().equals("good") ? Fault.NONE : Fault.ERROR);
    StreamRecord one = world.say("c-1");
    StreamRecord two = world.say(other, "d-1");
    world.process(one, two);
    assertThat(world.letters()).hasSize(2);
    assertThat(world.letters())
        .anySatisfy(
            letter -> {
              assertThat(letter.positions()).containsExactly(one.position());
              assertThat(letter.connectionIds())
                  .containsExactlyInAnyOrder(BAD, new ConnectionId("worse"));
            })
        .anySatisfy(
            letter -> {
              assertThat(letter.chatId()).isEqualTo(other);
              assertThat(letter.positions()).containsExactly(two.position());
              assertThat(letter.connectionIds()).containsExactly(BAD);
            });
  }

  @Test
  void aLetter_isSplitAtItsLimits() throws Exception {
    failBad(Fault.ERROR);
    List<StreamRecord> batch = new ArrayList<>();
    for (int i = 0; i <= PushReplay.MAX_POSITIONS; i++) {
      batch.add(world.say("c-" + i));
    }
    world.process(batch.toArray(StreamRecord[]::new));
    assertThat(world.letters())
        .extracting(letter -> letter.positions().size())
        .containsExactly(PushReplay.MAX_POSITIONS, 1);
  }

  // The queue is down.

  @Test
  void aLetterThatTheQueueRefuses_holdsBackItsChatAlone() throws Exception {
    ChatId other = new ChatId("other");
    failBad(Fault.ERROR);
    world.deadLetters.goDown();
    List<StreamRecord> batch = List.of(world.say("c-1"), world.say(other, "d-1"));
    assertThat(world.offer(batch))
        .extracting(outcome -> outcome.getClass().getSimpleName())
        .containsExactly("Retry", "Done");
    int posts = world.pushes.posts().size();
    assertThat(world.offer(batch.subList(0, 1)).getFirst()).isInstanceOf(Outcome.Retry.class);
    assertThat(world.pushes.posts()).as("nothing is pushed again").hasSize(posts);
    world.deadLetters.comeUp();
    assertThat(world.offer(batch.subList(0, 1))).containsExactly(Outcome.done());
    assertThat(world.letters()).hasSize(1);
    assertThat(world.texts("good")).hasSize(1);
  }

  @Test
  void lettersThatTheQueueTook_areNotSentAgain() throws Exception {
    ChatId other = new ChatId("other");
    world.subscriber(other, "eve", "bad");
    failBad(Fault.ERROR);
    world.deadLetters.refuse(letter -> ((PushLetter) letter).chatId().equals(LOBBY));
    List<StreamRecord> batch = List.of(world.say("c-1"), world.say(other, "d-1"));
    assertThat(world.offer(batch))
        .extracting(outcome -> outcome.getClass().getSimpleName())
        .containsExactly("Retry", "Done");
    world.deadLetters.comeUp();
    assertThat(world.offer(batch.subList(0, 1))).containsExactly(Outcome.done());
    assertThat(world.letters()).extracting(PushLetter::chatId).containsExactly(other, LOBBY);
  }

  // The endpoint is down.

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"SLOW", "ERROR", "NEVER"})
  void anEndpointThatIsDown_isWaitedForAndNothingIsParked(Fault fault) throws Exception {
    world.pushes.fail(_ -> fault);
    List<StreamRecord> batch = List.of(world.say("c-1"), world.say("c-2"));
    for (int second = 0; second < 30; second++) {
      assertThat(world.offer(batch)).allMatch(outcome -> outcome instanceof Outcome.Retry);
      world.time.pass(Duration.ofSeconds(1));
    }
    world.pushes.fail(_ -> Fault.NONE);
    assertThat(world.offer(batch)).containsExactly(Outcome.done(), Outcome.done());
    assertThat(world.texts("good")).containsExactly("text of c-1", "text of c-2");
    assertThat(world.texts("bad")).containsExactly("text of c-1", "text of c-2");
    assertThat(world.letters()).isEmpty();
  }

  @Test
  void afterAMinute_theBatchIsParked() throws Exception {
    world.pushes.fail(_ -> Fault.NEVER);
    Instant before = world.time.instant();
    world.process(world.say("c-1"));
    assertThat(Duration.between(before, world.time.instant()))
        .isBetween(Delivery.PATIENCE, Delivery.PATIENCE.plusSeconds(3));
    assertThat(world.letters())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.connectionIds()).hasSize(2);
              assertThat(letter.failure().firstFailedAt()).isEqualTo(before);
            });
  }

  @Test
  void anOutage_isNotHeldAgainstItsConnections() throws Exception {
    world.pushes.fail(_ -> Fault.ERROR);
    List<StreamRecord> batch = List.of(world.say("c-1"));
    world.offer(batch);
    failBad(Fault.ERROR);
    int posts = postsTo(BAD);
    assertThat(world.offer(batch)).containsExactly(Outcome.done());
    assertThat(postsTo(BAD)).isEqualTo(posts + PushRounds.MAX_TRIES);
  }

  @Test
  void theNextBatch_waitsAMinuteOfItsOwn() throws Exception {
    world.pushes.fail(_ -> Fault.NEVER);
    world.process(world.say("c-1"));
    Instant before = world.time.instant();
    world.process(world.say("c-2"));
    assertThat(Duration.between(before, world.time.instant()))
        .isGreaterThanOrEqualTo(Delivery.PATIENCE);
  }

  @Test
  void whileItIsDown_oneProbeAsksForAll() throws Exception {
    world.pushes.fail(_ -> Fault.NEVER);
    List<StreamRecord> batch = List.of(world.say("c-1"));
    world.offer(batch);
    int posts = world.pushes.posts().size();
    int probes = world.pushes.probes().size();
    world.offer(batch);
    assertThat(world.pushes.posts()).hasSize(posts);
    assertThat(world.pushes.probes()).hasSize(probes + 1);
  }

  @Test
  void aSingleBadConnection_doesNotLookLikeAnOutage() throws Exception {
    world.process(world.record(world.unsubscribe(LOBBY, "bob", "good")));
    AtomicInteger calls = new AtomicInteger();
    world.pushes.fail(
        _ -> calls.incrementAndGet() <= PushRounds.MAX_TRIES ? Fault.SLOW : Fault.NONE);
    assertThat(world.offer(List.of(world.say("c-1")))).containsExactly(Outcome.done());
    assertThat(world.pushes.probes()).containsExactly(BAD); // which is there: only it is slow
    assertThat(world.letters()).hasSize(1);
    int posts = postsTo(BAD);
    failBad(Fault.SLOW);
    world.offer(List.of(world.say("c-2")));
    assertThat(postsTo(BAD)).as("and it has spent its budget").isEqualTo(posts + 1);
  }

  /** As a client whose buffer is full may answer a probe too, and an id that is none. */
  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"SLOW", "ERROR", "NEVER", "BAD_ID"})
  void aSingleBadConnection_ofWhichAProbeSaysNothing_doesNotEither(Fault fault) throws Exception {
    failBad(fault);
    world.process(world.say("c-1"), world.record(world.unsubscribe(LOBBY, "bob", "good")));
    world.pushes.disconnect(new ConnectionId("good"));
    assertThat(world.offer(List.of(world.say("c-2")))).containsExactly(Outcome.done());
    assertThat(world.pushes.probes()).containsExactly(new ConnectionId("good"));
    assertThat(world.letters()).hasSize(2);
  }

  @Test
  void anIdThatIsNone_doesNotLookLikeAnOutageToANewOwnerEither() throws Exception {
    world.process(world.record(world.unsubscribe(LOBBY, "bob", "good")));
    world.takeOver();
    failBad(Fault.BAD_ID);
    assertThat(world.offer(List.of(world.say("c-1")))).containsExactly(Outcome.done());
    assertThat(world.pushes.probes()).containsExactly(BAD);
    assertThat(world.letters()).hasSize(1);
  }

  @Test
  void anOutage_isNoticedThoughAnotherWasServedBefore() throws Exception {
    world.process(world.say("c-1"));
    world.process(world.record(world.unsubscribe(LOBBY, "eve", "bad")));
    world.pushes.fail(_ -> Fault.ERROR);
    assertThat(world.offer(List.of(world.say("c-2"))).getFirst()).isInstanceOf(Outcome.Retry.class);
    assertThat(world.pushes.probes())
        .containsExactly(BAD); // served last, and none of those that failed
    assertThat(world.letters()).isEmpty();
  }

  @Test
  void whatComesWhileOthersWait_waitsWithThem() throws Exception {
    world.member(LOBBY, "kim");
    world.pushes.connect(new ConnectionId("k1"));
    StreamRecord one = world.say("c-1");
    StreamRecord subscribed = world.record(world.subscribe(LOBBY, "kim", "k1"));
    StreamRecord two = world.say("c-2");
    world.pushes.fail(_ -> Fault.NEVER);
    world.failTable(_ -> Faults.Fault.NOT_DONE);
    world.offer(List.of(one, subscribed, two));
    world.failTable(Faults.NONE);
    world.time.pass(Delivery.PATIENCE);
    assertThat(world.offer(List.of(one, subscribed, two)))
        .allMatch(outcome -> outcome instanceof Outcome.Done);
    assertThat(world.letters())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.positions()).containsExactly(one.position(), two.position());
              assertThat(letter.connectionIds()).hasSize(3);
            });
  }

  // The lease, the rate, expiry.

  @Test
  void aLostLease_stopsThePushes() throws Exception {
    world.lease.lose();
    int posts = world.pushes.posts().size();
    assertThat(world.offer(List.of(world.say("c-1"))).getFirst()).isInstanceOf(Outcome.Retry.class);
    assertThat(world.pushes.posts()).hasSize(posts);
    assertThat(world.letters()).isEmpty();
  }

  @Test
  void smallChats_goFirst() throws Exception {
    ChatId small = new ChatId("small");
    world.subscriber(small, "kim", "k1");
    world.process(world.say("c-1"), world.say(small, "d-1"));
    assertThat(world.pushes.posts().subList(3, 6))
        .containsExactly(new ConnectionId("k1"), new ConnectionId("good"), new ConnectionId("bad"));
  }

  @Test
  void theRate_isKeptByPushesAndProbes() throws Exception {
    world.takeOver(new FanoutStage.Settings(2, 5_000, 100_000)); // one at once
    Instant before = world.time.instant();
    for (int i = 0; i < 5; i++) {
      world.process(world.say("c-" + i));
    }
    assertThat(Duration.between(before, world.time.instant()))
        .isBetween(Duration.ofMillis(4_499), Duration.ofMillis(4_501));
    world.pushes.fail(_ -> Fault.NEVER);
    List<StreamRecord> batch = List.of(world.say("c-5"));
    world.offer(batch);
    before = world.time.instant();
    for (int i = 0; i < 3; i++) {
      world.offer(batch);
    }
    assertThat(Duration.between(before, world.time.instant()))
        .isBetween(Duration.ofMillis(1_499), Duration.ofMillis(1_501));
  }

  @Test
  void framesThatHaveExpired_takeNothingOfTheRate() throws Exception {
    Instant end = world.inAnHour();
    world.takeOver(new FanoutStage.Settings(0.001, 5_000, 100_000)); // 1,000 s between two
    world.process(world.say("c-1")); // to two: the second waits
    world.time.pass(Duration.between(world.time.instant(), end).minusMillis(1));
    StreamRecord inTime = world.say("c-2");
    world.time.pass(Duration.ofMillis(1));
    world.process(inTime); // the second would wait again
    assertThat(world.time.instant()).isEqualTo(end);
  }

  @Test
  void noPushStarts_afterTheSubscriptionRanOutInTheQueue() throws Exception {
    world.takeOver(new FanoutStage.Settings(0.001, 5_000, 100_000)); // 1,000 s between two
    world.time.pass(FanoutWorld.TOKEN.minusSeconds(100));
    world.process(world.say("c-1"));
    assertThat(world.texts("good").size() + world.texts("bad").size()).isEqualTo(1);
    assertThat(world.letters()).isEmpty();
  }
}
