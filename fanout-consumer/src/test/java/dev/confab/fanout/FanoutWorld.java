package dev.confab.fanout;

import dev.confab.consumer.FakeLease;
import dev.confab.consumer.HashRange;
import dev.confab.consumer.InMemoryDeadLetters;
import dev.confab.consumer.Outcome;
import dev.confab.consumer.ShardCounts;
import dev.confab.consumer.ShardStage;
import dev.confab.consumer.ShardStart;
import dev.confab.consumer.StreamRecord;
import dev.confab.consumer.VirtualTime;
import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Cursor;
import dev.confab.events.DeadLetter;
import dev.confab.events.EndReason;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.Role;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.metrics.Measurements;
import dev.confab.table.ChatTable;
import dev.confab.table.Faults;
import dev.confab.table.InMemoryTable;
import dev.confab.table.Members;
import dev.confab.table.TableCall;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** One shard's fan-out on one thread, and all around it in memory. */
final class FanoutWorld {
  static final ChatId LOBBY = new ChatId("lobby");
  static final Duration TOKEN = Duration.ofHours(1);

  final VirtualTime time = new VirtualTime();
  final ChatTable table;
  final Measurements measured = new Measurements(time);
  final InMemoryPushes pushes = new InMemoryPushes();
  final InMemoryDeadLetters deadLetters = new InMemoryDeadLetters();
  final List<TableCall> tableCalls = new ArrayList<>();
  FakeLease lease = new FakeLease();
  private FanoutStage.Settings settings = new FanoutStage.Settings(10_000, 5_000, 100_000);
  private ShardStage shard;
  private Faults tableFaults = Faults.NONE;
  private long sequence = 1_000;

  private record Counts(int owned, int open) implements ShardCounts {}

  FanoutWorld() {
    this(new InMemoryTable());
  }

  private FanoutWorld(InMemoryTable inMemory) {
    this((ChatTable) inMemory);
    inMemory.fail(
        call -> {
          tableCalls.add(call);
          return tableFaults.next(call);
        });
  }

  /** With a table that neither counts calls nor fails on demand. */
  FanoutWorld(ChatTable table) {
    this.table = table;
    this.shard = open();
  }

  private ShardStage open() {
    FanoutStage.Ports ports =
        new FanoutStage.Ports(table, pushes, deadLetters, time, time, new Random(7), Runnable::run);
    return new FanoutStage(ports, settings)
        .open(new ShardStart("shardId-0", HashRange.all(), lease, new Counts(1, 1), measured));
  }

  /** Another worker has the shard from now on: nothing is in memory. */
  void takeOver() {
    shard.close();
    lease = new FakeLease();
    shard = open();
  }

  /** As {@link #takeOver}, with other limits. */
  void takeOver(FanoutStage.Settings limits) {
    settings = limits;
    takeOver();
  }

  /** From now on the table fails as these say. */
  void failTable(Faults faults) {
    tableFaults = faults;
  }

  // What lies on the stream.

  /** The next record of the stream, arriving now. */
  StreamRecord record(ChatEvent event) {
    return raw(
        event.chatId().value(), new String(ChatEvents.encode(event), StandardCharsets.UTF_8));
  }

  StreamRecord raw(String partitionKey, String json) {
    return new StreamRecord(
        "shardId-0",
        Position.of(Long.toString(sequence++), 0),
        partitionKey,
        Bytes.of(json.getBytes(StandardCharsets.UTF_8)),
        time.instant());
  }

  ChatEvent.MessageSent message(String id, String text) {
    return message(LOBBY, id, text, false);
  }

  ChatEvent.MessageSent message(ChatId chatId, String id, String text, boolean resend) {
    return new ChatEvent.MessageSent(
        chatId, new UserId("ana"), new ClientMessageId(id), text, resend, time.instant(), null);
  }

  StreamRecord say(String id) {
    return record(message(id, "text of " + id));
  }

  StreamRecord say(ChatId chatId, String id) {
    return record(message(chatId, id, "text of " + id, false));
  }

  StreamRecord resend(String id) {
    return record(message(LOBBY, id, "text of " + id, true));
  }

  ChatEvent.Subscribed subscribe(ChatId chatId, String user, String connection) {
    return subscribe(chatId, user, connection, generationOf(chatId, user));
  }

