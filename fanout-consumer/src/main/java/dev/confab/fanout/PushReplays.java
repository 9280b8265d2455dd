package dev.confab.fanout;

import dev.confab.consumer.StreamRecord;
import dev.confab.events.ChatEvent;
import dev.confab.events.ConnectionId;
import dev.confab.events.Cursor;
import dev.confab.events.DeadLetter.Failure;
import dev.confab.events.DeadLetter.PushLetter;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.table.Subscriptions.Subscription;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives connections again what a push letter says they missed, as it is stored, marked as replayed:
 * to those that are still there, whose interval holds it, and whose user is a member now. Used by
 * one thread.
 */
final class PushReplays {
  private static final Logger log = LoggerFactory.getLogger(PushReplays.class);

  private final String shardId;
  private final TableReads reads;
  private final Subscribing subscribing;
  private final Clock clock;

  PushReplays(String shardId, TableReads reads, Subscribing subscribing, Clock clock) {
    this.shardId = shardId;
    this.reads = reads;
    this.subscribing = subscribing;
    this.clock = clock;
  }

  /**
   * Adds the frames of a letter's replay.
   *
   * @return a letter about what persist has not stored yet, null if there is none
   * @throws dev.confab.table.TableUnavailableException if the table can't answer; no frames are
   *     added then
   */
  @Nullable PushLetter apply(
      LiveChat chat, StreamRecord record, ChatEvent.PushReplay event, ChatFrames frames)
      throws InterruptedException {
    Map<Position, Entry> stored = reads.messagesAt(chat.chatId(), event.positions());
    List<Entry.Posted> posted = new ArrayList<>();
    List<Position> missing = new ArrayList<>();
    for (Position position : inOrder(event.positions())) {
      switch (stored.get(position)) {
        case null -> missing.add(position);
        case Entry.Posted message -> posted.add(message);
        case Entry.Parked _ ->
            log.info("{} {} is parked: a repair will tell", chat.chatId(), position);
        case Entry.Duplicate _ -> {} // its original was pushed; nobody is to see it twice
      }
    }
    List<Subscription> there =
        subscribing.stillThere(chat, record.position(), event.connectionIds());
    there.forEach(one -> push(posted, event.replayCount(), one, frames));
    return missing.isEmpty() || there.isEmpty()
        ? null
        : notStored(event, missing, there.stream().map(Subscription::connectionId).toList());
  }

  private static List<Position> inOrder(List<Position> positions) {
    return positions.stream().distinct().sorted(Cursor::compareTo).toList();
  }

  private static void push(
      List<Entry.Posted> posted, int replayCount, Subscription to, ChatFrames frames) {
    List<Entry.Posted> missed = posted.stream().filter(one -> to.covers(one.position())).toList();
    if (!missed.isEmpty()) {
      frames.replayed(
          missed, replayCount, new ChatFrames.Receiver(to.connectionId(), to.expiresAt()));
    }
  }

  private PushLetter notStored(
      ChatEvent.PushReplay event, List<Position> missing, List<ConnectionId> connections) {
    Instant now = clock.instant();
    String text = "persist has not stored these yet: replay again later";
    return new PushLetter(
        new Failure("NotStored", text, 1, now, now),
        shardId,
        event.chatId(),
        missing,
        connections,
        event.replayCount());
  }
}
