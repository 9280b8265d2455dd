package dev.confab.table;

import dev.confab.events.ChatId;
import dev.confab.events.Role;
import dev.confab.events.UserId;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

final class InMemoryMembers implements Members {
  private final InMemoryTable table;
  private final NavigableMap<ChatId, NavigableMap<UserId, Membership>> chats = new TreeMap<>();

  /** The ended memberships that their users ended themselves. */
  private final Set<Membership> left = new HashSet<>();

  InMemoryMembers(InMemoryTable table) {
    this.table = table;
  }

  private NavigableMap<UserId, Membership> chat(ChatId chatId) {
    return chats.computeIfAbsent(chatId, _ -> new TreeMap<>());
  }

  private Membership put(Membership membership) {
    chat(membership.chatId()).put(membership.userId(), membership);
    return membership;
  }

  @Override
  public @Nullable Membership of(ChatId chatId, UserId userId) {
    return table.call(TableCall.MEMBERS_READ, () -> chat(chatId).get(userId));
  }

  @Override
  public List<Membership> in(ChatId chatId, @Nullable UserId after, int limit) {
    Checks.limit(limit);
    return table.call(
        TableCall.MEMBERS_READ,
        () ->
            chat(chatId).values().stream()
                .filter(Membership::isActive)
                .filter(member -> after == null || member.userId().compareTo(after) > 0)
                .limit(limit)
                .toList());
  }

  @Override
  public List<Membership> of(UserId userId, @Nullable ChatId after, int limit) {
    Checks.limit(limit);
    return table.call(
        TableCall.MEMBERS_READ,
        () ->
            chats.values().stream()
                .filter(chat -> chat.containsKey(userId))
                .map(chat -> chat.get(userId))
                .filter(Membership::isActive)
                .filter(member -> after == null || member.chatId().compareTo(after) > 0)
                .limit(limit)
                .toList());
  }

  @Override
  public Membership add(ChatId chatId, UserId userId, Role role) {
    Checks.grantable(role);
    return table.call(TableCall.MEMBERS_ADD, () -> admit(chatId, userId, role));
  }

  /** Within a call of the table. */
  Membership admit(ChatId chatId, UserId userId, Role role) {
    Membership held = chat(chatId).get(userId);
    if (held != null && held.isActive()) {
      return held;
    }
    return put(new Membership(chatId, userId, role, held == null ? 1 : held.generation() + 1));
  }

  @Override
  public Join join(ChatId chatId, UserId userId) {
    return table.call(
        TableCall.MEMBERS_JOIN,
        () -> {
          Membership held = chat(chatId).get(userId);
          if (held != null && !held.isActive() && !left.contains(held)) {
            return new Join.Barred();
          }
          return new Join.Joined(admit(chatId, userId, Role.MEMBER));
        });
  }

  @Override
  public Removal remove(ChatId chatId, UserId userId, UserId owner) {
    Checks.other(userId, owner);
    return table.call(
        TableCall.MEMBERS_REMOVE,
        () -> {
          Membership asking = chat(chatId).get(owner);
          if (asking == null || asking.role() != Role.OWNER) {
            return new Removal.NotOwner();
          }
          Membership held = chat(chatId).get(userId);
          if (held == null) {
            return new Removal.NeverMember();
          }
          left.remove(end(held));
          return new Removal.Removed(held.generation());
        });
  }

  private Membership end(Membership held) {
    return put(new Membership(held.chatId(), held.userId(), Role.REMOVED, held.generation()));
  }

  @Override
  public Leave leave(ChatId chatId, UserId userId) {
    return table.call(
        TableCall.MEMBERS_LEAVE,
        () -> {
          Membership held = chat(chatId).get(userId);
          if (held == null || (!held.isActive() && !left.contains(held))) {
            return new Leave.NotMember();
          }
          if (held.role() == Role.OWNER && isLastOwnerAmongOthers(held)) {
            return new Leave.LastOwner();
          }
          left.add(end(held));
          return new Leave.Left(held.generation());
        });
  }

  private boolean isLastOwnerAmongOthers(Membership owner) {
    List<Membership> others =
        chat(owner.chatId()).values().stream()
            .filter(Membership::isActive)
            .filter(member -> !member.equals(owner))
            .toList();
    return !others.isEmpty() && others.stream().noneMatch(other -> other.role() == Role.OWNER);
  }
}
