package dev.confab.table;

import static dev.confab.table.Samples.ANA;
import static dev.confab.table.Samples.BEN;
import static dev.confab.table.Samples.LOBBY;
import static dev.confab.table.Samples.NOON;
import static dev.confab.table.Samples.chain;
import static dev.confab.table.Samples.cursor;
import static dev.confab.table.Samples.duplicate;
import static dev.confab.table.Samples.parked;
import static dev.confab.table.Samples.position;
import static dev.confab.table.Samples.posted;
import static dev.confab.table.Samples.postedBy;
import static dev.confab.table.Samples.subscription;
import static dev.confab.table.Samples.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.confab.events.Access;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.Role;
import dev.confab.events.SentCursor;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link Messages} does. */
public abstract class MessagesContract {
  private ChatTable table;
  private Messages messages;

  protected abstract ChatTable newTable();

  @BeforeEach
  void setUp() {
    table = newTable();
    messages = table.messages();
  }

  private List<Entry> all(ChatId chatId) {
    return messages.after(chatId, Cursor.start(), 10_000);
  }

  private static Messages.Stored stored(Entry entry) {
    return new Messages.Stored(LOBBY, entry);
  }

  @Test
  void whatIsWritten_isReadAsItWas() {
    Entry.Posted resent =
        new Entry.Posted(
            position(1),
            position(0),
            new UserId("auth0|ana@example.org"),
            new ClientMessageId("_-Z"),
            "tab\tnewline\n\"quoted\" \uD83D\uDE00 \u00FC",
            NOON,
            true);
    write(messages, LOBBY, List.of(posted(0), resent, duplicate(2, 1, 1)));
    assertThat(messages.placeholder(LOBBY, parked(3, 2))).isTrue();
    Entry.Parked nameless = new Entry.Parked(position(4), position(3), null, null);
    assertThat(messages.placeholder(LOBBY, nameless)).isTrue();

    assertThat(all(LOBBY))
        .containsExactly(posted(0), resent, duplicate(2, 1, 1), parked(3, 2), nameless);
  }

  @Test
  void aTextOfTheGreatestSize_fits25Times() {
    List<Entry> large =
        IntStream.range(0, 25)
            .mapToObj(n -> (Entry) posted(n, n - 1, "\u00FC".repeat(8 * 1024)))
            .toList();

    write(messages, LOBBY, large);

    assertThat(all(LOBBY)).isEqualTo(large);
  }

  @Test
  void writingAgain_changesNothing() {
    write(messages, LOBBY, chain(0, 3));

    write(messages, LOBBY, chain(0, 3));

    assertThat(all(LOBBY)).isEqualTo(chain(0, 3));
  }

  @Test
  void aBatch_writesOverAPlaceholder() {
    messages.placeholder(LOBBY, parked(0, -1));

    write(messages, LOBBY, List.of(posted(0)));

    assertThat(all(LOBBY)).containsExactly(posted(0));
  }

  @Test
  void aBatch_mayHoldManyChats() {
    ChatId hall = new ChatId("hall");

    messages.writeBatch(List.of(stored(posted(0)), new Messages.Stored(hall, posted(1, -1))));

    assertThat(all(LOBBY)).containsExactly(posted(0));
    assertThat(all(hall)).containsExactly(posted(1, -1));
  }

  @Test
  void aBatchOfNone_ofTooMany_orWithAPlaceholder_isABug() {
    List<Messages.Stored> tooMany = chain(0, 26).stream().map(MessagesContract::stored).toList();

    assertThatIllegalArgumentException().isThrownBy(() -> messages.writeBatch(List.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> messages.writeBatch(tooMany));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> messages.writeBatch(List.of(stored(parked(0, -1)))));
  }

  @Test
  void anEntryThatDoesNotNameTheOneBeforeIt_cannotBeStored() {
    Entry.Posted unknown = Entry.Posted.of(position(0), null, sent(posted(0)));

    assertThatIllegalArgumentException().isThrownBy(() -> stored(unknown));
    assertThatIllegalArgumentException().isThrownBy(() -> stored(posted(1, 1)));
    assertThatIllegalArgumentException().isThrownBy(() -> stored(posted(1, 2)));
  }

  private static ChatEvent.MessageSent sent(Entry.Posted posted) {
    return new ChatEvent.MessageSent(
        LOBBY,
        posted.senderId(),
        posted.clientMessageId(),
        posted.text(),
        posted.resend(),
        posted.sentAt(),
        null);
  }

