package dev.confab.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.ClientFrame;
import dev.confab.events.ClientFrames;
import dev.confab.events.ServerFrame;
import dev.confab.events.ServerFrames;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A bare WebSocket connection that speaks frames and follows no client rule. */
final class Frames implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 30;

  private final HttpClient http = HttpClient.newHttpClient();
  private final WebSocket socket;
  private final BlockingQueue<ServerFrame> unread = new LinkedBlockingQueue<>();
  private final List<ServerFrame> all = new CopyOnWriteArrayList<>();

  private Frames(URI address, String token) {
    socket =
        http.newWebSocketBuilder()
            .buildAsync(URI.create(address + "?token=" + token), new Listener())
            .join();
  }

  static Frames connect(URI address, String token) {
    return new Frames(address, token);
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(
        WebSocket webSocket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        ServerFrame frame = parse(text.toString());
        text.setLength(0);
        all.add(frame);
        unread.add(frame);
      }
      webSocket.request(1);
      return null;
    }
  }

  private static ServerFrame parse(String text) {
    try {
      return ServerFrames.parse(text);
    } catch (Exception notOurs) {
      throw new AssertionError("no frame of the protocol: " + text, notOurs);
    }
  }

  void send(ClientFrame frame) {
    sendText(ClientFrames.encode(frame));
  }

  void sendText(String text) {
    socket.sendText(text, true).join();
  }

  /** The next frame of a kind; others before it are passed over. */
  <F extends ServerFrame> F next(Class<F> kind) throws InterruptedException {
    while (true) {
      ServerFrame frame = unread.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(frame).as("a frame of %s; all so far: %s", kind.getSimpleName(), all).isNotNull();
      if (kind.isInstance(frame)) {
        return kind.cast(frame);
      }
    }
  }

  /** Every frame so far. */
  List<ServerFrame> all() {
    return List.copyOf(all);
  }

  @Override
  public void close() {
    socket.abort();
    http.shutdownNow();
  }
}
