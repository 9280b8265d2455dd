package dev.confab.fanout;

import dev.confab.events.ChatEvent.MessageSent;
import dev.confab.events.ChatId;
import dev.confab.events.Cursor;
import dev.confab.events.Position;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the owner of a chat's shard remembers of it. All of it can be had again: subscriptions from
 * the table, and where the chain stands from the next message. Used by one thread.
 */
final class LiveChat {
  private final ChatId chatId;
  private final RecentIds recent = new RecentIds();
  private @Nullable Subscribers subscribers;
  private @Nullable Position newest;
  private @Nullable Position applied;
  private int probedInVain;
  private Instant probeAgainAt = Instant.MIN;

  /** What the chat weighed when {@link LiveChats} last asked. */
  int counted;

  LiveChat(ChatId chatId) {
    this.chatId = chatId;
  }

  ChatId chatId() {
    return chatId;
  }

  /** Null until they are read from the table. */
  @Nullable Subscribers subscribers() {
    return subscribers;
  }

  Subscribers loaded(Subscribers fromTable) {
    subscribers = fromTable;
    return fromTable;
  }

  /**
   * The newest place of the chain that a reader must hold before the next message: its {@code
   * prev}. Null until the first message: what the last owner pushed before is not known.
   */
  @Nullable Cursor newest() {
    return newest;
  }

  /** The chain has a further place. */
  void advance(Position position) {
    newest = position;
    recent.pass();
  }

  /** The chain has a further place, with a marker, which readers needn't hold. */
  void passOver() {
    recent.pass();
  }

  /** Whether an event has not been applied yet: one offered again for its pushes alone has. */
  boolean isNew(Position position) {
    Position before = applied;
    return before == null || position.isAfter(before);
  }

  /** An event is applied; its pushes may still be under way. */
  void apply(Position position) {
    applied = position;
  }

  /** The newest event applied, null before the first. */
  @Nullable Position applied() {
    return applied;
  }

  /** How many of its oldest subscribers were found there, or didn't answer, a moment ago. */
  int probedInVain(Instant now) {
    return now.isBefore(probeAgainAt) ? probedInVain : 0;
  }

  /**
   * So many of its oldest subscribers need not be asked again whether they are there.
   *
   * @param againAt when they do
   */
  void probedInVain(int oldest, Instant againAt) {
    probedInVain = oldest;
    probeAgainAt = againAt;
  }

  boolean hasPushedOriginalOf(MessageSent resend, Instant arrivedAt) {
    return resend.resend() && recent.hasOriginalOf(resend, arrivedAt);
  }

  /** A message is being pushed; its place follows. */
  void pushes(MessageSent sent, Instant arrivedAt) {
    recent.add(sent, arrivedAt);
  }

  /** Forgets what no further event can concern. */
  void forgetEnded(Instant now) {
    if (subscribers != null && applied != null) {
      subscribers.forgetEnded(applied, now);
    }
  }

  /** How many things it remembers, about 300 bytes each. */
  int weight() {
    return 1 + recent.size() + (subscribers == null ? 0 : subscribers.size());
  }
}
