package dev.confab.persist;

import dev.confab.consumer.Outcome;
import dev.confab.consumer.ShardStage;
import dev.confab.consumer.StreamRecord;
import dev.confab.events.ChatEvent.MessageSent;
import dev.confab.events.ChatEvent.Replay;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.Decoded;
import dev.confab.events.Decoded.MessageClaim;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.metrics.Measurements;
import dev.confab.metrics.Metric;
import dev.confab.persist.EventStream.StreamUnavailableException;
import dev.confab.table.Messages;
import dev.confab.table.Messages.Stored;
import dev.confab.table.TableUnavailableException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores one shard's messages. A message gets its place in its chat's chain when it is first seen
 * and keeps it however often it is offered; then all are written, in any order.
 *
 * <p>A fault in what comes after the places is an outcome of its records, and never leaves {@link
 * #process}: all records would come again then, and a chain of which a part is written and a part
 * isn't has no places for both.
 */
final class PersistShard implements ShardStage {
  private static final Logger LOG = LoggerFactory.getLogger(PersistShard.class);

  private final Messages messages;
  private final Chains chains;
  private final BatchWriter writer;
  private final Replays replays;
  private final Measurements measured;

  /** Messages on their way to the dead-letter queue, whose placeholders follow. */
  private final Map<Position, Placed> parked = new HashMap<>();

  /**
   * @param maxPlaces of all chats, to be remembered
   * @param measured takes what was stored; no clock of it comes back in here
   */
  PersistShard(PersistStage.Ports ports, int maxPlaces, Measurements measured) {
    this.measured = measured;
    messages = ports.messages();
    chains = new Chains(messages, ports.executor(), maxPlaces);
    writer = new BatchWriter(messages, ports.executor());
    replays = new Replays(messages, ports.stream());
  }

  /** A record while it is worked on. */
  private static final class Task {
    final Position position;
    final Decoded decoded;
    final Instant arrivedAt;
    @Nullable Entry stored;
    Outcome outcome = new Outcome.Retry("not worked on yet");
    boolean isHeldBack;

    Task(StreamRecord record) {
      position = record.position();
      arrivedAt = record.arrivedAt();
      decoded = ChatEvents.decode(record.partitionKey(), record.data().toArray());
    }

    /** The chat in whose chain it belongs; null if it is no message. */
    @Nullable ChatId chatId() {
      return switch (decoded) {
        case Decoded.Event(MessageSent sent) -> sent.chatId();
        case Decoded.Malformed(_, MessageClaim claim) when claim != null -> claim.chatId();
        case Decoded.Event _, Decoded.Malformed _, Decoded.UnknownType _ -> null;
      };
    }

    boolean isResend() {
      return decoded instanceof Decoded.Event(MessageSent sent) && sent.resend();
    }
  }

  /** A message with its place. */
  private record Placed(Task task, Chain chain, Place place) {
    Stored stored() {
      return new Stored(chain.chatId(), place.entry());
    }
  }

  @Override
  public List<Outcome> process(List<StreamRecord> records) {
    List<Task> tasks = records.stream().map(Task::new).toList(); // all before any gets a place
    holdBackWhatFollowsAReplay(tasks);
    Set<ChatId> unready = chains.open(needs(tasks));
    List<Placed> toStore = new ArrayList<>();
    for (Task task : tasks) {
      if (!task.isHeldBack) {
        begin(task, unready, toStore);
      }
    }
    store(toStore);
    replay(tasks);
    tasks.forEach(this::count);
    return tasks.stream().map(task -> task.outcome).toList();
  }

  /** When nothing can fail any more, which would have all of the records come again. */
  private void count(Task task) {
    if (task.stored != null) {
      count(task.stored);
      if (task.stored instanceof Entry.Posted
          && !(task.decoded instanceof Decoded.Event(Replay _))) {
        measured.addSince(Metric.END_TO_END_AGE, task.arrivedAt);
      }
    }
  }

  private void count(Entry stored) {
    switch (stored) {
      case Entry.Posted _ -> measured.add(Metric.PERSISTED, 1);
      case Entry.Duplicate _ -> measured.add(Metric.RESENDS_FOUND, 1);
      case Entry.Parked _ -> {}
    }
  }

  /**
   * A replay may fill a place below the messages that follow it. What those find must not depend on
   * how the stream was cut into batches: they wait for the next offer.
   */
  private static void holdBackWhatFollowsAReplay(List<Task> tasks) {
    Set<ChatId> replayed = new HashSet<>();
    for (Task task : tasks) {
      if (task.decoded instanceof Decoded.Event(Replay replay)) {
        replayed.add(replay.chatId());
      } else if (task.chatId() != null && replayed.contains(task.chatId())) {
        task.isHeldBack = true;
        task.outcome = new Outcome.Retry("a replay in its chat comes first");
      }
    }
  }

  private static List<Chains.Need> needs(List<Task> tasks) {
    Map<ChatId, Chains.Need> needs = new LinkedHashMap<>();
    for (Task task : tasks) {
      ChatId chatId = task.chatId();
      if (chatId != null && !task.isHeldBack) {
        needs.merge(
            chatId,
            new Chains.Need(chatId, task.position, task.isResend()),
            (first, later) ->
                new Chains.Need(chatId, first.first(), first.hasResends() || later.hasResends()));
      }
    }
    return List.copyOf(needs.values());
  }

  private void begin(Task task, Set<ChatId> unready, List<Placed> toStore) {
    Placed before = parked.get(task.position);
    if (before != null) {
      task.outcome = before.task().outcome;
      return;
    }
    ChatId chatId = task.chatId();
    if (chatId != null) {
      Chain chain = chains.get(chatId);
      if (chain == null || unready.contains(chatId)) {
        task.outcome = new Outcome.Retry("the chat's newest entries could not be read");
        return;
      }
      switch (task.decoded) {
        case Decoded.Event(MessageSent sent) ->
            toStore.add(new Placed(task, chain, chain.place(task.position, sent)));
        case Decoded.Malformed(String reason, MessageClaim claim) when claim != null ->
            park(
                new Placed(task, chain, chain.place(task.position, claim)),
                new Outcome.Unprocessable("Malformed", reason));
        case Decoded.Event _, Decoded.Malformed _, Decoded.UnknownType _ ->
            throw new IllegalStateException("no message, yet it belongs in a chain");
      }
      return;
    }
    switch (task.decoded) {
      case Decoded.Event(Replay _) -> {} // when all else is stored
      case Decoded.Event _ -> task.outcome = Outcome.done(); // the fan-out's
      case Decoded.Malformed(String reason, _) ->
          task.outcome = new Outcome.Unprocessable("Malformed", reason);
      case Decoded.UnknownType _ ->
          task.outcome = new Outcome.Unprocessable("UnknownType", "no type that this build knows");
    }
  }

  /**
   * Writes messages. A resend is written once it is known whether its original is stored: where
   * that comes in the same batch, in the next round.
   */
  private void store(List<Placed> toStore) {
    List<Placed> left = toStore;
    while (!left.isEmpty()) {
      List<Placed> settled = new ArrayList<>();
      List<Placed> waiting = new ArrayList<>();
      for (Placed placed : left) {
        (placed.chain().isSettled(placed.place()) ? settled : waiting).add(placed);
      }
      if (settled.isEmpty()) {
        waiting.forEach(
            placed -> placed.task().outcome = new Outcome.Retry("its original isn't stored yet"));
        return;
      }
      write(settled);
      left = waiting;
    }
  }

  private void write(List<Placed> settled) {
    List<Stored> entries = settled.stream().map(Placed::stored).toList();
    List<BatchWriter.Result> results;
    try {
      results = writer.write(entries);
    } catch (RuntimeException fault) {
      LOG.error("a fault among {} entries", entries.size(), fault);
      results =
          Collections.nCopies(
              entries.size(), new BatchWriter.Result.Left(fault.getClass().getName()));
    }
    for (int i = 0; i < settled.size(); i++) {
      finish(settled.get(i), entries.get(i).entry(), results.get(i));
    }
  }

  private void finish(Placed placed, Entry entry, BatchWriter.Result result) {
    switch (result) {
      case BatchWriter.Result.Written() -> {
        placed.chain().finish(placed.place());
        placed.task().outcome = Outcome.done();
        placed.task().stored = entry;
      }
      case BatchWriter.Result.Left(String reason) ->
          placed.task().outcome = new Outcome.Retry(reason);
      case BatchWriter.Result.Refused(String reason) -> {
        placed.chain().park(placed.place());
        park(placed, new Outcome.Unprocessable("ValidationException", reason));
      }
    }
  }

  private void park(Placed placed, Outcome refused) {
    parked.put(placed.task().position, placed);
    placed.task().outcome = refused;
  }

  /** One after the other, up to the first sign of an outage: see {@link BatchWriter#write}. */
  private void replay(List<Task> tasks) {
    boolean isDown = false;
    for (Task task : tasks) {
      if (task.decoded instanceof Decoded.Event(Replay replay)) {
        if (isDown) {
          task.outcome = new Outcome.Retry("the table or the stream is down");
          continue;
        }
        try {
          task.outcome = replay(replay, task);
        } catch (TableUnavailableException | StreamUnavailableException down) {
          LOG.warn("can't replay {} of chat {}", replay.position(), replay.chatId(), down);
          task.outcome = new Outcome.Retry(String.valueOf(down.getMessage()));
          isDown = true;
        } catch (RuntimeException fault) {
          LOG.error("a fault at {} of chat {}", replay.position(), replay.chatId(), fault);
          task.outcome = new Outcome.Retry(fault.getClass().getName());
        }
      }
    }
  }

  private Outcome replay(Replay replay, Task task) {
    Chain chain = chains.get(replay.chatId());
    if (chain != null && chain.isUnfinished()) {
      return new Outcome.Retry("earlier messages of its chat are on their way");
    }
    try {
      return replays.replay(replay, task.position, entry -> task.stored = entry);
    } finally {
      chains.forget(replay.chatId()); // what it remembers of that position is no longer so
    }
  }

  /** The chain goes through the place of what lies in the queue. */
  @Override
  public void parked(StreamRecord record) {
    Placed placed = parked.get(record.position());
    if (placed == null) {
      return; // no message, so far as it says
    }
    boolean isNew = messages.placeholder(placed.chain().chatId(), placed.place().placeholder());
    LOG.info(
        "{}: placeholder at {}{}",
        placed.chain().chatId(),
        record.position(),
        isNew ? "" : " is not needed");
    placed.chain().finish(placed.place());
    parked.remove(record.position());
  }

  @Override
  public void close() {
    // holds nothing but memory
  }
}
