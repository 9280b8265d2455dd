package dev.confab.load.client;

import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.ErrorCode;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.table.PageLimit;
import dev.confab.table.Run;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A whole Confab of one chat in a few maps, whose parts lag and fail as a random generator says: a
 * stream, a persist that writes out of order, parks and repairs, and a fan-out that loses pushes,
 * repeats them and forgets what came before.
 */
final class FakeChat {
  static final ChatId CHAT = new ChatId("lobby");
  private static final PageLimit PAGE = new PageLimit(7, 1_000_000, entry -> 1);

  private sealed interface OnStream {}

  private record Message(UserId sender, ClientMessageId id, String text, boolean resend)
      implements OnStream {}

  private record Subscribe(Consumer<ServerFrame> connection, @Nullable String requestId)
      implements OnStream {}

  private record Repaired(Position position) implements OnStream {}

  private record Key(UserId sender, ClientMessageId id) {}

  private final Random random;
  private final List<OnStream> stream = new ArrayList<>();
  private final NavigableMap<Position, Entry> table = new TreeMap<>();
  private final NavigableMap<Position, Entry> unwritten = new TreeMap<>();
  private final Map<Position, Message> deadLetters = new LinkedHashMap<>();
  private final Map<Key, Position> stored = new HashMap<>();
  private final Set<Key> pushed = new HashSet<>();
  private final Set<Consumer<ServerFrame>> connections = new HashSet<>();
  private int persisted;
  private int fannedOut;
  private Cursor storedPrev = Cursor.start();
  private @Nullable Cursor livePrev = Cursor.start();
  boolean isFaulty = true;

  FakeChat(Random random) {
    this.random = random;
  }

  private boolean chance(double probability) {
    return isFaulty && random.nextDouble() < probability;
  }

  private static Position position(int index) {
    return Position.of(Integer.toString(1_000 + index), 0);
  }

  private Position put(OnStream record) {
    stream.add(record);
    return position(stream.size() - 1);
  }

  /** Persist takes the next records, and writes some of what it has taken, in any order. */
  void persist() {
    if (persisted < stream.size()) {
      Position position = position(persisted);
      if (stream.get(persisted++) instanceof Message message) {
        unwritten.put(position, entry(position, message));
        storedPrev = position;
      }
    }
    List<Position> waiting = new ArrayList<>(unwritten.keySet());
    if (!waiting.isEmpty() && !chance(0.3)) {
      Position position = waiting.get(random.nextInt(waiting.size()));
      Entry entry = unwritten.remove(position);
      if (entry != null) {
        table.put(position, entry);
      }
    }
    if (!chance(0.7)) {
      repair();
    }
  }

  private Entry entry(Position position, Message message) {
    Key key = new Key(message.sender(), message.id());
    Position original = stored.get(key);
    if (message.resend() && original != null && !chance(0.2)) { // at times out of its window
      return new Entry.Duplicate(position, storedPrev, original);
    }
    stored.putIfAbsent(key, position);
    if (chance(0.1)) {
      deadLetters.put(position, message);
      return new Entry.Parked(position, storedPrev, message.sender(), message.id());
    }
    return posted(position, storedPrev, message);
  }

  private void repair() {
    for (Position position : List.copyOf(deadLetters.keySet())) {
      Entry parked = table.get(position);
      Message message = deadLetters.get(position);
      if (parked != null && message != null && !chance(0.5)) {
        deadLetters.remove(position);
        table.put(position, posted(position, parked.prev(), message));
        put(new Repaired(position));
      }
    }
  }

  private static Entry.Posted posted(Position position, @Nullable Cursor prev, Message message) {
    return new Entry.Posted(
        position,
        prev,
        message.sender(),
        message.id(),
        message.text(),
        Instant.EPOCH,
        message.resend());
  }

