package dev.confab.load;

import dev.confab.events.Access;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientMessageId;
import dev.confab.events.UserId;
import dev.confab.load.client.ChatState;
import dev.confab.load.client.ClientCore;
import dev.confab.load.client.ConfabClient;
import dev.confab.load.client.DevTokens;
import dev.confab.load.client.Output;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Puts a load on a local stack over WebSockets. The sends keep a schedule of their own, an open
 * loop: a stack that stalls doesn't make them wait, and the wait counts.
 */
final class LoadRun implements AutoCloseable {
  /** API Gateway takes 500 new connections a second; tokens are signed one by one. */
  private static final int MAX_CONNECTING = 50;

  private static final Duration SETUP_TIMEOUT = Duration.ofMinutes(2);
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(30);
  private static final long DRAIN_POLL_MILLIS = 50;

  /** Microseconds; a minute and more is counted as a minute. */
  private static final long MAX_LATENCY = TimeUnit.MINUTES.toMicros(1);

  private final Load load;
  private final DevTokens stack;
  private final String run = HexFormat.of().toHexDigits(new SecureRandom().nextInt());
  private final EventLoopGroup loops;
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
  private final List<ConfabClient> clients = new ArrayList<>();
  private final List<Witness> witnesses = new ArrayList<>();
  private final Set<Integer> accepted = ConcurrentHashMap.newKeySet();
  private final Histogram firsts = new ConcurrentHistogram(MAX_LATENCY, 3);
  private final Histogram received = new ConcurrentHistogram(MAX_LATENCY, 3);
  private final Histogram acknowledged = new ConcurrentHistogram(MAX_LATENCY, 3);
  private final AtomicLong delivered = new AtomicLong();
  private final AtomicInteger refused = new AtomicInteger();
  private final CountDownLatch created;
  private final CountDownLatch current;
  private volatile long start;

  /**
   * @param page the stack's, such as {@code http://localhost:8080/}
   * @param threads that the connections share
   */
  LoadRun(Load load, URI page, int threads) {
    this.load = load;
    this.stack = new DevTokens(page);
    this.loops =
        Epoll.isAvailable() ? new EpollEventLoopGroup(threads) : new NioEventLoopGroup(threads);
    this.created = new CountDownLatch(load.chats());
    this.current = new CountDownLatch(load.connections());
  }

  /** Connects everyone, sends everything, waits for the last to arrive. */
  LoadReport run() throws IOException, InterruptedException {
    connect(stack.webSocketUrl());
    long lag = send();
    long expected = drain();
    return new LoadReport(
        load,
        accepted.size(),
        refused.get(),
        delivered.get(),
        expected,
        witnesses.stream().mapToInt(Witness::duplicates).sum(),
        witnesses.stream().mapToInt(Witness::backwards).sum(),
        witnesses.stream().mapToInt(Witness::parked).sum(),
        LoadReport.disagreeing(load, witnesses),
        firsts,
        received,
        acknowledged,
        lag);
  }

  private ChatId chat(int number) {
    return new ChatId("load-" + run + "-" + number);
  }

  private void connect(URI webSocketUrl) throws InterruptedException {
    Semaphore connecting = new Semaphore(MAX_CONNECTING);
    for (int i = 0; i < load.connections(); i++) {
      connecting.acquire();
      clients.add(client(i, webSocketUrl, connecting));
    }
    await(created, "the chats could not be made");
    for (int i = 0; i < clients.size(); i++) {
      clients.get(i).join(chat(load.chatOfConnection(i)));
    }
    await(current, "not every connection could join its chat");
  }

