package dev.confab.load.check;

import dev.confab.consumer.HashRange;
import dev.confab.consumer.StreamRecord;
import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientMessageId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Cursor;
import dev.confab.events.DeadLetter;
import dev.confab.events.Decoded;
import dev.confab.events.EndReason;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A run written by hand: one connection that heard everything, until a test spoils it. */
final class Story {
  static final ChatId LOBBY = new ChatId("lobby");
  static final ChatId DEN = new ChatId("den");
  static final UserId ANA = new UserId("ana");
  static final ConnectionId PHONE = new ConnectionId("phone");
  private static final String SHARD = "shardId-0";

  /** Holds no key: what is read there is misrouted. */
  static final String WRONG_SHARD = "shardId-1";

  private static final Instant START = Instant.parse("2026-11-24T02:04:05.123Z");

  final List<History.Send> sends = new ArrayList<>();
  final List<StreamRecord> stream = new ArrayList<>();
  final Map<ChatId, List<Entry>> table = new LinkedHashMap<>();
  final List<History.Exchange> exchanges = new ArrayList<>();
  final List<History.Letter> letters = new ArrayList<>();
  final List<History.View> views = new ArrayList<>();
  Instant now = START;
  long lag;
  boolean isViewCurrent = true;
  boolean hasView = true;
  private int sequence = 100;

  Position put(ChatId key, byte[] data) {
    return put(SHARD, key.value(), data);
  }

  Position put(String shard, String key, byte[] data) {
    Position position = Position.of(Integer.toString(sequence++), 0);
    stream.add(new StreamRecord(shard, position, key, Bytes.of(data), now));
    now = now.plusSeconds(1);
    return position;
  }

  Position put(ChatEvent event) {
    return put(event.chatId(), ChatEvents.encode(event));
  }

  ChatEvent.MessageSent message(ChatId chatId, String id, boolean resend) {
    return new ChatEvent.MessageSent(
        chatId, ANA, new ClientMessageId(id), "text of " + id, resend, now, null);
  }

  Position send(ChatId chatId, String id, boolean resend) {
    ChatEvent.MessageSent sent = message(chatId, id, resend);
    Position position = put(sent);
    sends.add(
        new History.Send(
            chatId, ANA, sent.clientMessageId(), sent.text(), resend, sent.sentAt(), position));
    return position;
  }

  /** Sent, acked, stored and pushed. */
  Position say(String id) {
    Position position = send(LOBBY, id, false);
    Entry.Posted posted = store(LOBBY, position);
    push(posted);
    return position;
  }

  Cursor newest(ChatId chatId) {
    List<Entry> entries = entries(chatId);
    return entries.isEmpty() ? Cursor.start() : entries.getLast().position();
  }

  List<Entry> entries(ChatId chatId) {
    return table.computeIfAbsent(chatId, _ -> new ArrayList<>());
  }

  Entry.Posted posted(Position position, @Nullable Cursor prev) {
    StreamRecord record =
        stream.stream().filter(one -> one.position().equals(position)).findFirst().orElseThrow();
    var decoded = ChatEvents.decode(record.partitionKey(), record.data().toArray());
    return Entry.Posted.of(
        position, prev, (ChatEvent.MessageSent) ((Decoded.Event) decoded).event());
  }

  Entry.Posted store(ChatId chatId, Position position) {
    Entry.Posted posted = posted(position, newest(chatId));
    entries(chatId).add(posted);
    return posted;
  }

  void mark(Position position, Position original) {
    entries(LOBBY).add(new Entry.Duplicate(position, newest(LOBBY), original));
  }

  Entry.Parked park(Position position) {
    Entry.Parked parked = new Entry.Parked(position, newest(LOBBY), null, null);
    entries(LOBBY).add(parked);
    return parked;
  }

  DeadLetter.RecordLetter letter(Position position) {
    StreamRecord record =
        stream.stream().filter(one -> one.position().equals(position)).findFirst().orElseThrow();
    return letter(position, record.partitionKey(), record.data());
  }

  DeadLetter.RecordLetter letter(Position position, String key, Bytes data) {
    return new DeadLetter.RecordLetter(
        new DeadLetter.Failure("Malformed", "why", 1, now, now),
        SHARD,
        position,
        key,
        null,
        null,
        0,
        new DeadLetter.Inline(data));
  }

  void lay(DeadLetter letter, boolean isInQueue) {
    letters.add(new History.Letter(History.Letter.PERSIST, letter, isInQueue));
  }

  void push(Entry.Posted... messages) {
    push(LOBBY, messages);
  }

  void push(ChatId chatId, Entry.Posted... messages) {
    got(new ServerFrame.Messages(chatId, List.of(messages), false));
  }

  void got(ServerFrame frame) {
    exchanges.add(new History.Got(now, frame));
  }

  void asked(ClientFrame frame) {
    exchanges.add(new History.Asked(now, frame));
  }

  Position subscribe(ChatId chatId, Duration lifetime) {
    ChatEvent.Subscribed event =
        new ChatEvent.Subscribed(chatId, ANA, PHONE, 1, now.plus(lifetime), null, now, null);
    Position position = put(event);
    got(new ServerFrame.Joined(null, chatId, position, newest(chatId), event.expiresAt()));
    return position;
  }

  Position subscribe() {
    return subscribe(LOBBY, Duration.ofHours(2));
  }

  Position remove() {
    return put(new ChatEvent.MemberRemoved(LOBBY, ANA, 1, EndReason.REMOVED, now, null));
  }

  byte[] malformed() {
    return "{\"v\":1,\"type\":\"message\",\"chatId\":\"lobby\",\"text\":7}"
        .getBytes(StandardCharsets.UTF_8);
  }

  /** What a client that follows its rules shows, unless a test wrote a view. */
  private List<Entry.Shown> shown() {
    return entries(LOBBY).stream()
        .filter(Entry.Shown.class::isInstance)
        .map(Entry.Shown.class::cast)
        .sorted(Comparator.comparing(Entry.Shown::position))
        .toList();
  }

  Report check() {
    List<History.View> all = new ArrayList<>(views);
    if (hasView) {
      all.add(new History.View(PHONE, ANA, LOBBY, isViewCurrent, shown()));
    }
    return Checker.check(
        new History(
            sends,
            stream,
            Map.of(
                SHARD, HashRange.all(), WRONG_SHARD, new HashRange(BigInteger.ONE, BigInteger.ONE)),
            table,
            List.of(new History.Connection(PHONE, ANA, exchanges)),
            all,
            letters,
            List.of(new History.Progress("persist", SHARD, lag))));
  }
}
