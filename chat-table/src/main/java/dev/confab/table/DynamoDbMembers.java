package dev.confab.table;

import dev.confab.events.ChatId;
import dev.confab.events.EndReason;
import dev.confab.events.Role;
import dev.confab.events.UserId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Members in the table. A change reads, decides, and writes on the condition that what it read
 * still holds; else it starts over. A membership that ended has no keys in the index.
 */
final class DynamoDbMembers implements Members {
  /** Each further look means that another's change came between: far more than ever should. */
  private static final int MAX_LOOKS = 10;

  /** Members that an owner who leaves looks through at a time. */
  private static final int OTHERS_PAGE = 1_000;

  private static final Condition IS_ACTIVE =
      new Condition(
          "#role <> :removed",
          Map.of("#role", Attributes.ROLE),
          Map.of(":removed", AttributeValue.fromS(Role.REMOVED.wire())));

  private final TableClient table;

  DynamoDbMembers(TableClient table) {
    this.table = table;
  }

  /**
   * A membership as the table holds it.
   *
   * @param endReason of one that ended
   */
  private record Held(Membership membership, @Nullable EndReason endReason) {
    static @Nullable Held read(@Nullable Item item) {
      if (item == null) {
        return null;
      }
      String endReason = item.optional(Attributes.END_REASON);
      return new Held(membershipOf(item), endReason == null ? null : EndReason.parse(endReason));
    }

    boolean isActive() {
      return membership.isActive();
    }
  }

  @Override
  public @Nullable Membership of(ChatId chatId, UserId userId) {
    Item item = table.get(Keys.member(chatId, userId));
    return item == null ? null : membershipOf(item);
  }

  @Override
  public List<Membership> in(ChatId chatId, @Nullable UserId after, int limit) {
    Checks.limit(limit);
    return table.query(Keys.members(chatId, after), false, limit, IS_ACTIVE).stream()
        .map(DynamoDbMembers::membershipOf)
        .toList();
  }

  @Override
  public List<Membership> of(UserId userId, @Nullable ChatId after, int limit) {
    Checks.limit(limit);
    return table
        .queryIndex(
            Keys.chatsOf(userId, after), false, limit, item -> membershipOf(item).isActive())
        .stream()
        .map(DynamoDbMembers::membershipOf)
        .toList();
  }

  @Override
  public Membership add(ChatId chatId, UserId userId, Role role) {
    Checks.grantable(role);
    for (int look = 1; look <= MAX_LOOKS; look++) {
      Held held = Held.read(table.get(Keys.member(chatId, userId)));
      if (held != null && held.isActive()) {
        return held.membership();
      }
      Membership next = next(held, chatId, userId, role);
      if (table.putIf(itemOf(next), unchanged(held)) instanceof TableClient.Written.Done) {
        return next;
      }
    }
    throw crossed(chatId, userId);
  }

  @Override
  public Join join(ChatId chatId, UserId userId) {
    for (int look = 1; look <= MAX_LOOKS; look++) {
      Held held = Held.read(table.get(Keys.member(chatId, userId)));
      if (held != null && held.isActive()) {
        return new Join.Joined(held.membership());
      }
      if (held != null && held.endReason() != EndReason.LEFT) {
        return new Join.Barred();
      }
      Membership next = next(held, chatId, userId, Role.MEMBER);
      if (table.putIf(itemOf(next), unchanged(held)) instanceof TableClient.Written.Done) {
        return new Join.Joined(next);
      }
    }
    throw crossed(chatId, userId);
  }

  private static Membership next(@Nullable Held held, ChatId chatId, UserId userId, Role role) {
    long generation = held == null ? 1 : held.membership().generation() + 1;
    return new Membership(chatId, userId, role, generation);
  }

  @Override
  public Removal remove(ChatId chatId, UserId userId, UserId owner) {
    Checks.other(userId, owner);
    Key memberKey = Keys.member(chatId, userId);
    Key ownerKey = Keys.member(chatId, owner);
    for (int look = 1; look <= MAX_LOOKS; look++) {
      Map<Key, Item> both = table.getAll(List.of(memberKey, ownerKey), true);
      Held asking = Held.read(both.get(ownerKey));
      if (asking == null || asking.membership().role() != Role.OWNER) {
        return new Removal.NotOwner();
      }
      Held held = Held.read(both.get(memberKey));
      if (held == null) {
        return new Removal.NeverMember();
      }
      boolean isDone = held.endReason() == EndReason.REMOVED;
      if (isDone || end(held, EndReason.REMOVED, asking)) {
        return new Removal.Removed(held.membership().generation());
      }
    }
    throw crossed(chatId, userId);
  }

