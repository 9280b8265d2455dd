package dev.confab.load.simulation;

import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientMessageId;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.ingest.PlainRoutes;
import dev.confab.load.check.History;
import dev.confab.load.client.ChatState;
import dev.confab.load.client.ChatView;
import dev.confab.load.client.ClientCore;
import dev.confab.load.client.Output;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One device of a user: the reference client's rules over simulated sockets. */
final class Client {
  private static final Duration LONGEST_CONNECT = Duration.ofMillis(500);
  private static final List<Duration> TOKENS =
      List.of(Duration.ofSeconds(75), Duration.ofMinutes(3), Duration.ofHours(1));

  private final World world;
  private final Ingest ingest;
  private final UserId me;
  private final boolean followsAllChats;
  private final ClientCore core;
  private Endpoint.@Nullable Socket socket;
  private @Nullable Instant armed;

  /**
   * @param followsAllChats whether it opens each chat of its user by itself
   */
  Client(World world, Ingest ingest, UserId me, boolean followsAllChats) {
    this.world = world;
    this.ingest = ingest;
    this.me = me;
    this.followsAllChats = followsAllChats;
    this.core =
        new ClientCore(
            me,
            followsAllChats,
            world.chance.random(),
            () -> new ClientMessageId("c-" + world.fibers.count()));
    act(core.tick(world.fibers.instant()));
  }

  UserId me() {
    return me;
  }

  Endpoint.@Nullable Socket socket() {
    return socket;
  }

  boolean hasOpen(ChatId chatId) {
    ChatView view = core.view(chatId);
    return view != null && view.state() != ChatState.CLOSED;
  }

  /** A chat that one's user is a member of. */
  void open(ChatId chatId) {
    act(core.open(chatId, world.fibers.instant()));
  }

  void join(ChatId chatId) {
    act(core.join(chatId, world.fibers.instant()));
  }

  void say(ChatId chatId, String text) {
    if (hasOpen(chatId)) {
      act(core.send(chatId, text, world.fibers.instant()));
    }
  }

  /** Asks for something that is no part of a view. */
  void request(Function<String, ClientFrame> frame) {
    act(core.request(frame, world.fibers.instant()));
  }

  /** Loses its socket; whether the server notices is up to chance. */
  void disconnect() {
    Endpoint.Socket closing = socket;
    if (closing != null) {
      socket = null;
      if (world.chance.of(0.5)) {
        world.endpoint.close(closing);
      }
      world.note(Incident.DISCONNECT);
      world.trace.add(me + " loses " + closing.id);
      act(core.disconnected(1006, world.fibers.instant()));
    }
  }

  /** Asks for what is before the oldest entry held, where there is something. */
  void goBack() {
    for (ChatView view : List.copyOf(core.views())) {
      if (view.hasOlder()) {
        act(core.older(view.chatId(), world.fibers.instant()));
      }
    }
  }

  /**
   * Whether everything that it opened is held, back to the beginning, and all of its own is out.
   */
  boolean isWhole() {
    return socket != null
        && core.views().stream()
            .filter(view -> view.state() != ChatState.CLOSED)
            .allMatch(
                view ->
                    view.state() == ChatState.CURRENT
                        && !view.hasOlder()
                        && view.pending().isEmpty());
  }

  /**
   * What it shows of a chat that its user is a member of: nothing where it should have opened it;
   * null where it was told that it has no part in it, or isn't connected.
   */
  History.@Nullable View view(ChatId chatId) {
    ChatView view = core.view(chatId);
    Endpoint.Socket now = socket;
    if (now == null) {
      return null;
    }
    if (view == null || view.state() == ChatState.CLOSED) {
      return followsAllChats ? new History.View(now.id, me, chatId, false, List.of()) : null;
    }
    boolean isCurrent = view.state() == ChatState.CURRENT && !view.hasOlder();
    return new History.View(now.id, me, chatId, isCurrent, view.shown());
  }

  void stop() {
    act(core.stop(world.fibers.instant()));
  }

  private void act(List<Output> outputs) {
    for (Output output : outputs) {
      switch (output) {
        case Output.Connect() ->
            world.fibers.after(world.chance.upTo(LONGEST_CONNECT), this::connect);
        case Output.Close() -> world.fibers.after(world.chance.upTo(LONGEST_CONNECT), this::closed);
        case Output.Send(ClientFrame frame) -> send(frame);
        case Output.Shown _, Output.Hidden _, Output.State _, Output.Own _ -> {}
        case Output.Answered _, Output.Unanswered _ -> {}
      }
    }
    Instant next = core.nextTick();
    if (next != null && !next.equals(armed)) {
      armed = next;
      world.fibers.at(next, () -> tick(next));
    }
  }

  private void tick(Instant due) {
    if (due.equals(armed)) {
      armed = null;
      act(core.tick(world.fibers.instant()));
    }
  }

  private void connect() {
    Instant now = world.fibers.instant();
    if (world.chance.of(world.faults.likelihood(0.2))) {
      act(core.disconnected(1006, now));
      return;
    }
    Duration token = world.faults.isOver() ? Duration.ofHours(2) : world.chance.anyOf(TOKENS);
    Endpoint.Socket[] opened = new Endpoint.Socket[1];
    Endpoint.Socket connected =
        world.endpoint.connect(me, token, frame -> received(opened[0], frame));
    opened[0] = connected;
    socket = connected;
    world.trace.add(me + " connects as " + connected.id);
    act(core.connected(now));
  }

  private void closed() {
    Endpoint.Socket closing = socket;
    if (closing != null) {
      socket = null;
      world.endpoint.close(closing);
      act(core.disconnected(1000, world.fibers.instant()));
    }
  }

  private void send(ClientFrame frame) {
    Endpoint.Socket on = socket;
    if (on == null) {
      return;
    }
    world.endpoint.asked(on, frame);
    int index = frame instanceof ClientFrame.SendMessage message ? attempt(message) : -1;
    ingest.ask(
        new PlainRoutes.Connected(me, on.id, on.connectedAt, on.tokenExpiresAt),
        frame,
        answer -> {
          if (index >= 0 && answer instanceof ServerFrame.Sent sent) {
            acked(index, sent);
          }
          world.endpoint.deliver(on, answer);
        });
  }

  private int attempt(ClientFrame.SendMessage message) {
    world.sends.add(
        new History.Send(
            message.chatId(),
            me,
            message.clientMessageId(),
            message.text(),
            message.resend(),
            world.fibers.instant(),
            null));
    return world.sends.size() - 1;
  }

  private void acked(int index, ServerFrame.Sent sent) {
    History.Send send = world.sends.get(index);
    world.sends.set(
        index,
        new History.Send(
            send.chatId(),
            send.senderId(),
            send.clientMessageId(),
            send.text(),
            send.resend(),
            send.at(),
            sent.position()));
  }

  private void received(Endpoint.@Nullable Socket on, ServerFrame frame) {
    if (on != null && on == socket) {
      act(core.received(frame, world.fibers.instant()));
    }
  }
}
