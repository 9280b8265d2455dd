package dev.confab.load.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.ClientFrame;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Three clients on a chat whose every part lags and fails, in virtual time: in the end each sees
 * what the table holds, each message once, in one order, and nothing of its own is lost.
 */
class ConvergenceTest {
  private static final Duration FAULTS = Duration.ofMinutes(2);
  private static final Duration AFTERWARDS = Duration.ofMinutes(30);
  private static final int MESSAGES = 25;

  private record Event(Instant at, long number, Runnable action) {}

  private static final class World {
    final Random random;
    final FakeChat chat;
    final PriorityQueue<Event> events =
        new PriorityQueue<>(Comparator.comparing(Event::at).thenComparing(Event::number));
    Instant now = Instant.EPOCH;
    long count;

    World(long seed) {
      this.random = new Random(seed);
      this.chat = new FakeChat(random);
    }

    void after(int maxMillis, Runnable action) {
      at(now.plusMillis(random.nextInt(maxMillis + 1)), action);
    }

    void at(Instant when, Runnable action) {
      events.add(new Event(when, count++, action));
    }

    void every(int maxMillis, Runnable action) {
      after(
          maxMillis,
          () -> {
            action.run();
            every(maxMillis, action);
          });
    }

    void runUntil(Instant end) {
      while (!events.isEmpty() && !events.element().at().isAfter(end)) {
        Event event = events.remove();
        now = event.at();
        event.action().run();
      }
      now = end;
    }
  }

  private static final class Client {
    final World world;
    final UserId me;
    final ClientCore core;
    final List<ClientMessageId> sent = new ArrayList<>();

    /** As a listener would draw it, from the outputs alone. */
    final TreeMap<Position, Entry.Shown> drawn = new TreeMap<>();

    private @Nullable Consumer<ServerFrame> connection;
    private Instant lastPush = Instant.EPOCH;
    private @Nullable Instant armed;

    Client(World world, String name) {
      this.world = world;
      this.me = new UserId(name);
      this.core =
          new ClientCore(
              me, false, world.random, () -> new ClientMessageId(name + "-" + world.count++));
      act(core.open(FakeChat.CHAT, world.now));
    }

    ChatView view() {
      return Objects.requireNonNull(core.view(FakeChat.CHAT));
    }

    void say() {
      act(core.send(FakeChat.CHAT, "text " + world.count, world.now));
    }

    void act(List<Output> outputs) {
      for (Output output : outputs) {
        switch (output) {
          case Output.Connect() -> world.after(500, this::connect);
          case Output.Close() -> world.after(100, this::disconnect);
          case Output.Send(ClientFrame frame) -> send(frame);
          case Output.Shown(var _, Entry.Shown entry) -> drawn.put(entry.position(), entry);
          case Output.Hidden(var _, Position position) -> drawn.remove(position);
          case Output.Own own when own.state() == Output.OwnState.QUEUED ->
              sent.add(own.clientMessageId());
          case Output.Own own -> assertThat(own.state()).isNotEqualTo(Output.OwnState.REFUSED);
          case Output.State _, Output.Answered _, Output.Unanswered _ -> {}
        }
      }
      Instant next = core.nextTick();
      if (next != null && !next.equals(armed)) {
        armed = next;
        world.at(next.isAfter(world.now) ? next : world.now, () -> tick(next));
      }
    }

    private void tick(Instant due) {
      if (due.equals(armed)) {
        armed = null;
        act(core.tick(world.now));
      }
    }

    private void connect() {
      if (world.chat.isFaulty && world.random.nextInt(4) == 0) {
        act(core.disconnected(1006, world.now));
        return;
      }
      connection = this::pushed;
      act(core.connected(world.now));
    }

    void disconnect() {
      Consumer<ServerFrame> closing = connection;
      if (closing != null) {
        connection = null;
        if (world.random.nextBoolean()) { // else the server doesn't notice
          world.chat.disconnected(closing);
        }
        act(core.disconnected(1006, world.now));
      }
    }

