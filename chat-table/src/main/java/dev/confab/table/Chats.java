package dev.confab.table;

import dev.confab.events.Access;
import dev.confab.events.ChatId;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The chats there are. A chat never changes once it is made.
 *
 * <p>Safe for use by several threads and processes. Reads are consistent. Every method throws
 * {@link TableUnavailableException} when the table can't answer, after the client's own retries.
 */
public interface Chats {

  /**
   * A chat.
   *
   * @param title for people to read; absent where the id says enough
   */
  record Chat(ChatId chatId, @Nullable String title, Access access, UserId createdBy) {}

  /** What became of a creation. */
  enum Creation {
    /** The chat is new, its creator the owner. */
    CREATED,
    /** The same user has made the same chat before: the same answer again. */
    SAME,
    /** Another has a chat of this id, or the same user one with another title or access. */
    TAKEN
  }

  /** Makes a chat and its creator's membership as owner, both or neither. */
  Creation create(Chat chat);

  /** A chat; null where there is none. */
  @Nullable Chat of(ChatId chatId);

  /**
   * The chats of some memberships with their newest positions, in the order given; one whose chat
   * is missing is left out. Runs a bounded number of small queries at a time.
   */
  List<ServerFrame.ChatSummary> summaries(List<Members.Membership> memberships);
}
