package dev.confab.persist;

import dev.confab.consumer.Outcome;
import dev.confab.events.ChatEvent.MessageSent;
import dev.confab.events.ChatEvent.Repaired;
import dev.confab.events.ChatEvent.Replay;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.Cursor;
import dev.confab.events.Decoded;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.table.Messages;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what a dead letter's record asked for, at the record's original position. Where that can't
 * succeed either, the outcome is unprocessable, and the host parks the original again, counted.
 */
final class Replays {
  private static final Logger LOG = LoggerFactory.getLogger(Replays.class);

  private final Messages messages;
  private final EventStream stream;

  Replays(Messages messages, EventStream stream) {
    this.messages = messages;
    this.stream = stream;
  }

  /**
   * Replays a record. Every earlier record of the chat is finished: the chain below the replayed
   * position is in the table.
   *
   * @param at where the replay itself lies
   * @param stored hears of the entry that is in the table now, where the replay is done by that
   * @throws dev.confab.table.TableUnavailableException later
   * @throws EventStream.StreamUnavailableException later
   */
  Outcome replay(Replay replay, Position at, Consumer<Entry> stored) {
    if (!at.isAfter(replay.position())) {
      return new Outcome.Unprocessable("InvalidReplay", "its position is not before the replay's");
    }
    return switch (ChatEvents.decode(replay.chatId().value(), replay.data().toArray())) {
      case Decoded.Event(MessageSent sent) -> repair(replay, sent, stored);
      case Decoded.Event(Replay _) ->
          new Outcome.Unprocessable("InvalidReplay", "a replay of a replay");
      case Decoded.Event _ -> Outcome.done(); // an event that is nothing to persist any more
      case Decoded.UnknownType _ ->
          new Outcome.Unprocessable("UnknownType", "an event of a type that isn't known here");
      case Decoded.Malformed(String reason, var _) ->
          new Outcome.Unprocessable("Malformed", reason);
    };
  }

  private Outcome repair(Replay replay, MessageSent sent, Consumer<Entry> stored) {
    ChatId chatId = replay.chatId();
    Position position = replay.position();
    Fingerprint fingerprint = Fingerprint.of(sent);
    Position original = sent.resend() ? originalOf(fingerprint, chatId, position) : null;
    Messages.Repair repair =
        messages.repair(
            chatId,
            position,
            () -> messages.newestBefore(chatId, position),
            prev -> entry(position, prev, sent, original));
    return switch (repair) {
      case Messages.Repair.Repaired(Entry entry) -> repaired(chatId, entry, stored);
      case Messages.Repair.Occupied(Entry.Posted posted) when isOf(posted, fingerprint) ->
          // An earlier replay put it there, when the original that it repeats was still parked.
          repaired(chatId, posted, stored);
      case Messages.Repair.Occupied(Entry.Duplicate marker)
          when holds(chatId, marker, fingerprint) -> {
        LOG.info(
            "{}: the message of the letter at {} is stored at {}",
            chatId,
            position,
            marker.duplicateOf());
        yield Outcome.done();
      }
      case Messages.Repair.Occupied _ ->
          new Outcome.Unprocessable("Occupied", "something else lies at its position");
      case Messages.Repair.Refused(String reason) ->
          new Outcome.Unprocessable("ValidationException", reason);
    };
  }

  /** Told again when the replay comes again: whoever hears it twice fetches twice. */
  private Outcome repaired(ChatId chatId, Entry entry, Consumer<Entry> stored) {
    stream.put(new Repaired(chatId, entry.position()));
    stored.accept(entry);
    return Outcome.done();
  }

  private static Entry entry(
      Position position, Cursor prev, MessageSent sent, @Nullable Position original) {
    return original == null
        ? Entry.Posted.of(position, prev, sent)
        : new Entry.Duplicate(position, prev, original);
  }

  /** The same that the record would have met the first time. */
  private @Nullable Position originalOf(Fingerprint fingerprint, ChatId chatId, Position position) {
    for (Entry entry : messages.before(chatId, position, Chain.WINDOW)) {
      if (entry instanceof Entry.Posted posted && isOf(posted, fingerprint)) {
        return posted.position();
      }
    }
    return null;
  }

  private boolean holds(ChatId chatId, Entry.Duplicate marker, Fingerprint fingerprint) {
    Map<Position, Entry> there = messages.at(chatId, List.of(marker.duplicateOf()));
    return there.get(marker.duplicateOf()) instanceof Entry.Posted posted
        && isOf(posted, fingerprint);
  }

  private static boolean isOf(Entry.Posted posted, Fingerprint fingerprint) {
    return Fingerprint.of(posted).equals(fingerprint);
  }
}
