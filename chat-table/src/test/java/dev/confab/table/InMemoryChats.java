package dev.confab.table;

import dev.confab.events.ChatId;
import dev.confab.events.Role;
import dev.confab.events.ServerFrame;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

final class InMemoryChats implements Chats {
  private final InMemoryTable table;
  private final InMemoryMembers members;
  private final InMemoryMessages messages;
  private final Map<ChatId, Chat> chats = new HashMap<>();

  InMemoryChats(InMemoryTable table, InMemoryMembers members, InMemoryMessages messages) {
    this.table = table;
    this.members = members;
    this.messages = messages;
  }

  @Override
  public Creation create(Chat chat) {
    return table.call(
        TableCall.CHATS_CREATE,
        () -> {
          Chat held = chats.putIfAbsent(chat.chatId(), chat);
          if (held != null) {
            return held.equals(chat) ? Creation.SAME : Creation.TAKEN;
          }
          members.admit(chat.chatId(), chat.createdBy(), Role.OWNER);
          return Creation.CREATED;
        });
  }

  @Override
  public @Nullable Chat of(ChatId chatId) {
    return table.call(TableCall.CHATS_READ, () -> chats.get(chatId));
  }

  @Override
  public List<ServerFrame.ChatSummary> summaries(List<Members.Membership> memberships) {
    return table.call(
        TableCall.CHATS_READ,
        () ->
            memberships.stream()
                .filter(membership -> chats.containsKey(membership.chatId()))
                .map(membership -> summary(membership, chats.get(membership.chatId())))
                .toList());
  }

  private ServerFrame.ChatSummary summary(Members.Membership membership, @Nullable Chat chat) {
    return new ServerFrame.ChatSummary(
        membership.chatId(),
        chat == null ? null : chat.title(),
        membership.role(),
        messages.newest(membership.chatId()));
  }
}