  ChatEvent.Subscribed subscribe(ChatId chatId, String user, String connection, long generation) {
    return new ChatEvent.Subscribed(
        chatId,
        new UserId(user),
        new ConnectionId(connection),
        generation,
        time.instant().plus(TOKEN),
        "r-" + connection,
        time.instant(),
        null);
  }

  private long generationOf(ChatId chatId, String user) {
    Members.Membership membership = table.members().of(chatId, new UserId(user));
    return membership == null ? 1 : membership.generation();
  }

  ChatEvent.Unsubscribed unsubscribe(ChatId chatId, String user, String connection) {
    return new ChatEvent.Unsubscribed(
        chatId, new UserId(user), new ConnectionId(connection), time.instant(), null);
  }

  ChatEvent.MemberRemoved removed(ChatId chatId, String user, long generation) {
    return new ChatEvent.MemberRemoved(
        chatId, new UserId(user), generation, EndReason.REMOVED, time.instant(), null);
  }

  // Who is there.

  void member(ChatId chatId, String user) {
    table.members().add(chatId, new UserId(user), Role.MEMBER);
  }

  /** A member with an open connection, subscribed and told so. */
  void subscriber(ChatId chatId, String user, String connection) throws InterruptedException {
    member(chatId, user);
    pushes.connect(new ConnectionId(connection));
    process(record(subscribe(chatId, user, connection)));
  }

  void subscriber(String user, String connection) throws InterruptedException {
    subscriber(LOBBY, user, connection);
  }

  // What the host does.

  /** Who owns the shard now, to go on after a take-over as a zombie does. */
  Owner owner() {
    return shard::process;
  }

  /** A worker that has, or had, the shard. */
  interface Owner {
    List<Outcome> offer(List<StreamRecord> records) throws InterruptedException;
  }

  /** One call of the stage. */
  List<Outcome> offer(List<StreamRecord> records) throws InterruptedException {
    for (int i = 1; i < records.size(); i++) {
      if (!records.get(i).position().isAfter(records.get(i - 1).position())) {
        throw new AssertionError("a test must make its records in the order it offers them");
      }
    }
    return shard.process(records);
  }

  /** A batch, its retries included, as the host does it: a second passes before each. */
  void process(StreamRecord... records) throws InterruptedException {
    List<StreamRecord> offered = List.of(records);
    for (int call = 1; !offered.isEmpty(); call++) {
      if (call > 100) {
        throw new AssertionError("still not done: " + offered);
      }
      List<Outcome> outcomes = offer(offered);
      List<StreamRecord> again = new ArrayList<>();
      for (int i = 0; i < offered.size(); i++) {
        switch (outcomes.get(i)) {
          case Outcome.Done() -> {}
          case Outcome.Retry _ -> again.add(offered.get(i));
          case Outcome.Unprocessable unprocessable ->
              throw new AssertionError(unprocessable.toString());
        }
      }
      offered = again;
      if (!offered.isEmpty()) {
        time.pass(Duration.ofSeconds(1));
      }
    }
  }

  // What came of it.

  List<ServerFrame> received(String connection) {
    return pushes.received(new ConnectionId(connection));
  }

  /** The live messages that a connection got, in order. */
  List<Entry.Posted> messages(String connection) {
    return received(connection).stream()
        .filter(ServerFrame.Messages.class::isInstance)
        .map(ServerFrame.Messages.class::cast)
        .filter(frame -> !frame.replayed())
        .flatMap(frame -> frame.messages().stream())
        .toList();
  }

  List<String> texts(String connection) {
    return messages(connection).stream().map(Entry.Posted::text).toList();
  }

  /** The {@code prev} of each live message that a connection got. */
  List<@Nullable Cursor> prevs(String connection) {
    List<@Nullable Cursor> prevs = new ArrayList<>();
    messages(connection).forEach(message -> prevs.add(message.prev()));
    return prevs;
  }

  List<DeadLetter.PushLetter> letters() {
    return deadLetters.taken().stream().map(DeadLetter.PushLetter.class::cast).toList();
  }

  Instant inAnHour() {
    return time.instant().plus(TOKEN);
  }
}
