package dev.confab.table;

import dev.confab.events.ChatId;
import dev.confab.events.Role;
import dev.confab.events.UserId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who is in which chat. A membership that ended stays as {@link Role#REMOVED}, so that its
 * generation goes on rising and a user whom an owner removed can't join again alone.
 *
 * <p>Every change may be made again and ends the same: what a caller does after a change (put an
 * event on the stream) it can do again too, with the same generation.
 *
 * <p>Safe for use by several threads and processes: changes that cross are ordered by the table.
 * Reads of one chat are consistent; the list of a user's chats comes from an index and may lag
 * behind by a moment, but never shows one that has ended. Every method throws {@link
 * TableUnavailableException} when the table can't answer, after the client's own retries, or when
 * changes of others kept crossing this one.
 */
public interface Members {

  /**
   * What a user is in a chat.
   *
   * @param generation 1 for the first membership of this user in this chat, raised by each that
   *     follows an ended one; an end keeps it
   */
  record Membership(ChatId chatId, UserId userId, Role role, long generation) {
    public Membership {
      if (generation < 1) {
        throw new IllegalArgumentException("generation must be 1 or more");
      }
    }

    /** Whether it has not ended. */
    public boolean isActive() {
      return role != Role.REMOVED;
    }
  }

  /** A user's membership of a chat, an ended one too; null where there has never been one. */
  @Nullable Membership of(ChatId chatId, UserId userId);

  /**
   * A chat's members in the order of their ids, without those whose membership ended.
   *
   * @param after exclusive; null for the first page
   * @param limit at least 1
   */
  List<Membership> in(ChatId chatId, @Nullable UserId after, int limit);

  /**
   * A user's memberships in the order of the chats' ids, without those that ended.
   *
   * @param after exclusive; null for the first page
   * @param limit at least 1
   */
  List<Membership> of(UserId userId, @Nullable ChatId after, int limit);

  /**
   * Makes a user a member of a chat, in a new generation; one who is a member stays what they are,
   * in the same generation. The caller has seen that the chat exists and that an owner asks.
   *
   * @param role {@link Role#OWNER} or {@link Role#MEMBER}
   * @return what the user is now
   */
  Membership add(ChatId chatId, UserId userId, Role role);

  /** What became of a join. */
  sealed interface Join {
    /** The user is a member, since now or before. */
    record Joined(Membership membership) implements Join {}

    /** An owner removed the user, who must be added again. */
    record Barred() implements Join {}
  }

  /**
   * Makes a user a member of their own accord, unless an owner removed them. One who left may come
   * back. The caller has seen that the chat exists and is open.
   */
  Join join(ChatId chatId, UserId userId);

  /** What became of a removal. */
  sealed interface Removal {
    /**
     * The user is no member, since now or before, and can't join.
     *
     * @param generation the last that ended: what the {@code member-removed} event carries, each
     *     time this is called
     */
    record Removed(long generation) implements Removal {}

    /** There has never been such a member. */
    record NeverMember() implements Removal {}

    /** Who asks is no owner (any more). */
    record NotOwner() implements Removal {}
  }

  /**
   * Ends another's membership, only while {@code owner} is an owner: of two owners that remove each
   * other at once, one stays.
   *
   * @param owner who asks; another than {@code userId}, who goes by {@link #leave}
   */
  Removal remove(ChatId chatId, UserId userId, UserId owner);

  /** What became of a leave. */
  sealed interface Leave {
    /**
     * The user is no member, since now or an earlier leave.
     *
     * @param generation the last that ended: what the {@code member-removed} event carries, each
     *     time this is called
     */
    record Left(long generation) implements Leave {}

    /** The user was no member: never, or an owner removed them. */
    record NotMember() implements Leave {}

    /** Others remain and none of them is an owner; nothing changed. */
    record LastOwner() implements Leave {}
  }

  /**
   * Ends a user's membership of their own accord. An owner may go only while another owner remains
   * or nobody else does: of the last two owners leaving at once, one stays.
   */
  Leave leave(ChatId chatId, UserId userId);
}
