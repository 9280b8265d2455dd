package dev.confab.load.verify;

import dev.confab.events.Access;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientMessageId;
import dev.confab.events.ConnectionId;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.load.check.History;
import dev.confab.load.client.ChatState;
import dev.confab.load.client.ChatView;
import dev.confab.load.client.ClientCore;
import dev.confab.load.client.ConfabClient;
import dev.confab.load.client.Output;
import dev.confab.load.client.Tokens;
import io.netty.channel.EventLoop;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Someone at the reference client, and a record of every frame that went either way. Thread-safe.
 */
final class Chatter implements ConfabClient.Listener, AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  private final UserId me;
  private final Clock clock;
  private final ConfabClient client;
  private final BlockingQueue<ServerFrame> answers = new LinkedBlockingQueue<>();

  /** One list a connection; the last is the one that grows, on the event loop. */
  private final List<List<History.Exchange>> connections = new CopyOnWriteArrayList<>();

  private volatile boolean isUp;

  Chatter(
      UserId me,
      long seed,
      URI webSocketUrl,
      Tokens tokens,
      EventLoop loop,
      Executor blocking,
      Clock clock) {
    this.me = me;
    this.clock = clock;
    AtomicInteger count = new AtomicInteger();
    ClientCore core =
        new ClientCore(
            me,
            false,
            new Random(seed),
            () -> new ClientMessageId(me.value() + "-" + count.incrementAndGet()));
    connections.add(new ArrayList<>());
    client = new ConfabClient(webSocketUrl, tokens, core, loop, blocking, clock, this);
  }

  UserId me() {
    return me;
  }

  @Override
  public void told(Output output) {
    if (output instanceof Output.Answered(String _, ServerFrame frame)) {
      answers.add(frame);
    }
  }

  @Override
  public void link(boolean up) {
    isUp = up;
    if (up) {
      connections.add(new ArrayList<>());
    }
  }

  boolean isUp() {
    return isUp;
  }

  @Override
  public void asked(ClientFrame frame) {
    connections.getLast().add(new History.Asked(clock.instant(), frame));
  }

  @Override
  public void got(ServerFrame frame) {
    connections.getLast().add(new History.Got(clock.instant(), frame));
  }

  /** Each connection's frames so far; to be read when nothing more comes. */
  List<List<History.Exchange>> connections() {
    return connections;
  }

  /** Makes an open chat; asks again where that is no use but to ask again. */
  void create(ChatId chat) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    ServerFrame answer = null;
    while (System.nanoTime() < end) {
      client.request(id -> new ClientFrame.CreateChat(id, chat, null, Access.OPEN));
      answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (answer instanceof ServerFrame.ChatCreated) {
        return;
      }
    }
    throw new IllegalStateException(chat + " was not made: " + answer);
  }

  void join(ChatId chat) {
    client.join(chat);
  }

  /** Whether the text is on its way; not where the chat's view is closed or closing. */
  boolean send(ChatId chat, String text) {
    return client.send(chat, text).handle((_, refused) -> refused == null).join();
  }

  void ask(Function<String, ClientFrame> frame) {
    client.request(frame);
  }

  void cut() {
    client.cut();
  }

  /** Whether no own message waits any more. */
  boolean isQuiet() {
    return client
        .read(core -> core.views().stream().allMatch(view -> view.pending().isEmpty()))
        .join();
  }

  /**
   * Goes back to a chat's beginning; whether it is there, and nothing is missing before or after.
   */
  boolean isComplete(ChatId chat) {
    boolean hasOlder =
        client
            .read(
                core -> {
                  ChatView view = core.view(chat);
                  return view != null && view.hasOlder();
                })
            .join();
    if (hasOlder) {
      client.older(chat);
      return false;
    }
    return state(chat) == ChatState.CURRENT;
  }

  ChatState state(ChatId chat) {
    return client
        .read(
            core -> {
              ChatView view = core.view(chat);
              return view == null ? ChatState.LOADING : view.state();
            })
        .join();
  }

  /** What is shown of a chat in the end. */
  History.View view(ChatId chat, ConnectionId connection) {
    return client
        .read(
            core -> {
              ChatView view = core.view(chat);
              return new History.View(
                  connection,
                  me,
                  chat,
                  view != null && view.state() == ChatState.CURRENT,
                  view == null ? List.of() : List.copyOf(view.shown()));
            })
        .join();
  }

  @Override
  public void close() {
    client.close();
  }
}
