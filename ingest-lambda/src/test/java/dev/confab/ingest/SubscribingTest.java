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
import dev.confab.events.Role;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.table.Faults;
import dev.confab.table.Members;
import dev.confab.table.Messages;
import dev.confab.table.TableCall;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SubscribingTest {
  private static final ChatId LOBBY = new ChatId("lobby");
  private static final UserId BOB = new UserId("bob");

  private final Backend backend = new Backend();

  private static void assertFailed(@Nullable ServerFrame answer, ErrorCode code) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            ServerFrame.Failed.class, failed -> assertThat(failed.code()).isEqualTo(code));
  }

  private @Nullable ServerFrame join(String user) {
    return backend.ask(user, new ClientFrame.Join("r1", LOBBY));
  }

  private ServerFrame.SubscribeAccepted subscribe(ChatId... chatIds) {
    var frame = new ClientFrame.Subscribe("r2", List.of(chatIds));
    return backend.ask("bob", frame, ServerFrame.SubscribeAccepted.class);
  }

  private ChatEvent subscribed(ChatId chatId, String user, long generation, String requestId) {
    return new ChatEvent.Subscribed(
        chatId,
        new UserId(user),
        Backend.CONNECTION,
        generation,
        Backend.TOKEN_EXPIRES_AT,
        requestId,
        backend.clock.instant(),
        null);
  }

  private ServerFrame.SubscribeFailed failed(ChatId chatId, ErrorCode code) {
    return new ServerFrame.SubscribeFailed(chatId, code);
  }

  @Test
  void join_makesAMember_andLeavesTheAnswerToTheFanOut() {
    backend.chat("lobby", "open", "ana");

    assertThat(join("bob")).isNull();
    assertThat(backend.stream.events).containsExactly(subscribed(LOBBY, "bob", 1, "r1"));
    assertThat(backend.table.members().of(LOBBY, BOB))
        .isEqualTo(new Members.Membership(LOBBY, BOB, Role.MEMBER, 1));
  }

  @Test
  void join_again_subscribesAgain_inTheSameGeneration() {
    backend.chat("lobby", "open", "ana");
    join("bob");
    join("bob");
    assertThat(backend.stream.events)
        .containsExactly(subscribed(LOBBY, "bob", 1, "r1"), subscribed(LOBBY, "bob", 1, "r1"));
  }

  @Test
  void join_ofAChatForMembers_isForMembers() {
    backend.chat("lobby", "members", "ana", "bob");

    assertThat(join("bob")).isNull();
    assertFailed(join("eve"), ErrorCode.CHAT_NOT_FOUND);
    assertThat(backend.stream.events).hasSize(1);
  }

  @Test
  void join_ofWhatIsNotThere_isToldAsWhatIsNotYours() {
    backend.chat("lobby", "members", "ana");
    ServerFrame notMine = join("eve");
    ServerFrame absent = backend.ask("eve", new ClientFrame.Join("r1", new ChatId("nowhere")));
    assertThat(String.valueOf(notMine).replace("lobby", "nowhere"))
        .isEqualTo(String.valueOf(absent));
  }

  @Test
  void removedUser_cannotJoinUntilAdded_whoLeftCan() {
    backend.chat("lobby", "open", "ana", "bob", "eve");
    backend.ask("ana", new ClientFrame.RemoveMember("r", LOBBY, BOB));
    backend.ask("eve", new ClientFrame.Leave("r", LOBBY));
    backend.stream.events.clear();

    assertFailed(join("bob"), ErrorCode.CHAT_NOT_FOUND);
    assertThat(join("eve")).isNull();
    backend.ask("ana", new ClientFrame.AddMember("r", LOBBY, BOB));
    assertThat(join("bob")).isNull();
    assertThat(backend.stream.events)
        .containsExactly(subscribed(LOBBY, "eve", 2, "r1"), subscribed(LOBBY, "bob", 2, "r1"));
  }

  @Test
  void join_neverUsesWhatSendRemembers() {
    backend.chat("lobby", "open", "ana", "bob");
    backend.ask(
        "bob", new ClientFrame.SendMessage("r", LOBBY, new ClientMessageId("c"), "x", false));
    backend.table.members().remove(LOBBY, BOB, new UserId("ana"));

    assertFailed(join("bob"), ErrorCode.CHAT_NOT_FOUND);
    assertThat(subscribe(LOBBY).failed()).containsExactly(failed(LOBBY, ErrorCode.CHAT_NOT_FOUND));
  }

  @Test
  void join_withoutAStream_isUnavailable_andAgainWorks() {
    backend.chat("lobby", "open", "ana");
    backend.stream.failAlways(InMemoryStream.Fault.NOT_TAKEN);
    assertFailed(join("bob"), ErrorCode.UNAVAILABLE);

    backend.stream.faults.clear();
    assertThat(join("bob")).isNull();
    assertThat(backend.stream.events).containsExactly(subscribed(LOBBY, "bob", 1, "r1"));
  }

  @Test
  void subscription_endsWithTheTokenOrAfterTwoHours() {
    backend.chat("lobby", "open", "ana");
    var event = Backend.event("MESSAGE", "bob");
    event.setBody("{\"action\":\"join\",\"chatId\":\"lobby\"}");
    event
        .getRequestContext()
        .getAuthorizer()
        .put("exp", Long.toString(Backend.NOW.plusSeconds(86_400).getEpochSecond()));
    backend.answer(event);

    assertThat(backend.stream.events)
        .singleElement()
        .isInstanceOfSatisfying(
            ChatEvent.Subscribed.class,
            subscribed ->
                assertThat(subscribed.expiresAt())
                    .as("connected at 02:03:05.123")
                    .isEqualTo("2026-11-24T04:03:05Z"));
  }

  @Test
  void subscribe_isOnePut_withTheOthersTold() {
    backend.chat("a", "members", "ana", "bob");
    backend.chat("b", "members", "ana");
    backend.chat("c", "open", "ana", "bob");

    ServerFrame.SubscribeAccepted answer =
        subscribe(new ChatId("c"), new ChatId("b"), new ChatId("a"), new ChatId("nowhere"));

    assertThat(answer.chatIds()).containsExactly(new ChatId("c"), new ChatId("a"));
    assertThat(answer.failed())
        .containsExactly(
            failed(new ChatId("b"), ErrorCode.CHAT_NOT_FOUND),
            failed(new ChatId("nowhere"), ErrorCode.CHAT_NOT_FOUND));
    assertThat(backend.stream.calls).containsExactly(2);
    assertThat(backend.stream.events)
        .containsExactly(
            subscribed(new ChatId("c"), "bob", 1, "r2"),
            subscribed(new ChatId("a"), "bob", 1, "r2"));
  }

  @Test
  void subscribe_toNothingOfMine_putsNothing() {
    assertThat(subscribe(LOBBY).chatIds()).isEmpty();
    assertThat(backend.stream.calls).isEmpty();
  }

  @Test
  void subscribe_triesAgainWhatFailed_andOnlyThat() {
    List<ChatId> chats = chats(4);
    backend.stream.faults.add(InMemoryStream.Fault.NONE);
    backend.stream.faults.add(InMemoryStream.Fault.NOT_TAKEN);
    backend.stream.faults.add(InMemoryStream.Fault.NONE);
    backend.stream.faults.add(InMemoryStream.Fault.NOT_TAKEN);

    ServerFrame.SubscribeAccepted answer = subscribe(chats.toArray(ChatId[]::new));

    assertThat(answer.chatIds()).isEqualTo(chats);
    assertThat(answer.failed()).isEmpty();
    assertThat(backend.stream.calls).containsExactly(4, 2);
    assertThat(backend.stream.events).hasSize(4);
  }

  @Test
  void subscribe_tellsWhatItCouldNotPut() {
    List<ChatId> chats = chats(2);
    backend.stream.failAlways(InMemoryStream.Fault.NOT_TAKEN);
    backend.stream.faults.addFirst(InMemoryStream.Fault.NONE);

    ServerFrame.SubscribeAccepted answer = subscribe(chats.toArray(ChatId[]::new));

    assertThat(answer.chatIds()).containsExactly(chats.get(0));
    assertThat(answer.failed()).containsExactly(failed(chats.get(1), ErrorCode.UNAVAILABLE));
    assertThat(backend.stream.calls).containsExactly(2, 1, 1, 1);
  }

  @Test
  void subscribe_withoutATable_isUnavailable() {
    chats(2);
    backend.tableFaults.put(TableCall.MEMBERS_READ, Faults.Fault.NOT_DONE);
    assertFailed(
        backend.ask("bob", new ClientFrame.Subscribe("r2", List.of(LOBBY))), ErrorCode.UNAVAILABLE);
    assertFailed(
        backend.ask("bob", new ClientFrame.Subscribe("r2", List.of())), ErrorCode.UNAVAILABLE);
  }

  @Test
  void subscribeToAll_isToAllOfMine() {
    List<ChatId> chats = chats(200);
    backend.chat("lobby", "open", "ana");
    backend.tableCalls.clear();

    assertThat(subscribe().chatIds()).containsExactlyInAnyOrderElementsOf(chats);
    assertThat(backend.stream.calls).containsExactly(200);
    assertThat(Collections.frequency(backend.tableCalls, TableCall.MESSAGES_READ))
        .as("nothing to choose between")
        .isZero();
  }

  @Test
  void subscribeToAll_ofTooMany_isToTheNewest() {
    List<ChatId> chats = chats(250);
    List<ChatId> newest = new ArrayList<>(chats);
    Collections.shuffle(newest, new java.util.Random(11));
    for (int i = 0; i < newest.size(); i++) {
      say(newest.get(i), 1_000 - i);
    }

    assertThat(subscribe().chatIds()).isEqualTo(newest.subList(0, 200));
    assertThat(backend.stream.calls).containsExactly(200);
  }

  private List<ChatId> chats(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> backend.chat("c%03d".formatted(i), "members", "ana", "bob"))
        .toList();
  }

  private void say(ChatId chatId, int sequenceNumber) {
    Position position = Position.of(Integer.toString(sequenceNumber), 0);
    Entry entry =
        new Entry.Posted(
            position, Cursor.start(), BOB, new ClientMessageId("c"), "x", Backend.NOW, false);
    backend.table.messages().writeBatch(List.of(new Messages.Stored(chatId, entry)));
  }
}
