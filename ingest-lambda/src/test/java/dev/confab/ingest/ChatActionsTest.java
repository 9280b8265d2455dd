package dev.confab.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Access;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.Cursor;
import dev.confab.events.EndReason;
import dev.confab.events.ErrorCode;
import dev.confab.events.Role;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.table.Faults;
import dev.confab.table.Members;
import dev.confab.table.TableCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChatActionsTest {
  private static final ChatId LOBBY = new ChatId("lobby");
  private static final UserId ANA = new UserId("ana");
  private static final UserId BOB = new UserId("bob");

  private final Backend backend = new Backend();

  private static void assertFailed(@Nullable ServerFrame answer, ErrorCode code) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            ServerFrame.Failed.class, failed -> assertThat(failed.code()).isEqualTo(code));
  }

  private @Nullable ServerFrame create(String user, @Nullable String title, Access access) {
    return backend.ask(user, new ClientFrame.CreateChat("r", LOBBY, title, access));
  }

  private @Nullable ServerFrame add(String user, String whom) {
    return backend.ask(user, new ClientFrame.AddMember("r", LOBBY, new UserId(whom)));
  }

  private @Nullable ServerFrame remove(String user, String whom) {
    return backend.ask(user, new ClientFrame.RemoveMember("r", LOBBY, new UserId(whom)));
  }

  private @Nullable ServerFrame leave(String user) {
    return backend.ask(user, new ClientFrame.Leave("r", LOBBY));
  }

  private ChatEvent removed(String user, long generation, EndReason reason) {
    return new ChatEvent.MemberRemoved(
        LOBBY, new UserId(user), generation, reason, backend.clock.instant(), null);
  }

  private Role roleOf(String user) {
    Members.Membership membership = backend.table.members().of(LOBBY, new UserId(user));
    return Objects.requireNonNull(membership).role();
  }

  @Test
  void createChat_makesItsCreatorOwner_andAgainIsTheSameAnswer() {
    var created = new ServerFrame.ChatCreated("r", LOBBY, "The lobby", Access.OPEN);

    assertThat(create("ana", "The lobby", Access.OPEN)).isEqualTo(created);
    assertThat(create("ana", "The lobby", Access.OPEN)).isEqualTo(created);
    assertThat(roleOf("ana")).isEqualTo(Role.OWNER);
  }

  @Test
  void chatOfAnother_orOtherwise_exists() {
    create("ana", null, Access.OPEN);

    assertFailed(create("bob", null, Access.OPEN), ErrorCode.CHAT_EXISTS);
    assertFailed(create("ana", null, Access.MEMBERS), ErrorCode.CHAT_EXISTS);
  }

  @Test
  void addMember_isForOwners() {
    backend.chat("lobby", "open", "ana", "bob");

    assertThat(add("ana", "eve"))
        .isEqualTo(new ServerFrame.MemberAdded("r", LOBBY, new UserId("eve")));
    assertThat(roleOf("eve")).isEqualTo(Role.MEMBER);
    assertFailed(add("bob", "zoe"), ErrorCode.NOT_OWNER);
    assertFailed(add("zoe", "zoe"), ErrorCode.CHAT_NOT_FOUND);
    assertThat(add("ana", "ana")).isInstanceOf(ServerFrame.MemberAdded.class);
    assertThat(roleOf("ana")).as("still").isEqualTo(Role.OWNER);
  }

  @Test
  void removeMember_marksTheMember_andSaysSoOnTheStream() {
    backend.chat("lobby", "open", "ana", "bob");

    assertThat(remove("ana", "bob")).isEqualTo(new ServerFrame.MemberRemoved("r", LOBBY, BOB));
    assertThat(roleOf("bob")).isEqualTo(Role.REMOVED);
    assertThat(backend.stream.events).containsExactly(removed("bob", 1, EndReason.REMOVED));
  }

  @Test
  void removeMember_again_saysItAgain_ofTheSameGeneration() {
    backend.chat("lobby", "open", "ana", "bob");
    remove("ana", "bob");
    remove("ana", "bob");

    assertThat(backend.stream.events)
        .containsExactly(
            removed("bob", 1, EndReason.REMOVED), removed("bob", 1, EndReason.REMOVED));
  }

  /** The crash between: the table says removed, the stream says nothing. */
  @Test
  void removalWhoseEventFailed_isUnavailable_andHealedByTheNextCall() {
    backend.chat("lobby", "open", "ana", "bob");
    backend.stream.failAlways(InMemoryStream.Fault.NOT_TAKEN);
    assertFailed(remove("ana", "bob"), ErrorCode.UNAVAILABLE);
    assertThat(roleOf("bob")).isEqualTo(Role.REMOVED);
    assertThat(backend.stream.events).isEmpty();

    backend.stream.faults.clear();
    assertThat(remove("ana", "bob")).isInstanceOf(ServerFrame.MemberRemoved.class);
    assertThat(backend.stream.events).hasSize(1);
  }

  @Test
  void tableThatDidNotAnswer_isHealedByTheNextCall() {
    backend.chat("lobby", "open", "ana", "bob");
    backend.tableFaults.put(TableCall.MEMBERS_REMOVE, Faults.Fault.DONE_UNANSWERED);
    assertFailed(remove("ana", "bob"), ErrorCode.UNAVAILABLE);
    assertThat(backend.stream.events).isEmpty();

    backend.tableFaults.clear();
    remove("ana", "bob");
    assertThat(backend.stream.events).containsExactly(removed("bob", 1, EndReason.REMOVED));
  }

  @Test
  void addedAgain_isANewGeneration() {
    backend.chat("lobby", "open", "ana", "bob");
    remove("ana", "bob");
    add("ana", "bob");
    remove("ana", "bob");

    assertThat(backend.stream.events)
        .containsExactly(
            removed("bob", 1, EndReason.REMOVED), removed("bob", 2, EndReason.REMOVED));
  }

  @Test
  void removeMember_isForOwners_andOfOthers() {
    backend.chat("lobby", "open", "ana", "bob");

    assertFailed(remove("bob", "ana"), ErrorCode.NOT_OWNER);
    assertFailed(remove("eve", "ana"), ErrorCode.CHAT_NOT_FOUND);
    assertFailed(remove("ana", "eve"), ErrorCode.MEMBER_NOT_FOUND);
    assertFailed(remove("ana", "ana"), ErrorCode.INVALID_FIELD);
    assertThat(roleOf("ana")).isEqualTo(Role.OWNER);
    assertThat(backend.stream.calls).isEmpty();
  }

  @Test
  void leave_endsTheOwnMembership() {
    backend.chat("lobby", "open", "ana", "bob");

    assertThat(leave("bob")).isEqualTo(new ServerFrame.Left("r", LOBBY));
    assertThat(leave("bob")).as("again").isEqualTo(new ServerFrame.Left("r", LOBBY));
    assertThat(backend.stream.events)
        .containsExactly(removed("bob", 1, EndReason.LEFT), removed("bob", 1, EndReason.LEFT));
    assertFailed(leave("eve"), ErrorCode.CHAT_NOT_FOUND);
  }

  @Test
  void lastOwner_staysWhileOthersRemain() {
    backend.chat("lobby", "open", "ana", "bob");

    assertFailed(leave("ana"), ErrorCode.LAST_OWNER);
    assertThat(backend.stream.calls).isEmpty();
    leave("bob");
    assertThat(leave("ana")).isInstanceOf(ServerFrame.Left.class);
  }

  @Test
  void leaveWhoseEventFailed_isHealedByTheNextCall() {
    backend.chat("lobby", "open", "ana", "bob");
    backend.stream.failAlways(InMemoryStream.Fault.NOT_TAKEN);
    assertFailed(leave("bob"), ErrorCode.UNAVAILABLE);

    backend.stream.faults.clear();
    assertThat(leave("bob")).isInstanceOf(ServerFrame.Left.class);
    assertThat(backend.stream.events).containsExactly(removed("bob", 1, EndReason.LEFT));
  }

  @Test
  void removedUser_whoLeaves_isToldAsIfThereWereNoChat() {
    backend.chat("lobby", "open", "ana", "bob");
    remove("ana", "bob");
    assertFailed(leave("bob"), ErrorCode.CHAT_NOT_FOUND);
  }

  @Test
  void members_arePaged_withNames() {
    backend.chat("lobby", "members", "ana", "bob", "eve");
    backend.table.users().put(ANA, "Ana \"the\" first");

    assertThat(backend.ask("bob", new ClientFrame.Members("r", LOBBY, null, 2)))
        .isEqualTo(
            new ServerFrame.Members(
                "r",
                LOBBY,
                List.of(
                    new ServerFrame.Member(ANA, Role.OWNER, "Ana \"the\" first"),
                    new ServerFrame.Member(BOB, Role.MEMBER, null)),
                true));
    assertThat(backend.ask("bob", new ClientFrame.Members("r", LOBBY, BOB, 2)))
        .isEqualTo(
            new ServerFrame.Members(
                "r",
                LOBBY,
                List.of(new ServerFrame.Member(new UserId("eve"), Role.MEMBER, null)),
                false));
  }

  @Test
  void members_areForMembers() {
    backend.chat("lobby", "open", "ana", "bob");
    remove("ana", "bob");

    for (String user : List.of("eve", "bob")) {
      assertFailed(
          backend.ask(user, new ClientFrame.Members("r", LOBBY, null, 2)),
          ErrorCode.CHAT_NOT_FOUND);
    }
  }

  @Test
  void membersWithLongNames_areCutToAFrame_andAllFoundInTheEnd() {
    List<String> users = new ArrayList<>();
    for (int i = 0; i < 99; i++) {
      String user = "u%02d".formatted(i) + "x".repeat(125);
      users.add(user);
      backend.table.users().put(new UserId(user), "\\".repeat(128));
    }
    backend.chat("lobby", "open", "ana", users.toArray(String[]::new));

    List<String> found = new ArrayList<>();
    UserId after = null;
    boolean hasMore = true;
    int pages = 0;
    while (hasMore) {
      var frame = new ClientFrame.Members("r", LOBBY, after, 100);
      ServerFrame.Members page = backend.ask("ana", frame, ServerFrame.Members.class);
      assertThat(Pages.bytes(page)).isLessThanOrEqualTo(ServerFrame.MAX_FRAME_BYTES);
      page.members().forEach(member -> found.add(member.userId().value()));
      after = page.members().getLast().userId();
      hasMore = page.hasMore();
      pages++;
    }
    assertThat(found).hasSize(100).containsAll(users).doesNotHaveDuplicates();
    assertThat(pages).isBetween(2, 3);
  }

  @Test
  void chats_areTheCallersOwn_paged() {
    backend.chat("a", "open", "ana", "bob");
    backend.chat("b", "members", "ana");
    backend.chat("c", "open", "bob");

    assertThat(backend.ask("bob", new ClientFrame.Chats("r", null, 1)))
        .isEqualTo(
            new ServerFrame.Chats(
                "r",
                List.of(
                    new ServerFrame.ChatSummary(
                        new ChatId("a"), null, Role.MEMBER, Cursor.start())),
                true));
    assertThat(backend.ask("bob", new ClientFrame.Chats("r", new ChatId("a"), 1)))
        .isEqualTo(
            new ServerFrame.Chats(
                "r",
                List.of(
                    new ServerFrame.ChatSummary(new ChatId("c"), null, Role.OWNER, Cursor.start())),
                false));
    assertThat(backend.ask("eve", new ClientFrame.Chats("r", null, 1)))
        .isEqualTo(new ServerFrame.Chats("r", List.of(), false));
  }

  @Test
  void chatsWithLongTitles_areCutToAFrame() {
    for (int i = 0; i < 100; i++) {
      backend.ask(
          "ana",
          new ClientFrame.CreateChat(
              null,
              new ChatId("c%02d".formatted(i) + "x".repeat(61)),
              "\"".repeat(256),
              Access.OPEN));
    }
    var page = backend.ask("ana", new ClientFrame.Chats("r", null, 100), ServerFrame.Chats.class);
    assertThat(page.hasMore()).isTrue();
    assertThat(Pages.bytes(page)).isBetween(31_000, ServerFrame.MAX_FRAME_BYTES);
  }
}
