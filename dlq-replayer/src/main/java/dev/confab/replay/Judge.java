package dev.confab.replay;

import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.DeadLetter;
import dev.confab.events.Decoded;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.JsonObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Decides what a replay does with a letter. Thread-safe. */
final class Judge {

  /**
   * What the operator wants.
   *
   * @param maxReplays a letter replayed as often is left; 1 or more
   * @param asNew whether messages in a wrong shard or under a wrong key are posted as new ones
   * @param tryMalformed whether to replay messages that this build's own rules refuse
   * @param startedAt when the command began: what failed later has failed again
   */
  record Wish(
      Filter filter, int maxReplays, boolean asNew, boolean tryMalformed, Instant startedAt) {
    static final int DEFAULT_MAX_REPLAYS = 3;
  }

  private final Wish wish;
  private final Shards shards;
  private final Payloads payloads;

  Judge(Wish wish, Shards shards, Payloads payloads) {
    this.wish = wish;
    this.shards = shards;
    this.payloads = payloads;
  }

  /** Reads the stream where a letter is a pointer. */
  Verdict judge(Received received) {
    return judge(received.content(), received.message().sentAt());
  }

  /**
   * As {@link #judge(Received)}.
   *
   * @param sentAt when the queue took it
   */
  Verdict judge(Received.Content content, Instant sentAt) {
    return switch (content) {
      case Received.NotOurs(String reason) -> new Verdict.Leave(Why.NOT_OURS, reason);
      case Received.Ours(DeadLetter letter) -> {
        if (!wish.filter().matches(letter)) {
          yield new Verdict.PassOver();
        }
        Verdict spent = spent(letter, sentAt);
        yield spent != null ? spent : replay(letter);
      }
    };
  }

  private @Nullable Verdict spent(DeadLetter letter, Instant sentAt) {
    int replays = letter.replayCount();
    if (replays >= wish.maxReplays()) {
      return new Verdict.Leave(Why.REPLAYED_OFTEN, times(replays));
    }
    // Without this, a run over a queue that refills would replay a letter until it is spent.
    if (replays > 0 && sentAt.isAfter(wish.startedAt())) {
      return new Verdict.Leave(Why.FAILED_AGAIN, letter.failure().errorText());
    }
    return null;
  }

  private static String times(int replays) {
    return replays == 1 ? "once" : replays + " times";
  }

  private Verdict replay(DeadLetter letter) {
    return switch (letter) {
      case DeadLetter.PushLetter push ->
          new Verdict.PutBack(
              new ChatEvent.PushReplay(
                  push.chatId(), push.positions(), push.connectionIds(), push.replayCount() + 1));
      case DeadLetter.RecordLetter record ->
          switch (payloads.of(record)) {
            case Payloads.Lost(String reason) -> new Verdict.Leave(Why.UNRECOVERABLE, reason);
            case Payloads.Whole(Bytes data) -> replay(record, data);
          };
    };
  }

  private Verdict replay(DeadLetter.RecordLetter letter, Bytes data) {
    if (data.size() > ChatEvent.MAX_EVENT_BYTES) {
      return new Verdict.Leave(
          Why.TOO_LARGE,
          "%,d bytes, where an event has at most %,d"
              .formatted(data.size(), ChatEvent.MAX_EVENT_BYTES));
    }
    return switch (ChatEvents.decode(letter.partitionKey(), data.toArray())) {
      case Decoded.Event(ChatEvent.MessageSent message) ->
          isMisrouted(letter)
              ? asNew(Why.MISROUTED, "read in " + letter.shardId(), message)
              : back(letter, message.chatId(), data);
      case Decoded.Event(ChatEvent _) ->
          new Verdict.Leave(Why.NO_MESSAGE, "an event, but no message");
      case Decoded.UnknownType(String type) -> new Verdict.Leave(Why.UNKNOWN_TYPE, type);
      case Decoded.Malformed(String reason, Decoded.@Nullable MessageClaim claim) ->
          malformed(letter, data, reason, claim);
    };
  }

  private Verdict malformed(
      DeadLetter.RecordLetter letter,
      Bytes data,
      String reason,
      Decoded.@Nullable MessageClaim claim) {
    if (claim == null) {
      ChatEvent.MessageSent elsewhere = messageOfItsChat(data);
      return elsewhere == null
          ? new Verdict.Leave(Why.NO_MESSAGE, reason)
          : asNew(
              Why.MISMATCHED,
              "key %s, chat %s".formatted(letter.partitionKey(), elsewhere.chatId()),
              elsewhere);
    }
    if (isMisrouted(letter)) {
      return new Verdict.Leave(Why.NO_MESSAGE, "in the wrong shard, and " + reason);
    }
    return wish.tryMalformed()
        ? back(letter, claim.chatId(), data)
        : new Verdict.Leave(Why.REFUSED_AGAIN, reason);
  }

  private Verdict asNew(Why why, String detail, ChatEvent.MessageSent message) {
    return wish.asNew()
        ? new Verdict.PostAsNew(NewMessages.again(message))
        : new Verdict.Leave(why, detail);
  }

  private static Verdict back(DeadLetter.RecordLetter letter, ChatId chat, Bytes data) {
    return new Verdict.PutBack(
        new ChatEvent.Replay(chat, letter.position(), letter.replayCount() + 1, data));
  }

  /** The consumer said so, or the stream's own map of its shards does. */
  private boolean isMisrouted(DeadLetter.RecordLetter letter) {
    return letter.failure().errorClass().equals(DeadLetter.Failure.MISROUTED)
        || shards.excludes(letter.shardId(), letter.partitionKey());
  }

  /** What the record would be under the key that it should have had. */
  private static ChatEvent.@Nullable MessageSent messageOfItsChat(Bytes data) {
    try {
      byte[] bytes = data.toArray();
      ChatId chat =
          JsonObject.parse(bytes, ChatEvent.MAX_EVENT_BYTES).parsed("chatId", ChatId::new);
      return ChatEvents.decode(chat.value(), bytes)
              instanceof Decoded.Event(ChatEvent.MessageSent message)
          ? message
          : null;
    } catch (InvalidJsonException namesNoChat) {
      return null;
    }
  }
}
