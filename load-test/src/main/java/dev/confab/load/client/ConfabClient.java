package dev.confab.load.client;

import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientFrames;
import dev.confab.events.ClientMessageId;
import dev.confab.events.ServerFrame;
import io.netty.channel.EventLoop;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link ClientCore} on a WebSocket: connects, reconnects, keeps every client rule. Thread-safe:
 * all that it does, it does on one event loop, which many clients may share.
 */
public final class ConfabClient implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ConfabClient.class);
  private static final int ABNORMAL = 1006;

  /** Told what happens, on the client's event loop, in order; must not block. */
  public interface Listener {
    /** An output of the core, but for those that the client itself sees to. */
    void told(Output output);

    /** The connection is up, or no longer. */
    default void link(boolean isUp) {}

    /** A frame is being sent. */
    default void asked(ClientFrame frame) {}

    /** A frame has come, before anything follows from it. */
    default void got(ServerFrame frame) {}
  }

  private final URI webSocketUrl;
  private final Tokens tokens;
  private final ClientCore core;
  private final EventLoop loop;
  private final Executor blocking;
  private final Clock clock;
  private final Listener listener;
  private final CompletableFuture<Boolean> stopped = new CompletableFuture<>();

  private Instant now = Instant.MIN;
  private @Nullable Socket socket;
  private @Nullable ScheduledFuture<?> tick;
  private boolean isStopping;

  /**
   * A client that connects at once.
   *
   * @param core used by no one else
   * @param loop does all the work
   * @param blocking where tokens are asked for
   */
  public ConfabClient(
      URI webSocketUrl,
      Tokens tokens,
      ClientCore core,
      EventLoop loop,
      Executor blocking,
      Clock clock,
      Listener listener) {
    this.webSocketUrl = webSocketUrl;
    this.tokens = tokens;
    this.core = core;
    this.loop = loop;
    this.blocking = blocking;
    this.clock = clock;
    this.listener = listener;
    loop.execute(() -> act(core.tick(time())));
  }

  public void open(ChatId chatId) {
    loop.execute(() -> act(core.open(chatId, time())));
  }

  public void join(ChatId chatId) {
    loop.execute(() -> act(core.join(chatId, time())));
  }

  public void older(ChatId chatId) {
    loop.execute(() -> act(core.older(chatId, time())));
  }

  public void request(Function<String, ClientFrame> frame) {
    loop.execute(() -> act(core.request(frame, time())));
  }

  /**
   * Posts text.
   *
   * @return its id, once it is queued: {@link Output.Own} tells more. Fails as {@link
   *     ClientCore#send} throws
   */
  public CompletableFuture<ClientMessageId> send(ChatId chatId, String text) {
    return CompletableFuture.supplyAsync(
        () -> {
          List<Output> outputs = core.send(chatId, text, time());
          act(outputs);
          return outputs.stream()
              .filter(Output.Own.class::isInstance)
              .map(output -> ((Output.Own) output).clientMessageId())
              .findFirst()
              .orElseThrow();
        },
        loop);
  }

  /** Reads the views, on the event loop. */
  public <T> CompletableFuture<T> read(Function<ClientCore, T> reading) {
    return CompletableFuture.supplyAsync(() -> reading.apply(core), loop);
  }

  /** As if the network had failed: the socket closes without a word, and the client comes back. */
  public void cut() {
    loop.execute(
        () -> {
          if (socket != null) {
            socket.abort();
          }
        });
  }

  /** Stops; waits until the socket is closed. Not to be called on the event loop. */
  @Override
  public void close() {
    loop.execute(
        () -> {
          isStopping = true;
          act(core.stop(time()));
          if (socket == null) {
            stopped.complete(true);
          }
        });
    stopped.join();
  }

  /** The core's time must not go back, a machine's clock may. */
  private Instant time() {
    Instant read = clock.instant();
    now = read.isAfter(now) ? read : now;
    return now;
  }

  private void act(List<Output> outputs) {
    for (Output output : outputs) {
      switch (output) {
        case Output.Send(ClientFrame frame) -> {
          if (socket != null) {
            listener.asked(frame);
            socket.send(ClientFrames.encode(frame));
          }
        }
        case Output.Connect() -> connect();
        case Output.Close() -> {
          if (socket != null) {
            socket.close();
          }
        }
        case Output.Shown _,
            Output.Hidden _,
            Output.State _,
            Output.Own _,
            Output.Answered _,
            Output.Unanswered _ ->
            listener.told(output);
      }
    }
    schedule();
  }

  private void schedule() {
    if (tick != null) {
      tick.cancel(false);
      tick = null;
    }
    Instant next = core.nextTick();
    if (next != null && !isStopping) {
      long pause = next.isAfter(now) ? now.until(next).toMillis() : 0;
      tick = loop.schedule(() -> act(core.tick(time())), pause, TimeUnit.MILLISECONDS);
    }
  }

  private void connect() {
    var _ =
        CompletableFuture.supplyAsync(this::token, blocking)
            .whenCompleteAsync(
                (token, failed) -> {
                  if (failed != null || isStopping) {
                    log.debug("no token", failed);
                    disconnected(ABNORMAL);
                  } else {
                    socket = Socket.open(webSocketUrl, token, loop, new Handler());
                  }
                },
                loop);
  }

  private String token() {
    try {
      return tokens.next();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking for a token", interrupted);
    } catch (Exception noToken) {
      throw new IllegalStateException(noToken);
    }
  }

  private void disconnected(int code) {
    socket = null;
    act(core.disconnected(code, time()));
    if (isStopping) {
      stopped.complete(true);
    }
  }

  private final class Handler implements Socket.Handler {
    @Override
    public void opened() {
      listener.link(true);
      act(core.connected(time()));
    }

    @Override
    public void received(ServerFrame frame) {
      listener.got(frame);
      act(core.received(frame, time()));
    }

    @Override
    public void closed(int code) {
      listener.link(false);
      disconnected(code);
    }
  }
}
