package dev.confab.table;

import static dev.confab.table.Samples.ANA;
import static dev.confab.table.Samples.BEN;
import static dev.confab.table.Samples.CLEO;
import static dev.confab.table.Samples.LOBBY;
import static dev.confab.table.Samples.NOON;
import static dev.confab.table.Samples.subscription;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.confab.events.Access;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Role;
import dev.confab.events.UserId;
import dev.confab.table.Members.Join;
import dev.confab.table.Members.Leave;
import dev.confab.table.Members.Membership;
import dev.confab.table.Members.Removal;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link Members} does. */
public abstract class MembersContract {
  private ChatTable table;
  private Members members;

  protected abstract ChatTable newTable();

  @BeforeEach
  void setUp() {
    table = newTable();
    members = table.members();
    table.chats().create(new Chats.Chat(LOBBY, null, Access.OPEN, ANA));
  }

  private static Membership membership(UserId userId, Role role, long generation) {
    return new Membership(LOBBY, userId, role, generation);
  }

  @Test
  void whoWasNeverThere_hasNoMembership() {
    assertThat(members.of(LOBBY, BEN)).isNull();
    assertThat(members.of(new ChatId("hall"), ANA)).isNull();
  }

  @Test
  void whoeverIsAdded_isInGenerationOne() {
    assertThat(members.add(LOBBY, BEN, Role.MEMBER)).isEqualTo(membership(BEN, Role.MEMBER, 1));
    assertThat(members.of(LOBBY, BEN)).isEqualTo(membership(BEN, Role.MEMBER, 1));
  }

  @Test
  void whoIsAddedAgain_staysAsTheyAre() {
    members.add(LOBBY, BEN, Role.MEMBER);

    assertThat(members.add(LOBBY, BEN, Role.MEMBER)).isEqualTo(membership(BEN, Role.MEMBER, 1));
    assertThat(members.add(LOBBY, BEN, Role.OWNER)).isEqualTo(membership(BEN, Role.MEMBER, 1));
    assertThat(members.add(LOBBY, ANA, Role.MEMBER)).isEqualTo(membership(ANA, Role.OWNER, 1));
  }

  @Test
  void eachAddAfterAnEnd_raisesTheGeneration() {
    for (int generation = 1; generation <= 3; generation++) {
      assertThat(members.add(LOBBY, BEN, Role.MEMBER).generation()).isEqualTo(generation);
      assertThat(members.remove(LOBBY, BEN, ANA)).isEqualTo(new Removal.Removed(generation));
      assertThat(members.of(LOBBY, BEN)).isEqualTo(membership(BEN, Role.REMOVED, generation));
    }
  }

  @Test
  void nobodyIsAddedAsRemoved() {
    assertThatIllegalArgumentException().isThrownBy(() -> members.add(LOBBY, BEN, Role.REMOVED));
  }

  @Test
  void aRemovalMadeAgain_saysTheSameGeneration() {
    members.add(LOBBY, BEN, Role.MEMBER);
    members.remove(LOBBY, BEN, ANA);

    assertThat(members.remove(LOBBY, BEN, ANA)).isEqualTo(new Removal.Removed(1));
    assertThat(members.of(LOBBY, BEN)).isEqualTo(membership(BEN, Role.REMOVED, 1));
  }

