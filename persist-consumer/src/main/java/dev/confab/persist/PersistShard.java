package dev.confab.persist;

import dev.confab.consumer.Outcome;
import dev.confab.consumer.ShardStage;
import dev.confab.consumer.StreamRecord;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.Cursor;
import dev.confab.events.Decoded;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.table.Messages.Stored;
import dev.confab.table.TableUnavailableException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Persist on one shard. A batch goes through two steps: each record is given its place in its
 * chat's chain, in order; then the entries are written, in no order.
 *
 * <p>A record offered again keeps the place that it was given. One that waits for the table to say
 * where it belongs holds back those after it in its chat, and no other chat.
 */
final class PersistShard implements ShardStage {
  private final PersistStage.Ports ports;
  private final Chains chains;
  private final BatchWriter writer;
  private final Replays replays;

  /** What has its place but is not known to be stored. */
  private final Map<Position, Stored> placed = new HashMap<>();

  /** Markers whose original turned out not to be stored. */
  private final Set<Position> unmarked = new HashSet<>();

  /** One call's work. */
  private static final class Batch {
    final Map<Position, Outcome> outcomes = new HashMap<>();
    final Map<ChatId, String> heldBack = new HashMap<>(); // each with the reason why
    final List<Stored> toWrite = new ArrayList<>();
  }

  PersistShard(PersistStage.Ports ports) {
    this.ports = ports;
    this.chains = new Chains(ports.messages(), Chains.MAX_WEIGHT);
    this.writer = new BatchWriter(ports);
    this.replays = new Replays(ports.messages(), ports.stream());
  }

  @Override
  public List<Outcome> process(List<StreamRecord> records) {
    Batch batch = new Batch();
    for (StreamRecord record : records) {
      place(record, batch);
    }
    flush(batch);
    chains.forget(busyChats()::contains);
    return records.stream().map(record -> outcomeOf(record, batch)).toList();
  }

  private static Outcome outcomeOf(StreamRecord record, Batch batch) {
    Outcome outcome = batch.outcomes.get(record.position());
    if (outcome == null) {
      throw new IllegalStateException("no outcome for " + record.position());
    }
    return outcome;
  }

  private Set<ChatId> busyChats() {
    Set<ChatId> busy = new HashSet<>();
    placed.values().forEach(stored -> busy.add(stored.chatId()));
    return busy;
  }

  private void place(StreamRecord record, Batch batch) {
    Position position = record.position();
    Stored again = placed.get(position);
    boolean isUnmarked = unmarked.remove(position);
    if (again != null && !isUnmarked && !(again.entry() instanceof Entry.Parked)) {
      batch.toWrite.add(again);
      return;
    }
    switch (ChatEvents.decode(record.partitionKey(), record.data().toArray())) {
      case Decoded.Event(ChatEvent event) -> place(record, event, batch);
      case Decoded.UnknownType(String type) ->
          batch.outcomes.put(
              position, new Outcome.Unprocessable("UnknownType", Replays.unknown(type)));
      case Decoded.Malformed(String reason, Decoded.MessageClaim claim) -> {
        Outcome malformed = new Outcome.Unprocessable("Malformed", reason);
        if (claim == null) {
          batch.outcomes.put(position, malformed);
        } else {
          inOrder(record, claim.chatId(), batch, chain -> placeholder(position, claim, chain));
          batch.outcomes.putIfAbsent(position, malformed);
        }
      }
    }
  }

  private void place(StreamRecord record, ChatEvent event, Batch batch) {
    switch (event) {
      case ChatEvent.MessageSent sent -> {
        Stored stored = placed.get(record.position());
        Stored now = stored == null ? message(record, sent, batch) : replaced(stored, record, sent);
        if (now != null) {
          batch.toWrite.add(now);
        }
      }
      case ChatEvent.Replay replay -> replay(record, replay, batch);
      case ChatEvent.Subscribed _,
          ChatEvent.Unsubscribed _,
          ChatEvent.MemberRemoved _,
          ChatEvent.Repaired _,
          ChatEvent.PushReplay _,
          ChatEvent.Reserved _ ->
          batch.outcomes.put(record.position(), Outcome.done()); // the fan-out's, and nobody's yet
    }
  }

  private @Nullable Stored message(StreamRecord record, ChatEvent.MessageSent sent, Batch batch) {
    return inOrder(
        record,
        sent.chatId(),
        batch,
        chain -> chain.entryOf(record.position(), sent, record.arrivedAt(), ports.messages()));
  }

