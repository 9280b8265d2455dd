package dev.confab.load.check;

import static dev.confab.load.check.Story.ANA;
import static dev.confab.load.check.Story.DEN;
import static dev.confab.load.check.Story.LOBBY;
import static dev.confab.load.check.Story.PHONE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Cursor;
import dev.confab.events.DeadLetter;
import dev.confab.events.Entry;
import dev.confab.events.ErrorCode;
import dev.confab.events.Position;
import dev.confab.events.Role;
import dev.confab.events.ServerFrame;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each finding from a small run that has it and nothing else, and none from one that is whole. */
class CheckerTest {
  private final Story story = new Story();
  private Position first = Position.of("1", 0);

  @BeforeEach
  void aFewMessages() {
    story.subscribe();
    first = story.say("c-1");
    story.say("c-2");
  }

  private void finds(Finding finding) {
    Report report = story.check();
    assertThat(report.found()).as("%s", report.examples()).isEqualTo(Map.of(finding, 1L));
    assertThat(report.examples().get(finding)).hasSize(1);
  }

  private void isClean() {
    assertThat(story.check().examples()).isEmpty();
  }

  @Test
  void aWholeRun_hasNoFindings() {
    Position resend = story.send(LOBBY, "c-1", true);
    story.mark(resend, first);
    story.say("c-3");
    Position poison = story.put(LOBBY, story.malformed());
    story.park(poison);
    story.lay(story.letter(poison), true);
    story.say("c-4");
    Report report = story.check();
    assertThat(report.examples()).isEmpty();
    assertThat(report.isClean()).isTrue();
    assertThat(report.counts()).isEqualTo(new Report.Counts(5, 5, 0, 7, 6, 4, 1, 1, 1, 5, 1));
  }

  @Test
  void aSendOfUnknownOutcome_isHeldToNothing() {
    story.sends.add(
        new History.Send(LOBBY, ANA, new ClientMessageId("c-9"), "text", false, story.now, null));
    assertThat(story.check().counts().unknown()).isEqualTo(1);
    isClean();
  }

  // Lost.

  @Test
  void storedNowhere_isLost() {
    story.send(LOBBY, "c-3", false);
    finds(Finding.LOST);
  }

  @Test
  void ackedButNotOnTheStream_isLost() {
    story.sends.add(
        new History.Send(
            LOBBY,
            ANA,
            new ClientMessageId("c-9"),
            "text",
            false,
            story.now,
            Position.of("999", 0)));
    finds(Finding.LOST);
  }

  @Test
  void aPlaceholderWithoutALetter_isLost() {
    Position position = story.send(LOBBY, "c-3", false);
    story.park(position);
    story.lay(story.letter(position), false);
    finds(Finding.LOST);
  }

  @Test
  void droppedForAnother_isLost() {
    story.mark(story.send(LOBBY, "c-3", true), first);
    finds(Finding.LOST);
  }

  @Test
  void aRecordOfNoUseWithoutALetter_isLost() {
    Position noise = story.put(LOBBY, "noise".getBytes(StandardCharsets.UTF_8));
    finds(Finding.LOST);
    story.lay(story.letter(noise), true);
    isClean();
  }

  @Test
  void aMisroutedRecord_isLostUnlessItWasPostedAnew() {
    ChatEvent.MessageSent sent = story.message(LOBBY, "c-3", true);
    Position misrouted = story.put(Story.WRONG_SHARD, "lobby", ChatEvents.encode(sent));
    finds(Finding.LOST);
    story.lay(story.letter(misrouted), false);
    finds(Finding.LOST);
    story.push(story.store(LOBBY, story.send(LOBBY, "c-3", true)));
    isClean();
  }

  // Invented.

  @Test
  void inTheTableAlone_isInvented() {
    story.hasView = false;
    Entry last = story.entries(LOBBY).getLast();
    story
        .entries(LOBBY)
        .add(
            new Entry.Posted(
                Position.of("999", 0),
                last.position(),
                ANA,
                new ClientMessageId("c-9"),
                "text",
                story.now,
                false));
    finds(Finding.INVENTED);
  }

  @Test
  void storedWithAnotherTime_isInvented() {
    Position position = story.send(LOBBY, "c-3", false);
    Entry.Posted right = story.posted(position, story.newest(LOBBY));
    story
        .entries(LOBBY)
        .add(
            new Entry.Posted(
                position,
                right.prev(),
                right.senderId(),
                right.clientMessageId(),
                right.text(),
                right.sentAt().plusMillis(1),
                false));
    finds(Finding.INVENTED);
  }

  @Test
  void onTheStreamThoughNobodySentIt_isInvented() {
    story.say("c-3");
    story.sends.removeLast();
    finds(Finding.INVENTED);
  }

  // Doubled.

  @Test
  void aResendThatIsStored_isDoubled() {
    story.hasView = false;
    story.store(LOBBY, story.send(LOBBY, "c-1", true));
    finds(Finding.DOUBLED);
  }

