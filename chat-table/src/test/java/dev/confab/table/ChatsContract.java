package dev.confab.table;

import static dev.confab.table.Samples.ANA;
import static dev.confab.table.Samples.BEN;
import static dev.confab.table.Samples.LOBBY;
import static dev.confab.table.Samples.position;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Access;
import dev.confab.events.ChatId;
import dev.confab.events.Cursor;
import dev.confab.events.Role;
import dev.confab.events.ServerFrame;
import dev.confab.table.Chats.Chat;
import dev.confab.table.Chats.Creation;
import dev.confab.table.Members.Membership;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link Chats} does. */
public abstract class ChatsContract {
  private static final Chat CHAT = new Chat(LOBBY, "The lobby", Access.OPEN, ANA);

  private ChatTable table;
  private Chats chats;

  protected abstract ChatTable newTable();

  @BeforeEach
  void setUp() {
    table = newTable();
    chats = table.chats();
  }

  @Test
  void aChat_comesWithItsOwner() {
    assertThat(chats.of(LOBBY)).isNull();

    assertThat(chats.create(CHAT)).isEqualTo(Creation.CREATED);

    assertThat(chats.of(LOBBY)).isEqualTo(CHAT);
    assertThat(table.members().of(LOBBY, ANA)).isEqualTo(new Membership(LOBBY, ANA, Role.OWNER, 1));
    assertThat(table.members().of(ANA, null, 9)).hasSize(1);
  }

  @Test
  void aTitle_mayBeAbsent() {
    Chat untitled = new Chat(LOBBY, null, Access.MEMBERS, ANA);
    chats.create(untitled);

    assertThat(chats.of(LOBBY)).isEqualTo(untitled);
  }

  @Test
  void theSameCallAgain_isTheSameAnswer_andChangesNothing() {
    chats.create(CHAT);
    table.members().add(LOBBY, BEN, Role.OWNER);
    table.members().leave(LOBBY, ANA);

    assertThat(chats.create(CHAT)).isEqualTo(Creation.SAME);

    assertThat(table.members().of(LOBBY, ANA))
        .isEqualTo(new Membership(LOBBY, ANA, Role.REMOVED, 1));
  }

  @Test
  void anyOtherChatOfTheSameId_isTaken_andMakesNoMember() {
    chats.create(CHAT);

    assertThat(chats.create(new Chat(LOBBY, "The lobby", Access.OPEN, BEN)))
        .isEqualTo(Creation.TAKEN);
    assertThat(chats.create(new Chat(LOBBY, "Other", Access.OPEN, ANA))).isEqualTo(Creation.TAKEN);
    assertThat(chats.create(new Chat(LOBBY, null, Access.OPEN, ANA))).isEqualTo(Creation.TAKEN);
    assertThat(chats.create(new Chat(LOBBY, "The lobby", Access.MEMBERS, ANA)))
        .isEqualTo(Creation.TAKEN);

    assertThat(chats.of(LOBBY)).isEqualTo(CHAT);
    assertThat(table.members().of(LOBBY, BEN)).isNull();
  }

  @Test
  void summaries_keepTheOrder_andLeaveOutWhatIsMissing() {
    ChatId hall = new ChatId("hall");
    chats.create(CHAT);
    chats.create(new Chat(hall, null, Access.MEMBERS, BEN));
    Samples.write(table.messages(), LOBBY, Samples.chain(0, 3));

    List<ServerFrame.ChatSummary> summaries =
        chats.summaries(
            List.of(
                new Membership(LOBBY, ANA, Role.OWNER, 1),
                new Membership(new ChatId("gone"), ANA, Role.MEMBER, 1),
                new Membership(hall, ANA, Role.MEMBER, 4)));

    assertThat(summaries)
        .containsExactly(
            new ServerFrame.ChatSummary(LOBBY, "The lobby", Role.OWNER, position(2)),
            new ServerFrame.ChatSummary(hall, null, Role.MEMBER, Cursor.start()));
    assertThat(chats.summaries(List.of())).isEmpty();
  }

  @Test
  void summaries_ofMany_areOneList() {
    List<Membership> memberships =
        IntStream.range(0, 130)
            .mapToObj(n -> new ChatId("chat-" + n))
            .map(chatId -> new Membership(chatId, ANA, Role.OWNER, 1))
            .toList();
    memberships.forEach(
        membership -> chats.create(new Chat(membership.chatId(), null, Access.OPEN, ANA)));

    assertThat(chats.summaries(memberships))
        .extracting(ServerFrame.ChatSummary::chatId)
        .isEqualTo(memberships.stream().map(Membership::chatId).toList());
  }
}
