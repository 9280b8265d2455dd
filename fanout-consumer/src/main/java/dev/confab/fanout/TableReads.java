package dev.confab.fanout;

import dev.confab.consumer.Lease;
import dev.confab.events.ChatId;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.UserId;
import dev.confab.table.ChatTable;
import dev.confab.table.Members;
import dev.confab.table.Members.Membership;
import dev.confab.table.Messages;
import dev.confab.table.Subscriptions;
import dev.confab.table.TableUnavailableException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the events of a batch need to know of the table, read side by side before they are applied:
 * after a take-over each chat is new, and when a network comes back each client subscribes at once.
 * The first fault ends a batch's reads: when the table is down, one time-out is enough. Called by
 * one thread.
 */
final class TableReads {
  private static final Logger log = LoggerFactory.getLogger(TableReads.class);

  private final Subscriptions subscriptions;
  private final Members members;
  private final Messages messages;
  private final SideBySide sideBySide;
  private final Lease lease;
  private final Clock clock;
  private final Map<ChatId, Subscribers> chats = new ConcurrentHashMap<>();
  private final Map<Member, Optional<Membership>> memberships = new ConcurrentHashMap<>();
  private volatile @Nullable TableUnavailableException fault;

  /** A user, in a chat or not. */
  record Member(ChatId chatId, UserId userId) {}

  TableReads(ChatTable table, SideBySide sideBySide, Lease lease, Clock clock) {
    this.subscriptions = table.subscriptions();
    this.members = table.members();
    this.messages = table.messages();
    this.sideBySide = sideBySide;
    this.lease = lease;
    this.clock = clock;
  }

  /** Begins a batch. What can't be read is told where it is asked for. */
  void begin(Collection<ChatId> unknownChats, Collection<Member> unknownMembers)
      throws InterruptedException {
    chats.clear();
    memberships.clear();
    fault = null;
    List<Runnable> reads = new ArrayList<>();
    unknownChats.forEach(chatId -> reads.add(() -> readChat(chatId)));
    unknownMembers.forEach(member -> reads.add(() -> readMember(member)));
    sideBySide.forEach(reads, this::mayGoOn, TableReads::attempt);
  }

  /** A fault of ours shows again where the value is asked for, beside the event that asks. */
  private static void attempt(Runnable read) {
    try {
      read.run();
    } catch (RuntimeException fault) {
      log.error("a read ahead failed", fault);
    }
  }

  /** Adds to what the batch knows. */
  void readMembers(Collection<Member> unknownMembers) throws InterruptedException {
    sideBySide.forEach(
        List.copyOf(unknownMembers), this::mayGoOn, member -> attempt(() -> readMember(member)));
  }

  private boolean mayGoOn() {
    return fault == null && lease.isHeld();
  }

  private void readChat(ChatId chatId) {
    try {
      chats.put(chatId, new Subscribers(subscriptions.of(chatId, clock.instant())));
    } catch (TableUnavailableException down) {
      fault = down;
    }
  }

  private void readMember(Member member) {
    try {
      memberships.put(member, Optional.ofNullable(members.of(member.chatId(), member.userId())));
    } catch (TableUnavailableException down) {
      fault = down;
    }
  }

  /**
   * A chat's subscriptions: read when the chat is first seen, in memory from then on.
   *
   * @throws TableUnavailableException if they could not be read in this batch
   */
  Subscribers subscribersOf(LiveChat chat) {
    Subscribers known = chat.subscribers();
    if (known != null) {
      return known;
    }
    if (!chats.containsKey(chat.chatId()) && mayGoOn()) {
      readChat(chat.chatId());
    }
    Subscribers read = chats.remove(chat.chatId());
    if (read == null) {
      throw unavailable();
    }
    return chat.loaded(read);
  }

  /**
   * A user's membership as the table has it, read in this batch; null if there never was one.
   *
   * @throws TableUnavailableException if it could not be read in this batch
   */
  @Nullable Membership membershipOf(Member member) {
    if (!memberships.containsKey(member) && mayGoOn()) {
      readMember(member);
    }
    Optional<Membership> read = memberships.get(member);
    if (read == null) {
      throw unavailable();
    }
    return read.orElse(null);
  }

  /**
   * What is stored at some places of a chat now. Never read ahead: a letter's places may hold more
   * than a megabyte.
   *
   * @throws TableUnavailableException if it could not be read in this batch
   */
  Map<Position, Entry> messagesAt(ChatId chatId, Collection<Position> positions) {
    if (!mayGoOn()) {
      throw unavailable();
    }
    try {
      return messages.at(chatId, positions);
    } catch (TableUnavailableException down) {
      fault = down;
      throw down;
    }
  }

  private TableUnavailableException unavailable() {
    TableUnavailableException down = fault;
    return down == null ? new TableUnavailableException("the lease moved") : down;
  }
}
