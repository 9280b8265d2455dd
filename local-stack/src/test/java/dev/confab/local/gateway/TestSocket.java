package dev.confab.local.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A well-behaved client: the JDK's. */
final class TestSocket implements WebSocket.Listener {
  record Closed(int statusCode, String reason) {}

  private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> pongs = new LinkedBlockingQueue<>();
  private final CompletableFuture<Closed> closed = new CompletableFuture<>();
  private final StringBuilder partial = new StringBuilder();
  private volatile boolean reading = true;
  private @Nullable WebSocket socket;

  static TestSocket open(HttpClient http, URI uri) {
    return open(http.newWebSocketBuilder(), uri);
  }

  static TestSocket open(WebSocket.Builder builder, URI uri) {
    TestSocket opened = new TestSocket();
    opened.socket = builder.buildAsync(uri, opened).join();
    return opened;
  }

  WebSocket socket() {
    if (socket == null) {
      throw new IllegalStateException("not open yet");
    }
    return socket;
  }

  void send(String text) {
    socket().sendText(text, true).join();
  }

  String next() throws InterruptedException {
    String message = messages.poll(TestFunction.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    assertThat(message).as("a message").isNotNull();
    return message;
  }

  String nextPong() throws InterruptedException {
    String pong = pongs.poll(TestFunction.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    assertThat(pong).as("a pong").isNotNull();
    return pong;
  }

  int messagesWaiting() {
    return messages.size();
  }

  Closed closed() throws Exception {
    return closed.get(TestFunction.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Takes no more from the network until {@link #resume}. */
  void pause() {
    reading = false;
  }

  void resume() {
    reading = true;
    socket().request(1);
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      messages.add(partial.toString());
      partial.setLength(0);
    }
    if (reading) {
      webSocket.request(1);
    }
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onPong(WebSocket webSocket, ByteBuffer message) {
    pongs.add(new String(bytes(message), StandardCharsets.UTF_8));
    webSocket.request(1);
    return null;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
    closed.complete(new Closed(statusCode, reason));
    return null;
  }

  @Override
  public void onError(WebSocket webSocket, Throwable error) {
    closed.complete(new Closed(1006, String.valueOf(error)));
  }
}