  @Test
  void aResendAfterTheWindow_mayBeStored() {
    story.hasView = false;
    story.now = story.now.plus(Duration.ofMinutes(10));
    story.store(LOBBY, story.send(LOBBY, "c-1", true));
    isClean();
  }

  @Test
  void aResendOfWhatWasParked_mayBeStored() {
    story.hasView = false;
    story.lay(story.letter(first), false);
    story.store(LOBBY, story.send(LOBBY, "c-1", true));
    isClean();
  }

  @Test
  void anUnmarkedSecondCopy_mayBeStored() {
    story.hasView = false;
    story.store(LOBBY, story.send(LOBBY, "c-1", false));
    isClean();
  }

  // Order.

  @Test
  void aTableInAnotherOrder_isMisordered() {
    story.hasView = false;
    story.say("c-3");
    List<Entry> entries = story.entries(LOBBY);
    entries.add(1, entries.removeLast());
    Report report = story.check();
    assertThat(report.count(Finding.MISORDERED)).isEqualTo(1);
  }

  @Test
  void aFrameInAnotherOrder_isMisordered() {
    Position third = story.send(LOBBY, "c-3", false);
    Entry.Posted one = story.store(LOBBY, third);
    Entry.Posted other = story.store(LOBBY, story.send(LOBBY, "c-4", false));
    story.push(other, one);
    finds(Finding.MISORDERED);
  }

  @Test
  void aViewInAnotherOrder_isMisordered() {
    story.hasView = false;
    story.views.add(
        new History.View(
            PHONE,
            ANA,
            LOBBY,
            true,
            story.entries(LOBBY).reversed().stream().map(Entry.Shown.class::cast).toList()));
    finds(Finding.MISORDERED);
  }

  // Who gets what.

  @Test
  void pushedAfterTheRemoval_isLeaked() {
    story.remove();
    story.say("c-3");
    finds(Finding.LEAKED);
  }

  @Test
  void pushedToOneWhoSubscribedAfterTheRemoval_isLeaked() {
    story.remove();
    story.subscribe();
    story.say("c-3");
    finds(Finding.LEAKED);
  }

  @Test
  void pushedFromBeforeTheSubscription_isLeaked() {
    Story late = new Story();
    late.say("c-1");
    assertThat(late.check().found()).isEqualTo(Map.of(Finding.LEAKED, 1L));
  }

  private void askForHistory() {
    story.asked(new ClientFrame.History("h", LOBBY, Cursor.start(), null, 100));
    story.got(new ServerFrame.History("h", LOBBY, List.of(), Cursor.start(), false));
  }

  private void leave(String requestId) {
    story.asked(new ClientFrame.Leave(requestId, LOBBY));
    story.now = story.now.plusSeconds(1);
    story.got(new ServerFrame.Left(requestId, LOBBY));
    story.now = story.now.plusSeconds(1);
  }

  @Test
  void historyForOneWhoWasRemoved_isLeaked() {
    askForHistory();
    isClean();
    leave("l");
    askForHistory();
    finds(Finding.LEAKED);
  }

  @Test
  void membersSyncAndChats_forOneWhoWasRemoved_areLeaked() {
    leave("l");
    story.asked(new ClientFrame.Members("m", LOBBY, null, 10));
    story.got(new ServerFrame.Members("m", LOBBY, List.of(), false));
    story.asked(new ClientFrame.Sync("s", Map.of(LOBBY, Cursor.start())));
    story.got(new ServerFrame.Synced("s", List.of(new ServerFrame.More(LOBBY, first))));
    story.asked(new ClientFrame.Chats("c", null, 10));
    story.got(
        new ServerFrame.Chats(
            "c", List.of(new ServerFrame.ChatSummary(LOBBY, null, Role.MEMBER, first)), false));
    story.asked(new ClientFrame.Members("other", DEN, null, 10));
    story.got(new ServerFrame.Members("other", DEN, List.of(), false));
    assertThat(story.check().found()).isEqualTo(Map.of(Finding.LEAKED, 3L));
  }

  @Test
  void historyForOneWhoCameBack_isNotLeaked() {
    leave("l");
    story.asked(new ClientFrame.Join("j", LOBBY)); // not answered: it may have been done
    askForHistory();
    isClean();
  }

  @Test
  void whatWasAskedBeforeTheRemovalWasKnown_mayBeAnswered() {
    story.asked(new ClientFrame.Leave("l", LOBBY));
    askForHistory();
    story.now = story.now.plusSeconds(1);
    story.got(new ServerFrame.Left("l", LOBBY));
    isClean();
  }

  @Test
  void aJoinThatEndedBeforeTheRemoval_letsNobodyBackIn() {
    story.asked(new ClientFrame.Join("j", LOBBY));
    story.got(new ServerFrame.Failed("j", ErrorCode.CHAT_NOT_FOUND, "no", LOBBY));
    story.now = story.now.plusSeconds(1);
    leave("l");
    askForHistory();
    finds(Finding.LEAKED);
  }

