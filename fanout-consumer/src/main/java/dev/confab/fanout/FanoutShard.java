package dev.confab.fanout;

import dev.confab.consumer.Outcome;
import dev.confab.consumer.ShardStage;
import dev.confab.consumer.ShardStart;
import dev.confab.consumer.StreamRecord;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.DeadLetter.PushLetter;
import dev.confab.events.Decoded;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import dev.confab.metrics.Measurements;
import dev.confab.metrics.Metric;
import dev.confab.table.Subscriptions.Subscription;
import dev.confab.table.TableUnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The fan-out of one shard. A batch goes through three steps: each event is applied, in order, to
 * what is in memory and, where it changes a subscription, to the table; that yields frames; they
 * are pushed, or parked as push letters. An event whose table fault holds it back holds back those
 * after it in its chat, and no other chat.
 *
 * <p>A record offered again is applied at most once; only its pushes go on.
 */
final class FanoutShard implements ShardStage {
  private static final Logger log = LoggerFactory.getLogger(FanoutShard.class);

  /** What arrived longer ago is history: clients have asked for it by now. */
  static final Duration LIVE = Duration.ofMinutes(10);

  /** Reads or writes of the table in flight: a second's worth is 3,000 at 5 ms each. */
  private static final int MAX_TABLE_CALLS_IN_FLIGHT = 16;

  private final Clock clock;
  private final LiveChats chats;
  private final TableReads reads;
  private final TableWrites writes;
  private final Subscribing subscribing;
  private final PushReplays pushReplays;
  private final Delivery delivery;
  private final Measurements measured;

  /** Messages of which a push hasn't ended. */
  private final List<Pushing> pushing = new ArrayList<>();

  FanoutShard(
      ShardStart start, FanoutStage.Ports ports, FanoutStage.Settings settings, RateShare rate) {
    SideBySide tableCalls = new SideBySide(ports.executor(), MAX_TABLE_CALLS_IN_FLIGHT);
    this.clock = ports.clock();
    this.chats = new LiveChats(settings.maxRemembered());
    this.reads = new TableReads(ports.table(), tableCalls, start.lease(), clock);
    this.writes = new TableWrites(ports.table().subscriptions(), tableCalls, start.lease());
    this.subscribing =
        new Subscribing(start, ports, rate, settings.maxSubscribersPerChat(), reads, writes);
    this.pushReplays = new PushReplays(start.shardId(), reads, subscribing, clock);
    this.delivery = new Delivery(start, ports, rate);
    this.measured = start.measured();
  }

  private record Pushing(ChatId chatId, Instant arrivedAt) {}

  /**
   * A record that concerns the fan-out.
   *
   * @param event null for a record that only claims to be a message
   */
  private record Arrived(StreamRecord record, LiveChat chat, @Nullable ChatEvent event) {}

  @Override
  public List<Outcome> process(List<StreamRecord> records) throws InterruptedException {
    List<@Nullable Arrived> batch = new ArrayList<>(records.size());
    for (StreamRecord record : records) {
      batch.add(decode(record));
    }
    read(batch);
    Map<ChatId, String> heldBack = new HashMap<>(); // each with the reason why
    List<Outcome> outcomes = new ArrayList<>(records.size());
    for (Arrived arrived : batch) {
      outcomes.add(arrived == null ? Outcome.done() : applyInOrder(arrived, heldBack));
    }
    for (TableWrites.Held held : writes.flush()) {
      subscribing.take(chats.of(held.chatId()), held, delivery.framesOf(held.chatId()));
    }
    Delivery.Settled settled = delivery.settle(writes.chatsWaiting());
    measurePushed(settled.waiting());
    end(settled.gone());
    chats.endBatch(clock.instant());
    return withWaiting(records, outcomes, settled);
  }

  private void measurePushed(Set<String> waiting) {
    pushing.removeIf(
        message -> {
          boolean hasEnded = !waiting.contains(message.chatId().value());
          if (hasEnded) {
            measured.addSince(Metric.END_TO_END_AGE, message.arrivedAt());
          }
          return hasEnded;
        });
  }

  private List<Outcome> withWaiting(
      List<StreamRecord> records, List<Outcome> outcomes, Delivery.Settled settled) {
    for (int i = 0; i < outcomes.size(); i++) {
      boolean isWaiting = settled.waiting().contains(records.get(i).partitionKey());
      if (isWaiting && outcomes.get(i) instanceof Outcome.Done) {
        outcomes.set(
            i, new Outcome.Retry(settled.reason().isEmpty() ? writes.reason() : settled.reason()));
      }
    }
    return outcomes;
  }

  /** Null for what is not the fan-out's: persist reports what is malformed. */
  private @Nullable Arrived decode(StreamRecord record) {
    return switch (ChatEvents.decode(record.partitionKey(), record.data().toArray())) {
      case Decoded.Event(ChatEvent event) -> new Arrived(record, chats.of(event.chatId()), event);
      case Decoded.Malformed(String _, Decoded.MessageClaim claim) when claim != null ->
          new Arrived(record, chats.of(claim.chatId()), null);
      case Decoded.Malformed _, Decoded.UnknownType _ -> null;
    };
  }

