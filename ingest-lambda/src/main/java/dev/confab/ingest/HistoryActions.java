package dev.confab.ingest;

import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.SentCursor;
import dev.confab.events.ServerFrame;
import dev.confab.table.History;
import dev.confab.table.Members;
import dev.confab.table.Messages;
import dev.confab.table.PageLimit;
import dev.confab.table.Parallel;
import dev.confab.table.Run;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToIntFunction;

/**
 * What was said. Every membership is read from the table, consistently; none is remembered.
 * Thread-safe.
 *
 * <p>Every method throws {@link dev.confab.table.TableUnavailableException}.
 */
final class HistoryActions {
  /** Whichever cursor a frame holds, it takes no more bytes than this. */
  private static final Position LONGEST = Position.of("9".repeat(129), 0);

  private final Members members;
  private final Messages messages;
  private final History history;
  private final Parallel parallel;

  HistoryActions(Members members, Messages messages, Parallel parallel) {
    this.members = members;
    this.messages = messages;
    this.history = new History(messages);
    this.parallel = parallel;
  }

  /** An unbroken run of a chat, as much of it as a frame holds. */
  ServerFrame history(ClientFrame.History frame, Caller caller) {
    if (!isMember(frame.chatId(), caller)) {
      return Refusals.chatNotFound(frame.requestId(), frame.chatId());
    }
    Run run = run(frame, limitOf(frame));
    return new ServerFrame.History(
        frame.requestId(), frame.chatId(), run.shown(), run.through(), run.hasMore());
  }

  private Run run(ClientFrame.History frame, PageLimit limit) {
    Cursor after = frame.after();
    if (after != null) {
      return history.after(frame.chatId(), after, limit);
    }
    Position before = frame.before();
    return before == null
        ? history.newest(frame.chatId(), limit)
        : history.before(frame.chatId(), before, limit);
  }

  /**
   * A frame's worth. A message of 16 KiB that is all quotes is larger, encoded, than a frame: it
   * comes alone, which API Gateway sends (a message may be 128 KB).
   */
  private static PageLimit limitOf(ClientFrame.History frame) {
    int empty = Pages.bytes(page(frame, List.of()));
    ToIntFunction<Entry.Shown> sizeOf =
        entry -> 1 + Pages.bytes(page(frame, List.of(entry))) - empty; // 1 for the comma
    return new PageLimit(frame.limit(), ServerFrame.MAX_FRAME_BYTES - empty, sizeOf);
  }

  private static ServerFrame page(ClientFrame.History frame, List<Entry.Shown> messages) {
    return new ServerFrame.History(frame.requestId(), frame.chatId(), messages, LONGEST, false);
  }

  /** The caller's own messages, also in chats that they have left. */
  ServerFrame myMessages(ClientFrame.MyMessages frame, Caller caller) {
    List<ServerFrame.OwnMessage> found =
        messages.of(caller.userId(), frame.before(), frame.limit() + 1);
    SentCursor longest = new SentCursor(Instant.EPOCH, LONGEST);
    List<ServerFrame.OwnMessage> fitting =
        Pages.fitting(
            Pages.first(found, frame.limit()),
            part -> new ServerFrame.MyMessages(frame.requestId(), part, longest));
    boolean hasMore = fitting.size() < found.size();
    return new ServerFrame.MyMessages(
        frame.requestId(), fitting, hasMore ? cursorOf(fitting.getLast()) : null);
  }

  private static SentCursor cursorOf(ServerFrame.OwnMessage own) {
    return new SentCursor(own.message().sentAt(), own.message().position());
  }

  /**
   * The chats that have more than the client holds. Those that are not the caller's are left out,
   * as if they had nothing new.
   */
  ServerFrame sync(ClientFrame.Sync frame, Caller caller) {
    List<ChatId> asked = List.copyOf(frame.cursors().keySet());
    List<Boolean> isMine = parallel.map(asked, chatId -> isMember(chatId, caller));
    List<ChatId> mine = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      if (isMine.get(i)) {
        mine.add(asked.get(i));
      }
    }
    Map<ChatId, Cursor> newest = messages.newest(mine);
    List<ServerFrame.More> more = new ArrayList<>();
    for (ChatId chatId : mine) {
      Cursor held = Objects.requireNonNull(frame.cursors().get(chatId));
      if (newest.get(chatId) instanceof Position position && position.isAfter(held)) {
        more.add(new ServerFrame.More(chatId, position));
      }
    }
    return new ServerFrame.Synced(frame.requestId(), more);
  }

  private boolean isMember(ChatId chatId, Caller caller) {
    Members.Membership membership = members.of(chatId, caller.userId());
    return membership != null && membership.isActive();
  }
}
