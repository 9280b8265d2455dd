package dev.confab.table;

import dev.confab.events.Access;
import dev.confab.events.ChatId;
import dev.confab.events.Cursor;
import dev.confab.events.Role;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Chats in the table. */
final class DynamoDbChats implements Chats {
  /** The second look finds the chat of whoever came first. */
  private static final int MAX_LOOKS = 10;

  private final TableClient table;
  private final Messages messages;

  DynamoDbChats(TableClient table, Messages messages) {
    this.table = table;
    this.messages = messages;
  }

  @Override
  public Creation create(Chat chat) {
    Members.Membership owner =
        new Members.Membership(chat.chatId(), chat.createdBy(), Role.OWNER, 1);
    for (int look = 1; look <= MAX_LOOKS; look++) {
      TableClient.Written written =
          table.transact(
              table.putting(itemOf(chat), Condition.ABSENT),
              table.putting(DynamoDbMembers.itemOf(owner)));
      if (written instanceof TableClient.Written.Done) {
        return Creation.CREATED;
      }
      Chat held = of(chat.chatId());
      if (held != null) {
        return held.equals(chat) ? Creation.SAME : Creation.TAKEN;
      }
    }
    throw new TableUnavailableException("others kept making " + chat.chatId());
  }

  @Override
  public @Nullable Chat of(ChatId chatId) {
    Item item = table.get(Keys.chat(chatId));
    return item == null ? null : chatOf(item);
  }

  @Override
  public List<ServerFrame.ChatSummary> summaries(List<Members.Membership> memberships) {
    List<ChatId> chatIds = memberships.stream().map(Members.Membership::chatId).toList();
    Map<Key, Item> chats = table.getAll(chatIds.stream().map(Keys::chat).toList(), true);
    Map<ChatId, Cursor> newest = messages.newest(chatIds);
    List<ServerFrame.ChatSummary> summaries = new ArrayList<>();
    for (Members.Membership membership : memberships) {
      ChatId chatId = membership.chatId();
      Item chat = chats.get(Keys.chat(chatId));
      if (chat != null) {
        summaries.add(
            new ServerFrame.ChatSummary(
                chatId,
                chatOf(chat).title(),
                membership.role(),
                newest.getOrDefault(chatId, Cursor.start())));
      }
    }
    return summaries;
  }

  private static Item itemOf(Chat chat) {
    return Item.at(Keys.chat(chat.chatId()))
        .with(Attributes.TITLE, chat.title())
        .with(Attributes.ACCESS, chat.access().wire())
        .with(Attributes.CREATED_BY, chat.createdBy().value());
  }

  private static Chat chatOf(Item item) {
    return new Chat(
        Keys.chatIdOf(item.key()),
        item.optional(Attributes.TITLE),
        Access.parse(item.string(Attributes.ACCESS)),
        new UserId(item.string(Attributes.CREATED_BY)));
  }
}