    /** Pushes keep their order, whatever the delay. */
    private void pushed(ServerFrame frame) {
      Consumer<ServerFrame> of = connection;
      Instant at = world.now.plusMillis(world.random.nextInt(200));
      lastPush = at.isAfter(lastPush) ? at : lastPush;
      world.at(lastPush, () -> receive(of, frame));
    }

    /** Frames overtake each other on their way there, and answers on their way back. */
    private void send(ClientFrame frame) {
      Consumer<ServerFrame> of = connection;
      world.after(
          150,
          () -> {
            if (of == null) {
              return;
            }
            ServerFrame answer = world.chat.answer(frame, me, of);
            boolean isLost = world.chat.isFaulty && world.random.nextInt(20) == 0;
            if (answer != null && !isLost) {
              world.after(150, () -> receive(of, answer));
            }
          });
    }

    private void receive(@Nullable Consumer<ServerFrame> of, ServerFrame frame) {
      if (of != null && of == connection) {
        act(core.received(frame, world.now));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
  void everyClient_seesTheChat(int tens) {
    for (int seed = tens * 10; seed < tens * 10 + 10; seed++) {
      everyClientSeesTheChat(seed);
    }
  }

  private static void everyClientSeesTheChat(long seed) {
    World world = new World(seed);
    List<Client> clients = new ArrayList<>();
    for (String name : List.of("ana", "bob", "cat")) {
      Client client = new Client(world, name);
      clients.add(client);
      for (int i = 0; i < MESSAGES; i++) {
        world.after((int) FAULTS.toMillis(), client::say);
      }
      for (int i = 0; i < 6; i++) {
        world.after((int) FAULTS.toMillis(), client::disconnect);
      }
    }
    world.every(200, world.chat::persist);
    world.every(150, world.chat::fanOut);
    world.runUntil(Instant.EPOCH.plus(FAULTS));
    world.chat.isFaulty = false;
    world.runUntil(world.now.plus(AFTERWARDS));
    for (Client client : clients) {
      goBack(world, client);
      check(world, client, "seed " + seed + ", " + client.me);
    }
  }

  private static void goBack(World world, Client client) {
    for (int i = 0; client.view().hasOlder() && i < 200; i++) {
      client.act(client.core.older(FakeChat.CHAT, world.now));
      world.runUntil(world.now.plusSeconds(10));
    }
  }

  private static void check(World world, Client client, String what) {
    List<Entry.Shown> truth = world.chat.truth();
    assertThat(client.view().state()).as(what).isEqualTo(ChatState.CURRENT);
    assertThat(client.view().hasOlder()).as(what).isFalse();
    assertThat(places(client.view().shown())).as(what).isEqualTo(places(truth));
    assertThat(places(List.copyOf(client.drawn.values()))).as(what).isEqualTo(places(truth));
    assertThat(client.view().pending()).as(what).isEmpty();
    assertThat(own(truth, client.me)).as(what).isEqualTo(client.sent);
    assertThat(client.sent).hasSize(MESSAGES);
  }

  private static List<String> places(List<Entry.Shown> entries) {
    return entries.stream()
        .map(
            entry ->
                entry.position()
                    + (entry instanceof Entry.Posted posted
                        ? " " + posted.clientMessageId()
                        : " parked"))
        .toList();
  }

  private static List<ClientMessageId> own(List<Entry.Shown> truth, UserId me) {
    Set<ClientMessageId> own = new HashSet<>();
    List<ClientMessageId> ordered = new ArrayList<>();
    for (Entry.Shown entry : truth) {
      if (entry instanceof Entry.Posted posted
          && posted.senderId().equals(me)
          && own.add(posted.clientMessageId())) {
        ordered.add(posted.clientMessageId());
      }
    }
    return ordered;
  }
}