  /** Reads what the batch's events will ask for. */
  private void read(List<@Nullable Arrived> batch) throws InterruptedException {
    Set<ChatId> unknownChats = new LinkedHashSet<>();
    Set<TableReads.Member> unknownMembers = new LinkedHashSet<>();
    for (Arrived arrived : batch) {
      if (arrived == null || !arrived.chat().isNew(arrived.record().position())) {
        continue;
      }
      Instant arrivedAt = arrived.record().arrivedAt();
      boolean asksForSubscribers =
          switch (arrived.event()) {
            case null -> false;
            case ChatEvent.MessageSent _ -> isLive(arrivedAt);
            case ChatEvent.Subscribed subscribed -> {
              boolean isOver = subscribing.isOver(subscribed, arrivedAt);
              if (!isOver) {
                unknownMembers.add(new TableReads.Member(subscribed.chatId(), subscribed.userId()));
              }
              yield !isOver;
            }
            case ChatEvent.Unsubscribed _,
                ChatEvent.MemberRemoved _,
                ChatEvent.Repaired _,
                ChatEvent.PushReplay _ ->
                true;
            case ChatEvent.Replay _, ChatEvent.Reserved _ -> false;
          };
      if (asksForSubscribers && arrived.chat().subscribers() == null) {
        unknownChats.add(arrived.chat().chatId());
      }
    }
    writes.begin();
    reads.begin(unknownChats, unknownMembers);
  }

  /**
   * Applies what has not been applied, unless an earlier event of the chat is held back.
   *
   * @param heldBack gets the chat if the table holds this one back
   */
  private Outcome applyInOrder(Arrived arrived, Map<ChatId, String> heldBack)
      throws InterruptedException {
    StreamRecord record = arrived.record();
    LiveChat chat = arrived.chat();
    ChatId chatId = chat.chatId();
    ChatEvent event = arrived.event();
    if (!chat.isNew(record.position())) {
      return Outcome.done();
    }
    String earlier = heldBack.get(chatId);
    if (earlier != null) {
      return new Outcome.Retry(earlier);
    }
    Outcome outcome = Outcome.done();
    try {
      if (event == null) {
        chat.advance(record.position()); // persist puts a placeholder here: readers must see it
      } else {
        apply(chat, record, event, delivery.framesOf(chatId));
      }
    } catch (TableUnavailableException later) {
      String reason = String.valueOf(later.getMessage());
      heldBack.put(chatId, reason);
      return new Outcome.Retry(reason);
    } catch (RuntimeException fault) {
      log.error("{} at {} can't be applied", chatId, record.position(), fault);
      if (event instanceof ChatEvent.MessageSent) {
        chat.advance(record.position());
      }
      outcome =
          new Outcome.Unprocessable(
              OwnLetters.FAULT, fault.getClass().getName() + ", see the log of the fan-out");
    }
    chat.apply(record.position());
    return outcome;
  }

  private void apply(LiveChat chat, StreamRecord record, ChatEvent event, ChatFrames frames)
      throws InterruptedException {
    Position position = record.position();
    Instant arrivedAt = record.arrivedAt();
    switch (event) {
      case ChatEvent.MessageSent sent -> message(chat, position, arrivedAt, sent, frames);
      case ChatEvent.Subscribed subscribed ->
          subscribing.subscribed(chat, position, arrivedAt, subscribed, frames);
      case ChatEvent.Unsubscribed unsubscribed ->
          subscribing.unsubscribed(chat, position, unsubscribed);
      case ChatEvent.MemberRemoved removed ->
          subscribing.memberRemoved(chat, position, removed, frames);
      case ChatEvent.Repaired repaired ->
          frames.control(
              new ServerFrame.Repaired(chat.chatId(), repaired.position()),
              List.of(repaired.position()),
              subscribing.receivers(chat, position, arrivedAt));
      case ChatEvent.PushReplay replay -> {
        PushLetter tooEarly = pushReplays.apply(chat, record, replay, frames);
        if (tooEarly != null) {
          delivery.park(tooEarly);
        }
      }
      case ChatEvent.Replay _, ChatEvent.Reserved _ -> {} // persist's, and nobody's yet
    }
  }

  private void message(
      LiveChat chat,
      Position position,
      Instant arrivedAt,
      ChatEvent.MessageSent sent,
      ChatFrames frames) {
    if (chat.hasPushedOriginalOf(sent, arrivedAt)) {
      chat.passOver();
      return;
    }
    if (isLive(arrivedAt)) {
      List<ChatFrames.Receiver> receivers = subscribing.receivers(chat, position, arrivedAt);
      frames.message(Entry.Posted.of(position, chat.newest(), sent), receivers);
      if (!receivers.isEmpty()) {
        pushing.add(new Pushing(chat.chatId(), arrivedAt));
      }
      chat.pushes(sent, arrivedAt);
    }
    chat.advance(position);
  }

  private boolean isLive(Instant arrivedAt) {
    return !arrivedAt.plus(LIVE).isBefore(clock.instant());
  }

  /** Ends the subscriptions of connections that a push found gone. */
  private void end(Map<ConnectionId, ChatId> gone) throws InterruptedException {
    Map<ChatId, List<Subscription>> ended = new LinkedHashMap<>();
    gone.forEach(
        (connectionId, chatId) -> {
          Subscription one = subscribing.ended(chats.of(chatId), connectionId);
          if (one != null) {
            ended.computeIfAbsent(chatId, _ -> new ArrayList<>()).add(one);
          }
        });
    if (!ended.isEmpty()) {
      writes.writeGone(ended);
    }
  }

  @Override
  public void parked(StreamRecord record) {} // its place in the chain is kept already

  @Override
  public void close() {} // what waits here is pushed by the next owner
}