  @Test
  void aBatchWithOneKeyTwice_isRefusedAsAWhole() {
    Messages.BatchOutcome outcome =
        messages.writeBatch(
            List.of(stored(posted(0)), stored(posted(1)), stored(posted(1, 0, "other"))));

    assertThat(outcome).isInstanceOf(Messages.BatchOutcome.Refused.class);
    assertThat(all(LOBBY)).isEmpty();
  }

  @Test
  void aPlaceholder_overwritesNothing() {
    write(messages, LOBBY, List.of(posted(0), duplicate(1, 0, 0)));
    messages.placeholder(LOBBY, parked(2, 1));

    assertThat(messages.placeholder(LOBBY, parked(0, -1))).isFalse();
    assertThat(messages.placeholder(LOBBY, parked(1, 0))).isFalse();
    assertThat(messages.placeholder(LOBBY, parked(2, 0))).isFalse();

    assertThat(all(LOBBY)).containsExactly(posted(0), duplicate(1, 0, 0), parked(2, 1));
  }

  @Test
  void aRepair_ofAPlaceholder_keepsItsPrev() {
    messages.placeholder(LOBBY, parked(5, 3));

    assertThat(repair(posted(5, 4))).isEqualTo(new Messages.Repair.Repaired(posted(5, 3)));

    assertThat(all(LOBBY)).containsExactly(posted(5, 3));
  }

  @Test
  void aRepair_whereNothingIs_takesThePrevGiven() {
    write(messages, LOBBY, chain(0, 3));

    Messages.Repair repair =
        messages.repair(
            LOBBY,
            position(5),
            () -> messages.newestBefore(LOBBY, position(5)),
            prev -> Entry.Posted.of(position(5), prev, sent(posted(5))));

    assertThat(repair).isEqualTo(new Messages.Repair.Repaired(posted(5, 2)));
    assertThat(all(LOBBY)).endsWith(posted(5, 2));
  }

  @Test
  void aRepairMadeAgain_saysSoAgain() {
    messages.placeholder(LOBBY, parked(5, 3));
    repair(posted(5));

    assertThat(repair(posted(5))).isEqualTo(new Messages.Repair.Repaired(posted(5, 3)));
    assertThat(all(LOBBY)).containsExactly(posted(5, 3));
  }

  @Test
  void aRepair_leavesWhatIsThere() {
    write(messages, LOBBY, List.of(posted(0, -1, "other"), duplicate(1, 0, 0)));

    assertThat(repair(posted(0))).isEqualTo(new Messages.Repair.Occupied(posted(0, -1, "other")));
    assertThat(repair(posted(1))).isEqualTo(new Messages.Repair.Occupied(duplicate(1, 0, 0)));

    assertThat(all(LOBBY)).containsExactly(posted(0, -1, "other"), duplicate(1, 0, 0));
  }

  @Test
  void aRepair_mayFindADuplicate() {
    write(messages, LOBBY, List.of(posted(0)));
    messages.placeholder(LOBBY, parked(1, 0));

    messages.repair(
        LOBBY,
        position(1),
        Cursor::start,
        prev -> new Entry.Duplicate(position(1), prev, position(0)));

    assertThat(all(LOBBY)).containsExactly(posted(0), duplicate(1, 0, 0));
  }