  /** What takes the place of a marker whose original is not stored. */
  private Stored replaced(Stored marker, StreamRecord record, ChatEvent.MessageSent sent) {
    Chain chain = chains.known(marker.chatId());
    Cursor prev = marker.entry().prev();
    if (chain == null || prev == null) {
      throw new IllegalStateException("a chat with something under way is never forgotten");
    }
    Entry entry =
        chain.entryAt(record.position(), prev, sent, record.arrivedAt(), ports.messages());
    Stored replaced = new Stored(marker.chatId(), entry);
    placed.put(record.position(), replaced);
    return replaced;
  }

  /** Gives a record its entry. */
  @FunctionalInterface
  private interface Placing {
    Entry in(Chain chain);
  }

  /** Gives a record its place in its chat, unless an earlier one still waits for its own. */
  private @Nullable Stored inOrder(
      StreamRecord record, ChatId chatId, Batch batch, Placing placing) {
    Position position = record.position();
    Stored already = placed.get(position);
    if (already != null) {
      return already;
    }
    String earlier = batch.heldBack.get(chatId);
    if (earlier != null) {
      batch.outcomes.put(position, new Outcome.Retry(earlier));
      return null;
    }
    try {
      Stored stored = new Stored(chatId, placing.in(chains.of(chatId, position)));
      placed.put(position, stored);
      return stored;
    } catch (TableUnavailableException later) {
      String reason = String.valueOf(later.getMessage());
      batch.heldBack.put(chatId, reason);
      batch.outcomes.put(position, new Outcome.Retry(reason));
      return null;
    }
  }

  /** The record can't be read, but says it is a message of this chat: its place is kept. */
  private static Entry placeholder(Position position, Decoded.MessageClaim claim, Chain chain) {
    return new Entry.Parked(
        position, chain.take(position), claim.senderId(), claim.clientMessageId());
  }

  /** What came before it in the stream is stored first: it may be what it repairs or repeats. */
  private void replay(StreamRecord record, ChatEvent.Replay replay, Batch batch) {
    String earlier = batch.heldBack.get(replay.chatId());
    if (earlier != null) {
      batch.outcomes.put(record.position(), new Outcome.Retry(earlier));
      return;
    }
    flush(batch);
    Replays.Result result = replays.apply(record, replay);
    batch.outcomes.put(record.position(), result.outcome());
    Chain chain = chains.known(replay.chatId());
    if (result.entry() != null && chain != null) {
      chain.repaired(result.entry(), record.arrivedAt());
    }
  }

  /** Writes what has its place and no outcome yet. */
  private void flush(Batch batch) {
    if (batch.toWrite.isEmpty()) {
      return;
    }
    Map<Position, Outcome> written = writer.write(batch.toWrite);
    Set<Position> refused = new HashSet<>();
    written.forEach(
        (position, outcome) -> {
          if (outcome instanceof Outcome.Unprocessable) {
            refused.add(position);
          }
        });
    for (Stored stored : batch.toWrite) {
      Position position = stored.entry().position();
      Outcome outcome = written.get(position);
      if (outcome instanceof Outcome.Done) {
        placed.remove(position);
      }
      batch.outcomes.put(position, outcome == null ? new Outcome.Retry("not written") : outcome);
    }
    if (!refused.isEmpty()) {
      takeBack(batch, refused);
    }
    batch.toWrite.clear();
  }

  /**
   * A message that the table refuses is nobody's original: a resend that was dropped for it in this
   * batch is looked at once more.
   */
  private void takeBack(Batch batch, Set<Position> refused) {
    for (Stored stored : batch.toWrite) {
      Chain chain = chains.known(stored.chatId());
      if (chain != null && refused.contains(stored.entry().position())) {
        chain.refused(stored.entry().position());
      }
      if (stored.entry() instanceof Entry.Duplicate marker
          && refused.contains(marker.duplicateOf())) {
        placed.put(marker.position(), stored);
        unmarked.add(marker.position());
        batch.outcomes.put(marker.position(), new Outcome.Retry("its original is not stored"));
      }
    }
  }

  /** Puts the placeholder of a record whose letter is in the queue, where it has a place. */
  @Override
  public void parked(StreamRecord record) {
    Stored stored = placed.get(record.position());
    if (stored == null) {
      return; // no message of this chat: garbage, or an event of a kind not known here
    }
    Entry.Parked placeholder =
        switch (stored.entry()) {
          case Entry.Parked parked -> parked;
          case Entry.Posted posted ->
              new Entry.Parked(
                  posted.position(), posted.prev(), posted.senderId(), posted.clientMessageId());
          case Entry.Duplicate marker ->
              new Entry.Parked(marker.position(), marker.prev(), null, null);
        };
    ports.messages().placeholder(stored.chatId(), placeholder);
    placed.remove(record.position());
  }

  @Override
  public void close() {}
}