  @Override
  public Leave leave(ChatId chatId, UserId userId) {
    for (int look = 1; look <= MAX_LOOKS; look++) {
      Held held = Held.read(table.get(Keys.member(chatId, userId)));
      if (held == null || held.endReason() == EndReason.REMOVED) {
        return new Leave.NotMember();
      }
      Leave.Left left = new Leave.Left(held.membership().generation());
      if (!held.isActive()) {
        return left;
      }
      Held remaining = null;
      if (held.membership().role() == Role.OWNER) {
        Others others = others(held.membership());
        if (others.owner() == null && others.isAny()) {
          return new Leave.LastOwner();
        }
        remaining = others.owner();
      }
      if (end(held, EndReason.LEFT, remaining)) {
        return left;
      }
    }
    throw crossed(chatId, userId);
  }

  /**
   * Who else is in a chat.
   *
   * @param owner another owner, if there is one
   * @param isAny whether anybody is
   */
  private record Others(@Nullable Held owner, boolean isAny) {}

  private Others others(Membership leaving) {
    boolean isAny = false;
    UserId after = null;
    while (true) {
      List<Membership> page = in(leaving.chatId(), after, OTHERS_PAGE);
      for (Membership member : page) {
        if (member.userId().equals(leaving.userId())) {
          continue;
        }
        isAny = true;
        if (member.role() == Role.OWNER) {
          return new Others(new Held(member, null), true);
        }
      }
      if (page.size() < OTHERS_PAGE) {
        return new Others(null, isAny);
      }
      after = page.getLast().userId();
    }
  }

  /**
   * Ends a membership, if it still is what was held.
   *
   * @param owner who must still be the owner that was held, for the end to be allowed
   * @return false to look again
   */
  private boolean end(Held held, EndReason reason, @Nullable Held owner) {
    Membership was = held.membership();
    Item ended =
        itemOf(new Membership(was.chatId(), was.userId(), Role.REMOVED, was.generation()))
            .with(Attributes.END_REASON, reason.wire());
    TableClient.Written written =
        owner == null
            ? table.putIf(ended, unchanged(held))
            : table.transact(
                table.putting(ended, unchanged(held)),
                table.checking(keyOf(owner.membership()), unchanged(owner)));
    return written instanceof TableClient.Written.Done;
  }

  /** Holds while a membership is what was held; who ended it counts too. */
  private static Condition unchanged(@Nullable Held held) {
    if (held == null) {
      return Condition.ABSENT;
    }
    Map<String, AttributeValue> values = new HashMap<>();
    values.put(":role", AttributeValue.fromS(held.membership().role().wire()));
    values.put(":generation", AttributeValue.fromN(Long.toString(held.membership().generation())));
    EndReason endReason = held.endReason();
    if (endReason != null) {
      values.put(":endReason", AttributeValue.fromS(endReason.wire()));
    }
    return new Condition(
        "#role = :role AND #generation = :generation AND "
            + (endReason == null ? "attribute_not_exists(#endReason)" : "#endReason = :endReason"),
        Map.of(
            "#role", Attributes.ROLE,
            "#generation", Attributes.GENERATION,
            "#endReason", Attributes.END_REASON),
        values);
  }

  private static TableUnavailableException crossed(ChatId chatId, UserId userId) {
    return new TableUnavailableException(
        "the membership of " + userId + " in " + chatId + " kept changing");
  }

  private static Key keyOf(Membership membership) {
    return Keys.member(membership.chatId(), membership.userId());
  }

  static Item itemOf(Membership membership) {
    Item item =
        Item.at(keyOf(membership))
            .with(Attributes.ROLE, membership.role().wire())
            .with(Attributes.GENERATION, membership.generation());
    return membership.isActive()
        ? item.inIndex(Keys.memberInIndex(membership.userId(), membership.chatId()))
        : item;
  }

  private static Membership membershipOf(Item item) {
    return new Membership(
        Keys.chatIdOf(item.key()),
        Keys.memberOf(item.key()),
        Role.parse(item.string(Attributes.ROLE)),
        item.number(Attributes.GENERATION));
  }
}