  /** The fan-out takes the next records, up to three, in one frame for each connection. */
  void fanOut() {
    if (chance(0.05)) { // another owner, with no memory
      livePrev = null;
      pushed.clear();
    }
    List<Entry.Posted> batch = new ArrayList<>();
    for (int i = 0; i < 3 && fannedOut < stream.size(); i++) {
      Position position = position(fannedOut);
      OnStream record = stream.get(fannedOut++);
      if (record instanceof Message message) {
        boolean isNew = pushed.add(new Key(message.sender(), message.id()));
        if (isNew || !message.resend()) {
          batch.add(posted(position, livePrev, message));
          livePrev = position;
        }
        continue;
      }
      push(batch);
      batch.clear();
      switch (record) {
        case Subscribe subscribe -> {
          connections.add(subscribe.connection());
          subscribe
              .connection()
              .accept(
                  new ServerFrame.Joined(
                      subscribe.requestId(),
                      CHAT,
                      position,
                      livePrev,
                      Instant.MAX.minusSeconds(1)));
        }
        case Repaired(Position at) -> toAll(new ServerFrame.Repaired(CHAT, at));
        case Message _ -> throw new AssertionError();
      }
    }
    push(batch);
  }

  private void push(List<Entry.Posted> batch) {
    if (!batch.isEmpty()) {
      toAll(new ServerFrame.Messages(CHAT, batch, false));
    }
  }

  private void toAll(ServerFrame frame) {
    for (Consumer<ServerFrame> connection : connections) {
      for (int copies = chance(0.1) ? 0 : chance(0.1) ? 2 : 1; copies > 0; copies--) {
        connection.accept(frame);
      }
    }
  }

  void disconnected(Consumer<ServerFrame> connection) {
    connections.remove(connection);
  }

  /** What the routes answer; null for nothing yet. */
  @Nullable ServerFrame answer(ClientFrame frame, UserId caller, Consumer<ServerFrame> connection) {
    String id = frame.requestId();
    if (chance(0.1)) {
      return new ServerFrame.Failed(id, ErrorCode.UNAVAILABLE, "", null);
    }
    return switch (frame) {
      case ClientFrame.SendMessage send -> {
        Position at = put(new Message(caller, send.clientMessageId(), send.text(), send.resend()));
        boolean isUnknown = chance(0.15); // it is on the stream all the same
        yield isUnknown
            ? new ServerFrame.Failed(id, ErrorCode.UNAVAILABLE, "", null)
            : new ServerFrame.Sent(id, CHAT, send.clientMessageId(), at);
      }
      case ClientFrame.Subscribe subscribe -> {
        put(new Subscribe(connection, id));
        yield new ServerFrame.SubscribeAccepted(id, subscribe.chatIds(), List.of());
      }
      case ClientFrame.History history -> {
        Run run = run(history);
        yield new ServerFrame.History(id, CHAT, run.shown(), run.through(), run.hasMore());
      }
      case ClientFrame.Sync sync -> {
        Cursor held = sync.cursors().getOrDefault(CHAT, Cursor.start());
        boolean hasMore = !table.isEmpty() && table.lastKey().isAfter(held);
        yield new ServerFrame.Synced(
            id, hasMore ? List.of(new ServerFrame.More(CHAT, table.lastKey())) : List.of());
      }
      case ClientFrame.Chats _ -> new ServerFrame.Chats(id, List.of(), false);
      default -> throw new AssertionError("the client asked " + frame);
    };
  }

  private Run run(ClientFrame.History history) {
    Cursor after = history.after();
    Position before = history.before();
    if (after instanceof Position position) {
      return Run.after(after, List.copyOf(table.tailMap(position, false).values()), PAGE);
    }
    if (after != null) {
      return Run.after(after, List.copyOf(table.values()), PAGE);
    }
    return before == null
        ? Run.newest(List.copyOf(table.descendingMap().values()), PAGE)
        : Run.before(
            before, List.copyOf(table.headMap(before, true).descendingMap().values()), PAGE);
  }

  /** What every client should see in the end: each message once, at its first place. */
  List<Entry.Shown> truth() {
    Set<Key> seen = new HashSet<>();
    List<Entry.Shown> truth = new ArrayList<>();
    for (Entry entry : table.values()) {
      if (entry instanceof Entry.Posted posted
          && seen.add(new Key(posted.senderId(), posted.clientMessageId()))) {
        truth.add(posted);
      }
    }
    return truth;
  }
}
