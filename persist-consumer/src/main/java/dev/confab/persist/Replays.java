package dev.confab.persist;

import dev.confab.consumer.Outcome;
import dev.confab.consumer.StreamRecord;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvent.MessageSent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.Cursor;
import dev.confab.events.Decoded;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.table.Messages;
import dev.confab.table.Messages.Repair;
import dev.confab.table.TableUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * Puts back what a dead letter held, at its original position, as if it had never failed. Doing it
 * twice, or by two replayers at once, ends the same.
 */
final class Replays {
  private final Messages messages;
  private final EventStream stream;

  Replays(Messages messages, EventStream stream) {
    this.messages = messages;
    this.stream = stream;
  }

  /** What became of a replay; {@code entry} is what the table holds now, where it was repaired. */
  record Result(Outcome outcome, @Nullable Entry entry) {}

  /**
   * Puts a message back and tells its chat.
   *
   * @param record the replay's own
   */
  Result apply(StreamRecord record, ChatEvent.Replay replay) {
    if (!record.position().isAfter(replay.position())) {
      return refused("InvalidReplay", "the position is not below the replay's own");
    }
    return switch (ChatEvents.decode(record.partitionKey(), replay.data().toArray())) {
      case Decoded.Event(MessageSent sent) -> repair(replay, sent);
      case Decoded.Event(ChatEvent other) ->
          refused("InvalidReplay", "holds no message but " + other.getClass().getSimpleName());
      case Decoded.UnknownType(String type) -> refused("UnknownType", unknown(type));
      case Decoded.Malformed(String reason, var _) -> refused("Malformed", reason);
    };
  }

  static String unknown(String type) {
    String shown = type.substring(0, Math.min(64, type.length())).replaceAll("[^ -~]", "?");
    return "no event of a type known here: " + shown;
  }

  private static Result refused(String errorClass, String errorText) {
    return new Result(new Outcome.Unprocessable(errorClass, errorText), null);
  }

  private Result repair(ChatEvent.Replay replay, MessageSent sent) {
    ChatId chatId = replay.chatId();
    Position position = replay.position();
    try {
      Position original = sent.resend() ? originalOf(position, sent) : null;
      Repair repair =
          messages.repair(
              chatId,
              position,
              () -> messages.newestBefore(chatId, position),
              prev -> entry(position, prev, sent, original));
      return switch (repair) {
        case Repair.Repaired(Entry entry) -> {
          stream.put(new ChatEvent.Repaired(chatId, position)); // again after a crash in between
          yield new Result(Outcome.done(), entry);
        }
        case Repair.Occupied(Entry.Duplicate _) -> new Result(Outcome.done(), null);
        case Repair.Occupied _ -> refused("Occupied", "something else is stored at the position");
      };
    } catch (TableUnavailableException | EventStream.StreamUnavailableException later) {
      return new Result(new Outcome.Retry(String.valueOf(later.getMessage())), null);
    }
  }

  private static Entry entry(
      Position position, Cursor prev, MessageSent sent, @Nullable Position original) {
    return original == null
        ? Entry.Posted.of(position, prev, sent)
        : new Entry.Duplicate(position, prev, original);
  }

  /** Had a resend not failed, it would have been dropped. */
  private @Nullable Position originalOf(Position resend, MessageSent sent) {
    MessageKey key = MessageKey.of(sent.senderId(), sent.clientMessageId(), sent.text());
    for (Entry entry : messages.before(sent.chatId(), resend, RecentMessages.MAX_MESSAGES)) {
      if (entry instanceof Entry.Posted posted
          && MessageKey.of(posted.senderId(), posted.clientMessageId(), posted.text())
              .equals(key)) {
        return posted.position();
      }
    }
    return null;
  }
}
