package dev.confab.load.check;

import dev.confab.consumer.HashRange;
import dev.confab.consumer.StreamRecord;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvent.MessageSent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Decoded;
import dev.confab.events.Position;
import dev.confab.events.UserId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the stream says: each chat's chain as it has to be, and the events that change who hears.
 */
final class Truth {
  /**
   * A place in a chat's chain.
   *
   * @param index in the chat's order
   * @param sent the message; null for a record that claims to be one and can't be read
   */
  record Place(
      ChatId chatId,
      int index,
      StreamRecord record,
      @Nullable UserId senderId,
      @Nullable ClientMessageId clientMessageId,
      @Nullable MessageSent sent) {

    Position position() {
      return record.position();
    }

    boolean isResend() {
      return sent != null && sent.resend();
    }

    /** Whether a message may be dropped for another: same sender, id and text. */
    boolean repeats(Place other) {
      return sent != null
          && other.sent != null
          && sent.senderId().equals(other.sent.senderId())
          && sent.clientMessageId().equals(other.sent.clientMessageId())
          && sent.text().equals(other.sent.text());
    }
  }

  /** An event that is no message, and where it lies. */
  record Event(Position position, Instant arrivedAt, ChatEvent event) {}

  /** A record that no chain has a place for and no stage can do anything with. */
  record Bad(StreamRecord record, String why) {}

  private final Map<ChatId, NavigableMap<Position, Place>> chains = new LinkedHashMap<>();
  private final Map<ChatId, List<Event>> events = new HashMap<>();
  private final Map<Position, List<StreamRecord>> records = new HashMap<>();
  private final List<Bad> bad = new ArrayList<>();
  private final List<String> notAscending = new ArrayList<>();

  Truth(List<StreamRecord> stream, Map<String, HashRange> shards) {
    for (StreamRecord record : stream) {
      records.computeIfAbsent(record.position(), _ -> new ArrayList<>(1)).add(record);
      HashRange range = shards.get(record.shardId());
      if (range != null && !range.contains(record.partitionKey())) {
        bad.add(new Bad(record, "in the wrong shard"));
        continue;
      }
      switch (ChatEvents.decode(record.partitionKey(), record.data().toArray())) {
        case Decoded.Event(MessageSent sent) ->
            place(sent.chatId(), record, sent.senderId(), sent.clientMessageId(), sent);
        case Decoded.Event(ChatEvent event) ->
            events
                .computeIfAbsent(event.chatId(), _ -> new ArrayList<>())
                .add(new Event(record.position(), record.arrivedAt(), event));
        case Decoded.Malformed(String _, Decoded.MessageClaim claim) when claim != null ->
            place(claim.chatId(), record, claim.senderId(), claim.clientMessageId(), null);
        case Decoded.Malformed(String reason, var _) -> bad.add(new Bad(record, reason));
        case Decoded.UnknownType(String type) -> bad.add(new Bad(record, "of type " + type));
      }
    }
  }

  private void place(
      ChatId chatId,
      StreamRecord record,
      @Nullable UserId senderId,
      @Nullable ClientMessageId clientMessageId,
      @Nullable MessageSent sent) {
    NavigableMap<Position, Place> chain = chains.computeIfAbsent(chatId, _ -> new TreeMap<>());
    if (!chain.isEmpty() && !record.position().isAfter(chain.lastKey())) {
      notAscending.add(chatId + ": " + record.position() + " comes after " + chain.lastKey());
    }
    chain.put(
        record.position(),
        new Place(chatId, chain.size(), record, senderId, clientMessageId, sent));
  }

  /** A chat's places, by position. */
  NavigableMap<Position, Place> chain(ChatId chatId) {
    return chains.getOrDefault(chatId, new TreeMap<>());
  }

  Map<ChatId, NavigableMap<Position, Place>> chains() {
    return chains;
  }

  /** A chat's events that are no messages, in order. */
  List<Event> events(ChatId chatId) {
    return events.getOrDefault(chatId, List.of());
  }

  /** What lies at a position, in whichever shard. */
  List<StreamRecord> at(Position position) {
    return records.getOrDefault(position, List.of());
  }

  /** The chat that has a position, null if none has. */
  @Nullable ChatId chatAt(Position position) {
    for (Map.Entry<ChatId, NavigableMap<Position, Place>> chain : chains.entrySet()) {
      if (chain.getValue().containsKey(position)) {
        return chain.getKey();
      }
    }
    return null;
  }

  List<Bad> bad() {
    return bad;
  }

  /** Where the positions of a chat don't rise with its order. */
  List<String> notAscending() {
    return notAscending;
  }
}
