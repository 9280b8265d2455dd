package dev.confab.fanout;

import static dev.confab.fanout.FanoutWorld.LOBBY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.consumer.Outcome;
import dev.confab.consumer.StreamRecord;
import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ClientMessageId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Cursor;
import dev.confab.events.DeadLetter;
import dev.confab.events.EndReason;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.fanout.InMemoryPushes.Fault;
import dev.confab.table.Faults;
import dev.confab.table.Members;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any order of events, with faults of everything around, crashes, zombies and a persist that is now
 * ahead and now behind. Clients that follow their rules see a chat whole in the end, and nothing is
 * pushed to who isn't subscribed.
 */
class RandomFanoutTest {
  private static final int RUNS = 100;
  private static final int STEPS = 60;

  static LongStream seeds() {
    return LongStream.range(0, RUNS);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void clientsSeeTheChatWhole_andNobodyElseSeesIt(long seed) throws Exception {
    Run run = new Run(seed);
    for (int step = 0; step < STEPS; step++) {
      run.step();
    }
    run.end();
  }

  /** One run and its model. */
  private static final class Run {
    private final Random random;
    private final FanoutWorld world = new FanoutWorld();
    private final List<StreamRecord> stream = new ArrayList<>();
    private final Map<Position, ChatEvent> events = new HashMap<>();

    /** What persist will have stored, once it has read the whole stream. */
    private final TreeMap<Position, Entry> chain = new TreeMap<>(Cursor::compareTo);

    private final Map<ClientMessageId, Position> originals = new HashMap<>();
    private final Map<String, Client> clients = new LinkedHashMap<>();
    private int done;
    private int storedRecords;
    private int names;
    private boolean isFaulty = true;

    Run(long seed) {
      random = new Random(seed);
      world.failTable(_ -> isFaulty ? anyOf(Faults.Fault.values(), 0.15) : Faults.Fault.NONE);
      world.pushes.fail(_ -> isFaulty ? anyOf(pushFaults(), 0.15) : Fault.NONE);
      world.deadLetters.refuse(_ -> isFaulty && random.nextDouble() < 0.3);
    }

    /** Not 413: it would be a fault of ours. */
    private static Fault[] pushFaults() {
      return new Fault[] {Fault.NONE, Fault.SLOW, Fault.ERROR, Fault.RESET, Fault.NEVER};
    }

    private <T> T anyOf(T[] faults, double likelihood) {
      return random.nextDouble() < likelihood ? faults[random.nextInt(faults.length)] : faults[0];
    }

    void step() throws InterruptedException {
      int appended = 1 + random.nextInt(5);
      for (int i = 0; i < appended; i++) {
        append();
      }
      if (random.nextInt(8) == 0) {
        crash();
      }
      work(Math.min(stream.size(), done + 1 + random.nextInt(8)));
    }

    // The stream.

    private void append() {
      isFaulty = false; // the model's own calls
      String user = "u" + random.nextInt(3);
      switch (random.nextInt(12)) {
        case 0, 1, 2, 3 -> say("c-" + names++, false);
        case 4 -> say("c-" + Math.max(0, names - 1 - random.nextInt(6)), true);
        case 5 -> claim();
        case 6, 7, 8 -> subscribe(user);
        case 9 -> unsubscribe();
        case 10 -> removeOrAdd(user);
        default -> disconnect();
      }
      isFaulty = true;
    }

    private void put(ChatEvent event) {
      StreamRecord record = world.record(event);
      stream.add(record);
      events.put(record.position(), event);
    }

    private void say(String id, boolean resend) {
      ChatEvent.MessageSent sent = world.message(LOBBY, id, "text of " + id, resend);
      put(sent);
      Position position = stream.getLast().position();
      Position original = originals.putIfAbsent(sent.clientMessageId(), position);
      Cursor prev = chain.isEmpty() ? Cursor.start() : chain.lastKey();
      chain.put(
          position,
          resend && original != null
              ? new Entry.Duplicate(position, prev, original)
              : Entry.Posted.of(position, prev, sent));
    }

    private void claim() {
      stream.add(
          world.raw("lobby", "{\"v\":1,\"type\":\"message\",\"chatId\":\"lobby\",\"text\":7}"));
      Position position = stream.getLast().position();
      Cursor prev = chain.isEmpty() ? Cursor.start() : chain.lastKey();
      chain.put(position, new Entry.Parked(position, prev, null, null));
    }

    private void subscribe(String user) {
      Members.Membership membership = world.table.members().of(LOBBY, new UserId(user));
      if (membership == null || !membership.isActive()) {
        world.member(LOBBY, user);
      }
      String connection = user + "-" + random.nextInt(2);
      Client client = clients.get(connection);
      if (client != null && client.isClosed) {
        connection = user + "-" + names++;
      }
      if (!clients.containsKey(connection)) {
        world.pushes.connect(new ConnectionId(connection));
        clients.put(connection, new Client(connection, user));
      }
      put(world.subscribe(LOBBY, user, connection));
    }

    private @Nullable Client anyClient() {
      List<Client> open = clients.values().stream().filter(client -> !client.isClosed).toList();
      return open.isEmpty() ? null : open.get(random.nextInt(open.size()));
    }

    private void unsubscribe() {
      Client client = anyClient();
      if (client != null) {
        put(world.unsubscribe(LOBBY, client.user, client.connection));
      }
    }

    private void removeOrAdd(String user) {
      switch (world.table.members().leave(LOBBY, new UserId(user))) {
        case Members.Leave.Left(long generation) ->
            put(
                new ChatEvent.MemberRemoved(
                    LOBBY,
                    new UserId(user),
                    generation,
                    EndReason.LEFT,
                    world.time.instant(),
                    null));
        case Members.Leave.NotMember(), Members.Leave.LastOwner() -> world.member(LOBBY, user);
      }
    }

    private void disconnect() {
      Client client = anyClient();
      if (client != null && random.nextInt(3) == 0) {
        client.isClosed = true;
        world.pushes.disconnect(new ConnectionId(client.connection));
      }
    }

    // The host.

    /** The next owner begins at a checkpoint; the last one may not know yet. */
    private void crash() throws InterruptedException {
      FanoutWorld.Owner zombie = world.owner();
      List<StreamRecord> underWay =
          stream.subList(done, Math.min(stream.size(), done + random.nextInt(6)));
      if (!underWay.isEmpty() && random.nextBoolean()) {
        zombie.offer(underWay); // once: it dies in the middle
      }
      world.takeOver();
      int checkpoint = Math.max(0, done - random.nextInt(6));
      work(Math.min(stream.size(), checkpoint + 1), checkpoint);
      if (!underWay.isEmpty() && random.nextBoolean()) {
        zombie.offer(underWay);
      }
    }

    private void work(int end) throws InterruptedException {
      work(end, done);
    }

    private void work(int end, int from) throws InterruptedException {
      if (random.nextBoolean()) {
        storedRecords = Math.max(storedRecords, end); // persist is ahead
      }
      List<StreamRecord> open = stream.subList(from, end);
      for (int call = 0; !open.isEmpty(); call++) {
        assertThat(call).isLessThan(500);
        List<Outcome> outcomes = world.offer(open);
        List<StreamRecord> again = new ArrayList<>();
        for (int i = 0; i < open.size(); i++) {
          assertThat(outcomes.get(i)).isNotInstanceOf(Outcome.Unprocessable.class);
          if (outcomes.get(i) instanceof Outcome.Retry) {
            again.add(open.get(i));
          }
        }
        open = again;
        world.time.pass(Duration.ofMillis(100));
        clients.values().forEach(Client::look);
      }
      done = Math.max(end, from);
      storedRecords = Math.max(storedRecords, done - random.nextInt(4)); // persist follows
      clients.values().forEach(Client::look);
    }

    /** What history answers now. */
    private List<Entry> storedAfter(Cursor cursor) {
      return chain.values().stream()
          .filter(entry -> entry.position().isAfter(cursor))
          .filter(entry -> isStored(entry.position()))
          .toList();
    }

    private boolean isStored(Position position) {
      return storedRecords > 0 && !position.isAfter(stream.get(storedRecords - 1).position());
    }

    // The end.

    void end() throws InterruptedException {
      isFaulty = false;
      for (Client client : clients.values()) {
        if (!client.isClosed) {
          world.member(LOBBY, client.user);
          put(world.subscribe(LOBBY, client.user, client.connection));
        }
      }
      say("c-last", false);
      world.pushes.fail(_ -> Fault.NONE);
      world.deadLetters.comeUp();
      world.failTable(Faults.NONE);
      work(stream.size());
      storedRecords = stream.size();
      for (Client client : clients.values()) {
        client.look();
        client.checkWhole();
        client.checkAllowed();
      }
      for (DeadLetter letter : world.deadLetters.taken()) {
        assertThat(((DeadLetter.PushLetter) letter).positions()).allMatch(events::containsKey);
      }
    }

    /** A client that follows the rules of the protocol. */
    private final class Client {
      private final String connection;
      private final String user;
      private final Set<ClientMessageId> shown = new HashSet<>();
      private final List<Entry.Posted> held = new ArrayList<>();
      private @Nullable Cursor start;
      private @Nullable Cursor cursor;
      private @Nullable Cursor wanted;
      private int framesRead;
      private boolean isClosed;

      Client(String connection, String user) {
        this.connection = connection;
        this.user = user;
      }

      void look() {
        List<Bytes> frames = world.pushes.frames(new ConnectionId(connection));
        for (Bytes bytes : frames.subList(framesRead, frames.size())) {
          ServerFrame frame = InMemoryPushes.parse(bytes);
          switch (frame) {
            case ServerFrame.Joined joined -> joined(joined);
            case ServerFrame.Messages messages -> messages.messages().forEach(this::message);
            case ServerFrame.Unsubscribed _, ServerFrame.Failed _ -> {}
            default -> throw new AssertionError("nobody puts what makes a " + frame);
          }
        }
        framesRead = frames.size();
        recover();
      }

      private Cursor cursor() {
        Cursor now = cursor;
        if (now == null) { // the newest page
          List<Entry> all = storedAfter(Cursor.start());
          now = all.isEmpty() ? Cursor.start() : all.getLast().position();
          start = now;
          cursor = now;
        }
        return now;
      }

      private void joined(ServerFrame.Joined joined) {
        Cursor prev = joined.prev();
        if (prev == null) {
          fetch();
        } else if (prev.isAfter(cursor())) {
          want(prev);
        }
      }

      private void message(Entry.Posted message) {
        Cursor prev = message.prev();
        if (wanted != null) {
          held.add(message);
        } else if (!message.position().isAfter(cursor())) {
          return;
        } else if (prev == null || prev.isAfter(cursor())) {
          want(prev == null ? message.position() : prev);
          held.add(message);
        } else {
          shown.add(message.clientMessageId());
          cursor = message.position();
        }
      }

      private void want(Cursor position) {
        if (wanted == null || position.isAfter(wanted)) {
          wanted = position;
        }
      }

      private void fetch() {
        for (Entry entry : storedAfter(cursor())) {
          if (entry instanceof Entry.Posted posted) {
            shown.add(posted.clientMessageId());
          }
          cursor = entry.position();
        }
      }

      private void recover() {
        while (wanted != null) {
          fetch();
          if (wanted.isAfter(cursor())) {
            return; // not stored yet: later
          }
          wanted = null;
          List<Entry.Posted> waited = List.copyOf(held);
          held.clear();
          waited.forEach(this::message);
        }
      }

      /** Every message after the first page. */
      void checkWhole() {
        if (isClosed) {
          return;
        }
        Position last = stream.getLast().position();
        assertThat(cursor).as("%s got the last message", connection).isEqualTo(last);
        Cursor from = start == null ? last : start;
        for (Entry entry : chain.tailMap(chain.firstKey()).values()) {
          if (entry instanceof Entry.Posted posted && posted.position().isAfter(from)) {
            assertThat(shown)
                .as("%s sees what is at %s", connection, posted.position())
                .contains(posted.clientMessageId());
          }
        }
      }

      /** Each message that was pushed lies in an interval. */
      void checkAllowed() {
        for (ServerFrame frame : world.received(connection)) {
          if (frame instanceof ServerFrame.Messages messages) {
            for (Entry.Posted message : messages.messages()) {
              assertThat(isSubscribedAt(message.position()))
                  .as("%s may get what is at %s", connection, message.position())
                  .isTrue();
            }
          }
        }
      }

      private boolean isSubscribedAt(Position position) {
        boolean subscribed = false;
        for (StreamRecord record : stream) {
          if (!position.isAfter(record.position())) {
            return subscribed;
          }
          subscribed =
              switch (events.get(record.position())) {
                case ChatEvent.Subscribed one when one.connectionId().value().equals(connection) ->
                    true;
                case ChatEvent.Unsubscribed one
                    when one.connectionId().value().equals(connection) ->
                    false;
                case ChatEvent.MemberRemoved one when one.userId().value().equals(user) -> false;
                case null, default -> subscribed;
              };
        }
        return subscribed;
      }
    }
  }
}