  @Test
  void repaired_toASubscriber_isRight_andToNobodyElse() {
    Position repair = story.put(new ChatEvent.Repaired(LOBBY, first));
    assertThat(repair.isAfter(first)).isTrue();
    story.got(new ServerFrame.Repaired(LOBBY, first));
    isClean();

    Story late = new Story();
    Position position = late.say("c-1");
    late.exchanges.clear();
    late.put(new ChatEvent.Repaired(LOBBY, position));
    late.got(new ServerFrame.Repaired(LOBBY, position));
    assertThat(late.check().found()).isEqualTo(Map.of(Finding.LEAKED, 1L));
  }

  @Test
  void repaired_whereTheStreamSaysNothing_isInvented() {
    story.got(new ServerFrame.Repaired(LOBBY, first));
    finds(Finding.INVENTED);
  }

  @Test
  void pushedAfterTheExpiry_isLeaked() {
    story.subscribe(LOBBY, Duration.ofSeconds(30));
    story.say("c-3");
    isClean();
    story.now = story.now.plusSeconds(30);
    story.say("c-4");
    finds(Finding.LEAKED);
  }

  @Test
  void pushedInAnotherChat_isInTheWrongOne() {
    story.subscribe(DEN, Duration.ofHours(2));
    Entry.Posted ofDen = story.store(DEN, story.send(DEN, "c-3", false));
    story.push(LOBBY, ofDen);
    finds(Finding.WRONG_CHAT);
  }

  @Test
  void storedInAnotherChat_isInTheWrongOne() {
    Entry.Posted ofLobby = (Entry.Posted) story.entries(LOBBY).getFirst();
    story.entries(DEN).add(ofLobby);
    finds(Finding.WRONG_CHAT);
  }

  // Gaps.

  @Test
  void aPushWhosePrevPassesOver_isASilentGap() {
    Position third = story.send(LOBBY, "c-3", false);
    Cursor before = story.newest(LOBBY);
    story.store(LOBBY, third);
    Position fourth = story.send(LOBBY, "c-4", false);
    story.store(LOBBY, fourth);
    story.push(story.posted(fourth, before));
    finds(Finding.SILENT_GAP);
  }

  @Test
  void aPushWhosePrevIsUnknown_isNone() {
    story.store(LOBBY, story.send(LOBBY, "c-3", false));
    Position fourth = story.send(LOBBY, "c-4", false);
    story.store(LOBBY, fourth);
    story.push(story.posted(fourth, null));
    isClean();
  }

  @Test
  void aPageThatPassesOver_isASilentGap() {
    story.asked(new ClientFrame.History("r-1", LOBBY, Cursor.start(), null, 10));
    Entry.Shown second = (Entry.Shown) story.entries(LOBBY).getLast();
    story.got(new ServerFrame.History("r-1", LOBBY, List.of(second), second.position(), false));
    finds(Finding.SILENT_GAP);
  }

  @Test
  void aViewThatBelievesToBeWhole_isASilentGap() {
    story.hasView = false;
    story.views.add(new History.View(PHONE, ANA, LOBBY, true, List.of()));
    assertThat(story.check().found()).isEqualTo(Map.of(Finding.SILENT_GAP, 2L));
  }

  @Test
  void aViewThatStaysBehind_isNotRecovered() {
    story.isViewCurrent = false;
    finds(Finding.NOT_RECOVERED);
  }

  @Test
  void aRepairThatAViewMissed_isNotRecovered() {
    story.hasView = false;
    Entry.Posted one = (Entry.Posted) story.entries(LOBBY).getFirst();
    Entry.Posted two = (Entry.Posted) story.entries(LOBBY).getLast();
    Entry.Parked stale = new Entry.Parked(two.position(), two.prev(), null, null);
    story.views.add(new History.View(PHONE, ANA, LOBBY, true, List.of(one, stale)));
    finds(Finding.NOT_RECOVERED);
  }

  // The chain, the letters, the end.

  @Test
  void anEntryThatNamesAnother_breaksTheChain() {
    Position third = story.send(LOBBY, "c-3", false);
    story.entries(LOBBY).add(story.posted(third, first));
    finds(Finding.CHAIN_BROKEN);
  }

  @Test
  void aLetterWithoutAPlaceholder_isFound() {
    story.lay(story.letter(story.put(LOBBY, story.malformed())), true);
    finds(Finding.NO_PLACEHOLDER);
  }

  @Test
  void aLetterOfOtherBytes_differs() {
    Position poison = story.put(LOBBY, story.malformed());
    story.park(poison);
    story.lay(story.letter(poison, "lobby", Bytes.of("{}".getBytes(StandardCharsets.UTF_8))), true);
    finds(Finding.LETTER_DIFFERS);
  }

  @Test
  void aPushLetterOfNoPosition_differs() {
    story.letters.add(
        new History.Letter(
            "fanout",
            new DeadLetter.PushLetter(
                new DeadLetter.Failure("Slow", "why", 1, story.now, story.now),
                "shardId-0",
                LOBBY,
                List.of(Position.of("999", 0)),
                List.of(PHONE),
                0),
            true));
    finds(Finding.LETTER_DIFFERS);
  }

  @Test
  void aShardThatIsNotDone_lags() {
    story.lag = 1;
    finds(Finding.LAGGING);
  }
}