  @Test
  void aRepair_withAnotherPosition_isABug() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> messages.repair(LOBBY, position(1), Cursor::start, prev -> posted(2, -1)));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> messages.repair(LOBBY, position(1), Cursor::start, prev -> parked(1, -1)));
  }

  /** Repairs with a message whose own prev must not be asked for: something is there. */
  private Messages.Repair repair(Entry.Posted posted) {
    return messages.repair(
        LOBBY,
        posted.position(),
        () -> {
          throw new AssertionError("asked for a prev, and something is there");
        },
        prev -> Entry.Posted.of(posted.position(), prev, sent(posted)));
  }

  @Test
  void after_isExclusive_oldestFirst_andTakesAnyPlace() {
    write(messages, LOBBY, List.of(posted(0), posted(2, 0), posted(4, 2), posted(6, 4)));

    assertThat(messages.after(LOBBY, Cursor.start(), 2)).containsExactly(posted(0), posted(2, 0));
    assertThat(messages.after(LOBBY, position(2), 9)).containsExactly(posted(4, 2), posted(6, 4));
    assertThat(messages.after(LOBBY, position(3), 1)).containsExactly(posted(4, 2));
    assertThat(messages.after(LOBBY, position(6), 9)).isEmpty();
    assertThat(messages.after(LOBBY, position(9), 9)).isEmpty();
  }

  @Test
  void before_isExclusive_newestFirst_andTakesAnyPlace() {
    write(messages, LOBBY, List.of(posted(0), posted(2, 0), posted(4, 2), posted(6, 4)));

    assertThat(messages.before(LOBBY, null, 2)).containsExactly(posted(6, 4), posted(4, 2));
    assertThat(messages.before(LOBBY, position(4), 9)).containsExactly(posted(2, 0), posted(0));
    assertThat(messages.before(LOBBY, position(3), 1)).containsExactly(posted(2, 0));
    assertThat(messages.before(LOBBY, position(0), 9)).isEmpty();
    assertThat(messages.before(LOBBY, position(9), 1)).containsExactly(posted(6, 4));
  }

  @Test
  void upTo_isInclusive() {
    write(messages, LOBBY, List.of(posted(0), posted(2, 0), posted(4, 2)));

    assertThat(messages.upTo(LOBBY, position(2), 9)).containsExactly(posted(2, 0), posted(0));
    assertThat(messages.upTo(LOBBY, position(3), 1)).containsExactly(posted(2, 0));
    assertThat(messages.upTo(LOBBY, position(4), 1)).containsExactly(posted(4, 2));
  }

  @Test
  void theOrder_isTheStreamsOrder_notThatOfTheDigits() {
    List<Position> inOrder =
        List.of(
            Position.of("0", 0),
            Position.of("9", 0),
            Position.of("10", 0),
            Position.of("10", 1),
            Position.of("10", 9),
            Position.of("10", 10),
            Position.of("11", 0),
            Position.of("9".repeat(55), 99_999_999),
            Position.of("1" + "0".repeat(55), 0),
            Position.of("9".repeat(129), 0));
    List<Entry> entries = new ArrayList<>();
    Cursor prev = Cursor.start();
    for (Position position : inOrder) {
      entries.add(Entry.Posted.of(position, prev, sent(posted(0))));
      prev = position;
    }
    write(messages, LOBBY, entries.reversed());

    assertThat(all(LOBBY)).isEqualTo(entries);
    for (int i = 0; i < entries.size(); i++) {
      assertThat(messages.after(LOBBY, inOrder.get(i), 99))
          .isEqualTo(entries.subList(i + 1, entries.size()));
      assertThat(messages.before(LOBBY, inOrder.get(i), 99))
          .isEqualTo(entries.subList(0, i).reversed());
      assertThat(messages.upTo(LOBBY, inOrder.get(i), 1)).containsExactly(entries.get(i));
    }
  }

  @Test
  void nothingElseInTheTable_isAMessage() {
    table.chats().create(new Chats.Chat(LOBBY, null, Access.OPEN, ANA));
    table.members().add(LOBBY, BEN, Role.MEMBER);
    table.subscriptions().put(LOBBY, subscription("c1", 0, null, NOON));
    write(messages, new ChatId("lobby-2"), chain(0, 2));
    write(messages, new ChatId("lobb"), chain(0, 2));

    assertThat(all(LOBBY)).isEmpty();
    assertThat(messages.before(LOBBY, null, 9)).isEmpty();
    assertThat(messages.newest(LOBBY)).isEqualTo(Cursor.start());
    assertThat(messages.newestBefore(LOBBY, position(9))).isEqualTo(Cursor.start());

    write(messages, LOBBY, chain(0, 1));
    assertThat(all(LOBBY)).isEqualTo(chain(0, 1));
    assertThat(messages.before(LOBBY, null, 9)).isEqualTo(chain(0, 1));
    assertThat(messages.newestBefore(LOBBY, position(0))).isEqualTo(Cursor.start());
  }

  @Test
  void newest_countsWhatIsHidden() {
    write(messages, LOBBY, List.of(posted(0), duplicate(1, 0, 0)));
    messages.placeholder(LOBBY, parked(3, 1));

    assertThat(messages.newest(LOBBY)).isEqualTo(position(3));
    assertThat(messages.newestBefore(LOBBY, position(3))).isEqualTo(position(1));
    assertThat(messages.newestBefore(LOBBY, position(2))).isEqualTo(position(1));
    assertThat(messages.newestBefore(LOBBY, position(1))).isEqualTo(position(0));
  }

  @Test
  void newestOfMany_answersForEach() {
    List<ChatId> chatIds = IntStream.range(0, 40).mapToObj(n -> new ChatId("chat-" + n)).toList();
    for (int n = 1; n < chatIds.size(); n++) {
      write(messages, chatIds.get(n), chain(0, n));
    }

    Map<ChatId, Cursor> newest = messages.newest(chatIds);

    assertThat(newest).hasSize(40);
    for (int n = 0; n < chatIds.size(); n++) {
      assertThat(newest).containsEntry(chatIds.get(n), cursor(n - 1));
    }
    assertThat(messages.newest(List.of())).isEmpty();
    assertThat(messages.newest(List.of(LOBBY, LOBBY))).containsOnlyKeys(LOBBY);
  }

  @Test
  void aPageOfAThousand_isOnePage() {
    List<Entry> chain = chain(0, 1_200);
    write(messages, LOBBY, chain);

    assertThat(messages.after(LOBBY, position(99), 1_000)).isEqualTo(chain.subList(100, 1_100));
    assertThat(messages.before(LOBBY, position(1_100), 1_000))
        .isEqualTo(chain.subList(100, 1_100).reversed());
    assertThat(messages.of(ANA, null, 1_000))
        .extracting(own -> (Entry) own.message())
        .isEqualTo(chain.subList(200, 1_200).reversed());
    List<Position> asked = chain.stream().map(Entry::position).toList();
    assertThat(messages.at(LOBBY, asked)).hasSize(1_200);
  }

  @Test
  void aPageOfMoreThanAMegabyte_isOnePage() {
    List<Entry> large =
        IntStream.range(0, 150)
            .mapToObj(n -> (Entry) posted(n, n - 1, "x".repeat(16 * 1024)))
            .toList();
    write(messages, LOBBY, large);

    assertThat(messages.after(LOBBY, Cursor.start(), 140)).isEqualTo(large.subList(0, 140));
    assertThat(messages.before(LOBBY, null, 140)).isEqualTo(large.subList(10, 150).reversed());
    assertThat(messages.of(ANA, null, 150)).hasSize(150);
    assertThat(messages.at(LOBBY, large.stream().map(Entry::position).toList())).hasSize(150);
  }

  @Test
  void at_leavesOutWhatIsNotThere() {
    write(messages, LOBBY, chain(0, 3));

    assertThat(messages.at(LOBBY, List.of(position(2), position(0), position(9), position(2))))
        .isEqualTo(Map.of(position(0), posted(0), position(2), posted(2)));
    assertThat(messages.at(LOBBY, List.of())).isEmpty();
  }

  @Test
  void ofASender_isNewestFirst_overAllChats() {
    ChatId hall = new ChatId("hall");
    Entry.Posted first = postedBy(ANA, 7, NOON.minusMillis(1));
    Entry.Posted second = postedBy(ANA, 3, NOON);
    Entry.Posted third = postedBy(ANA, 4, NOON);
    Entry.Posted fourth = postedBy(ANA, 1, NOON.plusMillis(1));
    write(messages, LOBBY, List.of(first, third));
    write(messages, hall, List.of(second, fourth));
    write(messages, hall, List.of(postedBy(new UserId("ana-2"), 8, NOON), postedBy(BEN, 9, NOON)));

    assertThat(messages.of(ANA, null, 9))
        .containsExactly(
            new ServerFrame.OwnMessage(hall, fourth),
            new ServerFrame.OwnMessage(LOBBY, third),
            new ServerFrame.OwnMessage(hall, second),
            new ServerFrame.OwnMessage(LOBBY, first));
    assertThat(messages.of(ANA, new SentCursor(NOON, position(4)), 1))
        .containsExactly(new ServerFrame.OwnMessage(hall, second));
    assertThat(messages.of(ANA, new SentCursor(NOON, position(3)), 9))
        .containsExactly(new ServerFrame.OwnMessage(LOBBY, first));
    assertThat(messages.of(ANA, new SentCursor(NOON, position(9)), 1))
        .containsExactly(new ServerFrame.OwnMessage(LOBBY, third));
    assertThat(messages.of(new UserId("an"), null, 9)).isEmpty();
  }

  @Test
  void ofASender_holdsNeitherPlaceholdersNorMarkers_untilARepair() {
    write(messages, LOBBY, List.of(posted(0), duplicate(1, 0, 0)));
    messages.placeholder(LOBBY, parked(2, 1));
    assertThat(messages.of(ANA, null, 9))
        .containsExactly(new ServerFrame.OwnMessage(LOBBY, posted(0)));

    repair(posted(2));

    assertThat(messages.of(ANA, null, 9))
        .containsExactly(
            new ServerFrame.OwnMessage(LOBBY, posted(2, 1)),
            new ServerFrame.OwnMessage(LOBBY, posted(0)));
  }

  @Test
  void aLimitBelowOne_isABug() {
    assertThatIllegalArgumentException().isThrownBy(() -> messages.after(LOBBY, Cursor.start(), 0));
    assertThatIllegalArgumentException().isThrownBy(() -> messages.before(LOBBY, null, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> messages.upTo(LOBBY, position(0), -1));
    assertThatIllegalArgumentException().isThrownBy(() -> messages.of(ANA, null, 0));
  }
}
