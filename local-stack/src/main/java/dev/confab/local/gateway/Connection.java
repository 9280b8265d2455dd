package dev.confab.local.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One open WebSocket. What is pushed is written in the order of the calls. Thread-safe where said;
 * the rest belongs to the channel's event loop.
 */
final class Connection {
  private final Client client;
  private final Map<String, String> authorizer;
  private final Channel channel;
  private final Clock clock;
  private final int maxFrameBytes;
  private volatile long lastActiveMillis;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private volatile @Nullable Ending ending;

  Connection(
      Client client,
      Map<String, String> authorizer,
      Channel channel,
      Clock clock,
      int maxFrameBytes) {
    this.client = client;
    this.authorizer = authorizer;
    this.channel = channel;
    this.clock = clock;
    this.maxFrameBytes = maxFrameBytes;
    this.lastActiveMillis = clock.millis();
  }

  Client client() {
    return client;
  }

  Map<String, String> authorizer() {
    return authorizer;
  }

  /** When a frame last went either way. From any thread. */
  Instant lastActiveAt() {
    return Instant.ofEpochMilli(lastActiveMillis);
  }

  void touch() {
    lastActiveMillis = clock.millis();
  }

  /**
   * Sends a text message. From any thread; {@code done} runs on the event loop, or on the calling
   * thread once the gateway has stopped.
   *
   * @param text UTF-8, released here
   */
  void push(ByteBuf text, Consumer<Pushed> done) {
    EventLoop loop = channel.eventLoop();
    if (loop.inEventLoop()) {
      done.accept(pushInLoop(text));
    } else {
      loop.execute(() -> done.accept(pushInLoop(text)));
    }
  }

  private Pushed pushInLoop(ByteBuf text) {
    if (isEnding() || !channel.isActive()) {
      text.release();
      return Pushed.GONE;
    }
    if (!channel.isWritable()) {
      text.release();
      return Pushed.FULL;
    }
    write(text);
    return Pushed.SENT;
  }

  /** Answers a frame, however slowly the client reads: it is held back by its own unread frames. */
  void reply(byte[] text) {
    if (!isEnding()) {
      write(Unpooled.wrappedBuffer(text));
    }
  }

  private void write(ByteBuf text) {
    touch();
    if (text.readableBytes() <= maxFrameBytes) {
      var _ = channel.writeAndFlush(new TextWebSocketFrame(text), channel.voidPromise());
      return;
    }
    var _ =
        channel.write(
            new TextWebSocketFrame(false, 0, text.readRetainedSlice(maxFrameBytes)),
            channel.voidPromise());
    while (text.readableBytes() > maxFrameBytes) {
      var _ =
          channel.write(
              new ContinuationWebSocketFrame(false, 0, text.readRetainedSlice(maxFrameBytes)),
              channel.voidPromise());
    }
    var _ =
        channel.writeAndFlush(new ContinuationWebSocketFrame(true, 0, text), channel.voidPromise());
  }

  /** From any thread. */
  void close(Ending with) {
    EventLoop loop = channel.eventLoop();
    if (loop.inEventLoop()) {
      closeInLoop(with);
    } else {
      loop.execute(() -> closeInLoop(with));
    }
  }

  private void closeInLoop(Ending with) {
    if (begin(with)) {
      Closing.after(
          channel.writeAndFlush(new CloseWebSocketFrame(with.statusCode(), with.reason())));
    }
  }

  /** After {@code $disconnect} was told. */
  void ended() {
    ended.complete(null);
  }

  /** Completes with {@link #ended}: soon after a close, the peer's grace at most. */
  CompletableFuture<Void> whenEnded() {
    return ended;
  }

  /** From now on pushes are refused. False when the end had begun before. */
  boolean begin(Ending with) {
    if (ending != null) {
      return false;
    }
    ending = with;
    return true;
  }

  /** From any thread. */
  boolean isEnding() {
    return ending != null;
  }

  /** How it ended; a connection that broke had no close frame. */
  Ending ending() {
    Ending known = ending;
    return known == null ? Ending.BROKEN : known;
  }
}
