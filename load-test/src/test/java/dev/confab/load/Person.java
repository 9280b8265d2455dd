package dev.confab.load;

import dev.confab.events.Access;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Entry;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.load.client.ChatState;
import dev.confab.load.client.ClientCore;
import dev.confab.load.client.ConfabClient;
import dev.confab.load.client.Output;
import dev.confab.local.LocalStack;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** A user at the client that keeps the client rules, and what that client has told. Thread-safe. */
final class Person implements ConfabClient.Listener, AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final BlockingQueue<ServerFrame> answers = new LinkedBlockingQueue<>();
  private final BlockingQueue<Boolean> links = new LinkedBlockingQueue<>();
  private final Map<ClientMessageId, Output.OwnState> own = new ConcurrentHashMap<>();
  private final List<Entry.Shown> everShown = new CopyOnWriteArrayList<>();
  private final ConfabClient client;

  private Person(String name, LocalStack stack, EventLoop loop, ExecutorService blocking) {
    AtomicInteger count = new AtomicInteger();
    client =
        new ConfabClient(
            stack.webSocketUri(),
            () -> stack.tokenFor(name),
            new ClientCore(
                new UserId(name),
                false,
                new Random(1),
                () -> new ClientMessageId(name + "-" + count.incrementAndGet())),
            loop,
            blocking,
            Clock.systemUTC(),
            this);
  }

  /** The people of one stack, on one thread. */
  static final class Crowd implements AutoCloseable {
    private final LocalStack stack;
    private final EventLoopGroup loops = new NioEventLoopGroup(1);
    private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Person> people = new CopyOnWriteArrayList<>();

    Crowd(LocalStack stack) {
      this.stack = stack;
    }

    /** Someone whose client is connected. */
    Person person(String name) throws InterruptedException {
      Person person = new Person(name, stack, loops.next(), blocking);
      people.add(person);
      if (!Boolean.TRUE.equals(person.links.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS))) {
        throw new AssertionError(name + " could not connect");
      }
      return person;
    }

    @Override
    public void close() {
      people.forEach(Person::close);
      blocking.close();
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
  }

  @Override
  public void told(Output output) {
    switch (output) {
      case Output.Answered answered -> answers.add(answered.frame());
      case Output.Own news -> own.put(news.clientMessageId(), news.state());
      case Output.Shown shown -> everShown.add(shown.entry());
      default -> {}
    }
  }

  @Override
  public void link(boolean isUp) {
    links.add(isUp);
  }

  /** Makes an open chat. */
  void create(ChatId chat) throws InterruptedException {
    client.request(id -> new ClientFrame.CreateChat(id, chat, null, Access.OPEN));
    ServerFrame answer = answers.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (!(answer instanceof ServerFrame.ChatCreated)) {
      throw new AssertionError(chat + " was not made: " + answer);
    }
  }

  /** Joins chats and waits until everything in them is held. */
  void join(List<ChatId> chats) {
    chats.forEach(client::join);
    for (ChatId chat : chats) {
      Awaitility.await().atMost(PATIENCE).until(() -> state(chat) == ChatState.CURRENT);
    }
  }

  ClientMessageId send(ChatId chat, String text) {
    return client.send(chat, text).join();
  }

  /** As if the network had failed. */
  void cut() {
    client.cut();
  }

  private ChatState state(ChatId chat) {
    return client
        .read(
            core -> {
              var view = core.view(chat);
              return view == null ? ChatState.LOADING : view.state();
            })
        .join();
  }

  /** What is to be seen of a chat, oldest first. */
  List<Entry.Shown> shown(ChatId chat) {
    return client
        .read(
            core -> {
              var view = core.view(chat);
              return view == null ? List.<Entry.Shown>of() : List.copyOf(view.shown());
            })
        .join();
  }

  /** The texts that are to be seen of a chat, oldest first. */
  List<String> texts(ChatId chat) {
    return shown(chat).stream()
        .filter(Entry.Posted.class::isInstance)
        .map(entry -> ((Entry.Posted) entry).text())
        .toList();
  }

  /** Waits until so many texts are to be seen of a chat, and no more are known to be. */
  void awaitTexts(ChatId chat, int count) {
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> texts(chat).size() == count && state(chat) == ChatState.CURRENT);
  }

  /** Every entry that was to be seen at some time, in the order in which they came up. */
  List<Entry.Shown> everShown() {
    return List.copyOf(everShown);
  }

  /** The own messages of which a state is the newest news. */
  Set<ClientMessageId> own(Output.OwnState state) {
    Set<ClientMessageId> ids = ConcurrentHashMap.newKeySet();
    own.forEach(
        (id, newest) -> {
          if (newest == state) {
            ids.add(id);
          }
        });
    return ids;
  }

  @Override
  public void close() {
    client.close();
  }
}