  private static void await(CountDownLatch latch, String otherwise) throws InterruptedException {
    if (!latch.await(SETUP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException(
          "%s within %d s: %d are missing"
              .formatted(otherwise, SETUP_TIMEOUT.toSeconds(), latch.getCount()));
    }
  }

  private ConfabClient client(int number, URI webSocketUrl, Semaphore connecting) {
    UserId me = new UserId("load-" + run + "-" + number);
    AtomicInteger count = new AtomicInteger();
    ClientCore core =
        new ClientCore(
            me,
            false,
            new Random(number),
            () -> new ClientMessageId(run + "-" + number + "-" + count.getAndIncrement()));
    Participant participant = new Participant(number, connecting);
    witnesses.add(participant.witness);
    ConfabClient client =
        new ConfabClient(
            webSocketUrl,
            stack.of(me),
            core,
            loops.next(),
            blocking,
            Clock.systemUTC(),
            participant);
    participant.client.complete(client);
    return client;
  }

  /** One connection; the first of each chat makes the chat. */
  private final class Participant implements ConfabClient.Listener {
    final Witness witness = new Witness();
    final CompletableFuture<ConfabClient> client = new CompletableFuture<>();
    private final int number;
    private final Semaphore connecting;
    private boolean wasUp;
    private boolean isCurrent;
    private boolean mustCreate;

    Participant(int number, Semaphore connecting) {
      this.number = number;
      this.connecting = connecting;
      this.mustCreate = number % load.clientsPerChat() == 0;
    }

    @Override
    public void link(boolean isUp) {
      if (isUp && !wasUp) {
        wasUp = true;
        connecting.release();
      }
      if (isUp && mustCreate) {
        ChatId chat = chat(load.chatOfConnection(number));
        client.join().request(id -> new ClientFrame.CreateChat(id, chat, null, Access.OPEN));
      }
    }

    @Override
    public void told(Output output) {
      switch (output) {
        case Output.Shown shown -> {
          int message = witness.see(shown);
          if (message >= 0) {
            delivered.incrementAndGet();
            if (load.isFirst(message)) {
              record(firsts, message);
            } else if (load.isMeasured(message)) {
              record(received, message);
            }
          }
        }
        case Output.Own own -> own(own.clientMessageId(), own.state());
        case Output.State state -> state(state.state());
        case Output.Answered _ -> created();
        default -> {} // the rest is not measured
      }
    }

    private void created() {
      if (mustCreate) {
        mustCreate = false;
        created.countDown();
      }
    }

    private void state(ChatState state) {
      if (state == ChatState.CURRENT && !isCurrent) {
        isCurrent = true;
        current.countDown();
      }
    }

    private void own(ClientMessageId id, Output.OwnState state) {
      int count = Integer.parseInt(id.value().substring(id.value().lastIndexOf('-') + 1));
      int message = load.messageOf(number, count);
      switch (state) {
        case QUEUED -> {}
        case ACCEPTED, PLACED -> {
          if (accepted.add(message) && load.isMeasured(message)) {
            record(acknowledged, message);
          }
        }
        case REFUSED -> refused.incrementAndGet();
      }
    }
  }

  private void record(Histogram histogram, int message) {
    long nanos = System.nanoTime() - start - load.dueNanos(message);
    histogram.recordValue(Math.clamp(nanos / 1_000, 0, MAX_LATENCY));
  }

  private long send() {
    start = System.nanoTime();
    long worst = 0;
    for (int message = 0; message < load.messages(); message++) {
      long due = start + load.dueNanos(message);
      long now = System.nanoTime();
      while (now < due) {
        LockSupport.parkNanos(due - now);
        now = System.nanoTime();
      }
      worst = Math.max(worst, now - due);
      var _ =
          clients
              .get(load.senderOf(message))
              .send(chat(load.chatOf(message)), load.textOf(message));
    }
    return worst / 1_000;
  }

  /** Waits for what is missing, then says how much there should be. */
  private long drain() throws InterruptedException {
    long end = System.nanoTime() + DRAIN_TIMEOUT.toNanos();
    while (System.nanoTime() < end) {
      int answered = accepted.size() + refused.get();
      long expected = (long) accepted.size() * load.clientsPerChat();
      if (answered >= load.messages() && delivered.get() >= expected) {
        break;
      }
      Thread.sleep(DRAIN_POLL_MILLIS);
    }
    return (long) accepted.size() * load.clientsPerChat();
  }

  @Override
  public void close() {
    clients.forEach(ConfabClient::close);
    blocking.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
