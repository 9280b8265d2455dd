package dev.confab.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.ChatEvent;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.ErrorCode;
import dev.confab.events.Position;
import dev.confab.events.SentCursor;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.table.Faults;
import dev.confab.table.Messages;
import dev.confab.table.TableCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistoryActionsTest {
  private static final ChatId LOBBY = new ChatId("lobby");
  private static final UserId BOB = new UserId("bob");

  private final Backend backend = new Backend();

  private static Position at(int sequenceNumber) {
    return Position.of(Integer.toString(sequenceNumber), 0);
  }

  private static Entry.Posted posted(int sequenceNumber, Cursor prev, String user, String text) {
    return new Entry.Posted(
        at(sequenceNumber),
        prev,
        new UserId(user),
        new ClientMessageId("c-" + sequenceNumber),
        text,
        Backend.NOW.plusSeconds(sequenceNumber),
        false);
  }

  private void store(ChatId chatId, Entry entry) {
    backend.table.messages().writeBatch(List.of(new Messages.Stored(chatId, entry)));
  }

  /** Messages 1 to count, each after the one before it. */
  private List<Entry.Shown> talk(ChatId chatId, int count, String text) {
    List<Entry.Shown> said = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      Entry.Posted posted = posted(i, i == 1 ? Cursor.start() : at(i - 1), "bob", text);
      store(chatId, posted);
      said.add(posted);
    }
    return said;
  }

  private ServerFrame.History history(
      @Nullable Cursor after, @Nullable Position before, int limit) {
    var frame = new ClientFrame.History("r", LOBBY, after, before, limit);
    return backend.ask("bob", frame, ServerFrame.History.class);
  }

  private static ServerFrame.History page(
      List<Entry.Shown> messages, Cursor through, boolean hasMore) {
    return new ServerFrame.History("r", LOBBY, messages, through, hasMore);
  }

  private static void assertFailed(@Nullable ServerFrame answer, ErrorCode code) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            ServerFrame.Failed.class, failed -> assertThat(failed.code()).isEqualTo(code));
  }

  @Test
  void history_forwards_backwards_andNewest() {
    backend.chat("lobby", "members", "ana", "bob");
    List<Entry.Shown> said = talk(LOBBY, 10, "hi");

    assertThat(history(Cursor.start(), null, 4)).isEqualTo(page(said.subList(0, 4), at(4), true));
    assertThat(history(at(4), null, 100)).isEqualTo(page(said.subList(4, 10), at(10), false));
    assertThat(history(at(10), null, 100)).isEqualTo(page(List.of(), at(10), false));
    assertThat(history(null, null, 4)).isEqualTo(page(said.subList(6, 10), at(10), true));
    assertThat(history(null, at(4), 100)).isEqualTo(page(said.subList(0, 3), at(1), false));
  }

  @Test
  void historyOfAnEmptyChat_reachesTheStart() {
    backend.chat("lobby", "members", "ana", "bob");
    assertThat(history(null, null, 100)).isEqualTo(page(List.of(), Cursor.start(), false));
    assertThat(history(Cursor.start(), null, 9)).isEqualTo(page(List.of(), Cursor.start(), false));
  }

  @Test
  void history_stopsBeforeAHole_hidesMarkers_andShowsPlaceholders() {
    backend.chat("lobby", "members", "ana", "bob");
    Entry.Posted first = posted(1, Cursor.start(), "bob", "hi");
    Entry.Parked parked = new Entry.Parked(at(3), at(2), BOB, new ClientMessageId("c-3"));
    store(LOBBY, first);
    store(LOBBY, new Entry.Duplicate(at(2), at(1), at(1)));
    backend.table.messages().placeholder(LOBBY, parked);
    store(LOBBY, posted(5, at(4), "bob", "beyond the hole"));

    assertThat(history(Cursor.start(), null, 100))
        .isEqualTo(page(List.of(first, parked), at(3), true));
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "\"", "\\", "\n", "ñ", "🌊"})
  void historyOfLongMessages_isCutToAFrame_andLosesNothing(String letter) {
    backend.chat("lobby", "members", "ana", "bob");
    int bytes = letter.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
    List<Entry.Shown> said = talk(LOBBY, 30, letter.repeat(3_000 / bytes));

    List<Entry.Shown> forwards = new ArrayList<>();
    ServerFrame.History page = history(Cursor.start(), null, 100);
    while (true) {
      assertThat(Pages.bytes(page)).isBetween(25_000 / 3, ServerFrame.MAX_FRAME_BYTES);
      forwards.addAll(page.messages());
      if (!page.hasMore()) {
        break;
      }
      page = history(page.through(), null, 100);
    }
    assertThat(forwards).isEqualTo(said);

    List<Entry.Shown> backwards = new ArrayList<>();
    page = history(null, null, 100);
    while (true) {
      assertThat(Pages.bytes(page)).isLessThanOrEqualTo(ServerFrame.MAX_FRAME_BYTES);
      backwards.addAll(0, page.messages());
      if (!page.hasMore()) {
        break;
      }
      page = history(null, page.messages().getFirst().position(), 100);
    }
    assertThat(backwards).isEqualTo(said);
  }

  @Test
  void largestMessage_comesAlone_andTheReaderGetsOn() {
    backend.chat("lobby", "members", "ana", "bob");
    List<Entry.Shown> said = talk(LOBBY, 2, "\"".repeat(ChatEvent.MessageSent.MAX_TEXT_BYTES));

    ServerFrame.History first = history(Cursor.start(), null, 100);

    assertThat(first).isEqualTo(page(said.subList(0, 1), at(1), true));
    assertThat(Pages.bytes(first)).isBetween(ServerFrame.MAX_FRAME_BYTES, 34_000);
    assertThat(history(at(1), null, 100)).isEqualTo(page(said.subList(1, 2), at(2), false));
  }

  @Test
  void history_isForMembers_asTheTableKnowsThemNow() {
    backend.chat("lobby", "open", "ana", "bob");
    var frame = new ClientFrame.History("r", LOBBY, null, null, 10);
    backend.ask(
        "bob", new ClientFrame.SendMessage("r", LOBBY, new ClientMessageId("c"), "x", false));
    backend.table.members().remove(LOBBY, BOB, new UserId("ana"));

    ServerFrame removed = backend.ask("bob", frame);
    ServerFrame absent =
        backend.ask("bob", new ClientFrame.History("r", new ChatId("nowhere"), null, null, 10));

    assertFailed(removed, ErrorCode.CHAT_NOT_FOUND);
    assertThat(String.valueOf(removed).replace("lobby", "nowhere"))
        .isEqualTo(String.valueOf(absent));
    assertFailed(backend.ask("eve", frame), ErrorCode.CHAT_NOT_FOUND);
  }

  @Test
  void tableThatStaysAway_isUnavailable() {
    backend.chat("lobby", "open", "ana", "bob");
    backend.tableFaults.put(TableCall.MESSAGES_READ, Faults.Fault.NOT_DONE);

    for (ClientFrame frame :
        List.of(
            new ClientFrame.History("r", LOBBY, null, null, 10),
            new ClientFrame.MyMessages("r", null, 10),
            new ClientFrame.Sync("r", Map.of(LOBBY, Cursor.start())))) {
      assertFailed(backend.ask("bob", frame), ErrorCode.UNAVAILABLE);
    }
  }

  @Test
  void myMessages_areMineOverAllChats_newestFirst_paged() {
    ChatId other = new ChatId("other");
    store(LOBBY, posted(1, Cursor.start(), "bob", "one"));
    store(other, posted(2, Cursor.start(), "bob", "two"));
    store(LOBBY, posted(3, at(1), "ana", "not mine"));
    store(LOBBY, posted(4, at(3), "bob", "four"));

    var first =
        backend.ask("bob", new ClientFrame.MyMessages("r", null, 2), ServerFrame.MyMessages.class);
    assertThat(first.messages())
        .containsExactly(
            new ServerFrame.OwnMessage(LOBBY, posted(4, at(3), "bob", "four")),
            new ServerFrame.OwnMessage(other, posted(2, Cursor.start(), "bob", "two")));
    assertThat(first.before()).isNotNull();
    assertThat(backend.ask("bob", new ClientFrame.MyMessages("r", first.before(), 2)))
        .isEqualTo(
            new ServerFrame.MyMessages(
                "r",
                List.of(new ServerFrame.OwnMessage(LOBBY, posted(1, Cursor.start(), "bob", "one"))),
                null));
  }

  @Test
  void longOwnMessages_areCutToAFrame_andLoseNothing() {
    List<Entry.Shown> said = talk(LOBBY, 40, "\"".repeat(2_000));

    List<Entry.Posted> found = new ArrayList<>();
    SentCursor before = null;
    do {
      var frame = new ClientFrame.MyMessages("r", before, 100);
      ServerFrame.MyMessages page = backend.ask("bob", frame, ServerFrame.MyMessages.class);
      assertThat(Pages.bytes(page)).isLessThanOrEqualTo(ServerFrame.MAX_FRAME_BYTES);
      page.messages().forEach(own -> found.add(own.message()));
      before = page.before();
    } while (before != null);
    assertThat(found).isEqualTo(said.reversed());
  }

  @Test
  void sync_namesTheChatsThatHaveMore_ofMine() {
    for (String chat : List.of("a", "b", "c", "d")) {
      backend.chat(chat, "members", "ana", "bob");
    }
    backend.chat("not-mine", "open", "ana");
    talk(new ChatId("a"), 3, "x");
    talk(new ChatId("b"), 3, "x");
    talk(new ChatId("c"), 1, "x");
    talk(new ChatId("not-mine"), 5, "x");
    Map<ChatId, Cursor> cursors = new LinkedHashMap<>();
    cursors.put(new ChatId("a"), at(2));
    cursors.put(new ChatId("b"), at(3));
    cursors.put(new ChatId("c"), Cursor.start());
    cursors.put(new ChatId("d"), Cursor.start());
    cursors.put(new ChatId("not-mine"), Cursor.start());
    cursors.put(new ChatId("nowhere"), Cursor.start());

    assertThat(backend.ask("bob", new ClientFrame.Sync("r", cursors)))
        .isEqualTo(
            new ServerFrame.Synced(
                "r",
                List.of(
                    new ServerFrame.More(new ChatId("a"), at(3)),
                    new ServerFrame.More(new ChatId("c"), at(1)))));
  }
}