  @Test
  void onlyAnOwner_removes_andOnlyWhoWasThere() {
    members.add(LOBBY, BEN, Role.MEMBER);
    members.add(LOBBY, CLEO, Role.MEMBER);

    assertThat(members.remove(LOBBY, BEN, CLEO)).isEqualTo(new Removal.NotOwner());
    assertThat(members.remove(LOBBY, BEN, new UserId("dan"))).isEqualTo(new Removal.NotOwner());
    assertThat(members.remove(LOBBY, new UserId("dan"), ANA)).isEqualTo(new Removal.NeverMember());
    assertThat(members.of(LOBBY, BEN)).isEqualTo(membership(BEN, Role.MEMBER, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> members.remove(LOBBY, ANA, ANA));
  }

  @Test
  void anOwnerWhoWasRemoved_removesNobody() {
    members.add(LOBBY, BEN, Role.OWNER);
    members.remove(LOBBY, BEN, ANA);

    assertThat(members.remove(LOBBY, ANA, BEN)).isEqualTo(new Removal.NotOwner());
    assertThat(members.of(LOBBY, ANA)).isEqualTo(membership(ANA, Role.OWNER, 1));
  }

  @Test
  void whoWasRemoved_joinsOnlyAfterBeingAdded() {
    members.join(LOBBY, BEN);
    members.remove(LOBBY, BEN, ANA);

    assertThat(members.join(LOBBY, BEN)).isEqualTo(new Join.Barred());
    assertThat(members.of(LOBBY, BEN)).isEqualTo(membership(BEN, Role.REMOVED, 1));

    members.add(LOBBY, BEN, Role.MEMBER);
    assertThat(members.join(LOBBY, BEN))
        .isEqualTo(new Join.Joined(membership(BEN, Role.MEMBER, 2)));
  }

  @Test
  void whoLeft_mayJoinAgain_inANewGeneration() {
    members.join(LOBBY, BEN);
    assertThat(members.leave(LOBBY, BEN)).isEqualTo(new Leave.Left(1));

    assertThat(members.join(LOBBY, BEN))
        .isEqualTo(new Join.Joined(membership(BEN, Role.MEMBER, 2)));
    assertThat(members.join(LOBBY, BEN))
        .isEqualTo(new Join.Joined(membership(BEN, Role.MEMBER, 2)));
  }

  @Test
  void whoLeft_canStillBeBarred() {
    members.join(LOBBY, BEN);
    members.leave(LOBBY, BEN);

    assertThat(members.remove(LOBBY, BEN, ANA)).isEqualTo(new Removal.Removed(1));

    assertThat(members.join(LOBBY, BEN)).isEqualTo(new Join.Barred());
    assertThat(members.leave(LOBBY, BEN)).isEqualTo(new Leave.NotMember());
  }

  @Test
  void whoWasRemovedAfterComingBack_isBarred() {
    members.join(LOBBY, BEN);
    members.leave(LOBBY, BEN);
    members.join(LOBBY, BEN);
    members.remove(LOBBY, BEN, ANA);

    assertThat(members.join(LOBBY, BEN)).isEqualTo(new Join.Barred());
  }

  @Test
  void aLeaveMadeAgain_saysTheSameGeneration() {
    members.add(LOBBY, BEN, Role.MEMBER);
    members.leave(LOBBY, BEN);

    assertThat(members.leave(LOBBY, BEN)).isEqualTo(new Leave.Left(1));
    assertThat(members.leave(LOBBY, CLEO)).isEqualTo(new Leave.NotMember());
  }

  @Test
  void theLastOwner_staysWhileOthersDo() {
    members.add(LOBBY, BEN, Role.MEMBER);

    assertThat(members.leave(LOBBY, ANA)).isEqualTo(new Leave.LastOwner());
    assertThat(members.of(LOBBY, ANA)).isEqualTo(membership(ANA, Role.OWNER, 1));

    members.leave(LOBBY, BEN);
    assertThat(members.leave(LOBBY, ANA)).isEqualTo(new Leave.Left(1));
    assertThat(members.in(LOBBY, null, 9)).isEmpty();
  }

  @Test
  void anOwner_mayGoWhileAnotherStays() {
    members.add(LOBBY, BEN, Role.MEMBER);
    members.add(LOBBY, CLEO, Role.OWNER);

    assertThat(members.leave(LOBBY, ANA)).isEqualTo(new Leave.Left(1));
    assertThat(members.leave(LOBBY, CLEO)).isEqualTo(new Leave.LastOwner());
  }

  @Test
  void membersOfAChat_areInTheOrderOfTheirIds_pageByPage() {
    List<UserId> userIds =
        List.of("a", "a-b", "a.b", "a1", "a:", "a@", "aA", "a_", "ab", "ana", "a|b").stream()
            .map(UserId::new)
            .toList();
    userIds.forEach(userId -> members.add(LOBBY, userId, Role.MEMBER));

    assertThat(members.in(LOBBY, null, 99))
        .extracting(Membership::userId)
        .isSorted()
        .hasSameElementsAs(userIds);
    UserId after = null;
    for (UserId expected : userIds.stream().sorted().toList()) {
      List<Membership> page = members.in(LOBBY, after, 1);
      assertThat(page).extracting(Membership::userId).containsExactly(expected);
      after = expected;
    }
    assertThat(members.in(LOBBY, after, 1)).isEmpty();
  }

  @Test
  void membersOfAChat_areNotThoseWhoseMembershipEnded_howeverMany() {
    IntStream.range(0, 120)
        .mapToObj(n -> new UserId("b" + n))
        .forEach(
            userId -> {
              members.add(LOBBY, userId, Role.MEMBER);
              members.leave(LOBBY, userId);
            });
    members.add(LOBBY, CLEO, Role.MEMBER);

    assertThat(members.in(LOBBY, null, 2))
        .containsExactly(membership(ANA, Role.OWNER, 1), membership(CLEO, Role.MEMBER, 1));
    assertThat(members.in(LOBBY, ANA, 1)).containsExactly(membership(CLEO, Role.MEMBER, 1));
    assertThat(members.in(LOBBY, CLEO, 1)).isEmpty();
  }

  @Test
  void nothingElseInTheTable_isAMember() {
    table.subscriptions().put(LOBBY, subscription("c", 1, null, NOON));
    Samples.write(table.messages(), LOBBY, Samples.chain(0, 2));
    members.add(new ChatId("lobby-2"), BEN, Role.MEMBER);

    assertThat(members.in(LOBBY, null, 9)).containsExactly(membership(ANA, Role.OWNER, 1));
  }

  @Test
  void chatsOfAUser_areInTheOrderOfTheirIds_pageByPage() {
    List<ChatId> chatIds =
        List.of("b", "b-", "b0", "bB", "b_", "bb").stream().map(ChatId::new).toList();
    chatIds.forEach(chatId -> members.add(chatId, BEN, Role.MEMBER));
    members.add(LOBBY, CLEO, Role.MEMBER);
    members.add(new ChatId("b"), new UserId("benn"), Role.MEMBER);

    ChatId after = null;
    for (ChatId expected : chatIds.stream().sorted().toList()) {
      assertThat(members.of(BEN, after, 1))
          .containsExactly(new Membership(expected, BEN, Role.MEMBER, 1));
      after = expected;
    }
    assertThat(members.of(BEN, after, 1)).isEmpty();
    assertThat(members.of(BEN, null, 99)).hasSize(6);
  }

  @Test
  void chatsOfAUser_areNotThoseThatEnded_untilAddedAgain() {
    members.add(LOBBY, BEN, Role.MEMBER);
    members.add(new ChatId("hall"), BEN, Role.MEMBER);
    members.remove(LOBBY, BEN, ANA);

    assertThat(members.of(BEN, null, 9))
        .containsExactly(new Membership(new ChatId("hall"), BEN, Role.MEMBER, 1));

    members.add(LOBBY, BEN, Role.MEMBER);
    assertThat(members.of(BEN, null, 9))
        .containsExactly(
            new Membership(new ChatId("hall"), BEN, Role.MEMBER, 1),
            membership(BEN, Role.MEMBER, 2));
  }

  @Test
  void nothingElseOfAUser_isAChat() {
    Samples.write(table.messages(), LOBBY, Samples.chain(0, 2));
    table
        .connections()
        .put(new Connections.Connection(new ConnectionId("c"), ANA, NOON, NOON.plusSeconds(1)));
    table.users().put(ANA, "Ana");

    assertThat(members.of(ANA, null, 9)).containsExactly(membership(ANA, Role.OWNER, 1));
  }

  @Test
  void manyChatsOfAUser_areOnePage() {
    IntStream.range(0, 150)
        .forEach(n -> members.add(new ChatId("chat-" + (1000 + n)), BEN, Role.MEMBER));

    assertThat(members.of(BEN, null, 200)).hasSize(150);
    assertThat(members.of(BEN, new ChatId("chat-1099"), 200)).hasSize(50);
  }

  @Test
  void aLimitBelowOne_isABug() {
    assertThatIllegalArgumentException().isThrownBy(() -> members.in(LOBBY, null, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> members.of(ANA, null, 0));
  }
}
