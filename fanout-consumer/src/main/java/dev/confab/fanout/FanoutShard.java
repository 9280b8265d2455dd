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
import dev.confab.table.Subscriptions.Subscription;
import dev.confab.table.TableUnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  private static final int MAX_TABLE_WRITES_IN_FLIGHT = 16;

  private final Clock clock;
  private final LiveChats chats;
  private final Subscribing subscribing;
  private final PushReplays pushReplays;
  private final Delivery delivery;
  private final SideBySide tableWrites;

  FanoutShard(
      ShardStart start, FanoutStage.Ports ports, FanoutStage.Settings settings, RateShare rate) {
    this.clock = ports.clock();
    this.chats = new LiveChats(settings.maxRemembered());
    this.subscribing = new Subscribing(start, ports, rate, settings.maxSubscribersPerChat());
    this.pushReplays = new PushReplays(start.shardId(), ports, subscribing);
    this.delivery = new Delivery(start, ports, rate);
    this.tableWrites = new SideBySide(ports.executor(), MAX_TABLE_WRITES_IN_FLIGHT);
  }

  @Override
  public List<Outcome> process(List<StreamRecord> records) throws InterruptedException {
    Map<ChatId, String> heldBack = new HashMap<>(); // each with the reason why
    List<Outcome> outcomes = new ArrayList<>(records.size());
    for (StreamRecord record : records) {
      outcomes.add(apply(record, heldBack));
    }
    Delivery.Settled settled = delivery.settle();
    end(settled.gone());
    chats.endBatch(clock.instant());
    for (int i = 0; i < outcomes.size(); i++) {
      boolean isWaiting = settled.waiting().contains(records.get(i).partitionKey());
      if (isWaiting && outcomes.get(i) instanceof Outcome.Done) {
        outcomes.set(i, new Outcome.Retry(settled.reason()));
      }
    }
    return outcomes;
  }

  private Outcome apply(StreamRecord record, Map<ChatId, String> heldBack)
      throws InterruptedException {
    return switch (ChatEvents.decode(record.partitionKey(), record.data().toArray())) {
      case Decoded.Event(ChatEvent event) -> inOrder(record, event.chatId(), heldBack, event);
      case Decoded.Malformed(String _, Decoded.MessageClaim claim) when claim != null ->
          inOrder(record, claim.chatId(), heldBack, null);
      case Decoded.Malformed _, Decoded.UnknownType _ -> Outcome.done(); // persist reports them
    };
  }

  /**
   * Applies what has not been applied, unless an earlier event of the chat is held back.
   *
   * @param heldBack gets the chat if the table holds this one back
   * @param event null for a record that only claims to be a message
   */
  private Outcome inOrder(
      StreamRecord record, ChatId chatId, Map<ChatId, String> heldBack, @Nullable ChatEvent event)
      throws InterruptedException {
    LiveChat chat = chats.of(chatId);
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
    boolean isHistory = arrivedAt.plus(LIVE).isBefore(clock.instant());
    if (!isHistory && chat.hasPushedOriginalOf(sent, arrivedAt)) {
      return; // a marker in the table, which readers needn't hold: the chain passes over it
    }
    if (!isHistory) {
      frames.message(
          Entry.Posted.of(position, chat.newest(), sent),
          subscribing.receivers(chat, position, arrivedAt));
      chat.pushes(sent, arrivedAt);
    }
    chat.advance(position);
  }

  /** Ends the subscriptions of connections that a push found gone. */
  private void end(Map<ConnectionId, ChatId> gone) throws InterruptedException {
    List<Ended> writes = new ArrayList<>();
    gone.forEach(
        (connectionId, chatId) -> {
          Subscription ended = subscribing.ended(chats.of(chatId), connectionId);
          if (ended != null) {
            writes.add(new Ended(chatId, ended));
          }
        });
    tableWrites.forEach(
        writes, () -> true, one -> subscribing.endInTable(one.chatId(), one.subscription()));
  }

  private record Ended(ChatId chatId, Subscription subscription) {}

  @Override
  public void parked(StreamRecord record) {} // its place in the chain is kept already

  @Override
  public void close() {} // what waits here is pushed by the next owner
}
