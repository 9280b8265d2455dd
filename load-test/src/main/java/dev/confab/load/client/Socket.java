package dev.confab.load.client;

import dev.confab.events.InvalidJsonException;
import dev.confab.events.ServerFrame;
import dev.confab.events.ServerFrames;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One WebSocket, from its handshake to its end. Used on its event loop only. */
final class Socket {
  private static final Logger log = LoggerFactory.getLogger(Socket.class);

  /** API Gateway sends no larger message. */
  private static final int MAX_MESSAGE_BYTES = 128 * 1024;

  private static final int MAX_HTTP_BYTES = 16 * 1024;
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final int ABNORMAL = 1006;
  private static final int NORMAL = 1000;

  /** What happens to a socket: opened at most once, then frames, closed exactly once. */
  interface Handler {
    void opened();

    void received(ServerFrame frame);

    /**
     * It is no more.
     *
     * @param code of the server's close frame, 1006 where there was none
     */
    void closed(int code);
  }

  private final Handler handler;
  private final EventLoop loop;
  private @Nullable Channel channel;
  private int code = ABNORMAL;
  private boolean isClosed;

  private Socket(EventLoop loop, Handler handler) {
    this.loop = loop;
    this.handler = handler;
  }

  /** Connects, in the background. */
  static Socket open(URI url, String token, EventLoop loop, Handler handler) {
    Socket socket = new Socket(loop, handler);
    socket.connect(url, token);
    return socket;
  }

  private void connect(URI url, String token) {
    boolean isTls = "wss".equals(url.getScheme());
    int port = url.getPort() >= 0 ? url.getPort() : isTls ? 443 : 80;
    var config =
        WebSocketClientProtocolConfig.newBuilder()
            .webSocketUri(url)
            .version(WebSocketVersion.V13)
            .customHeaders(new DefaultHttpHeaders().add("Authorization", "Bearer " + token))
            .maxFramePayloadLength(MAX_MESSAGE_BYTES)
            .handshakeTimeoutMillis(TIMEOUT_MILLIS)
            .handleCloseFrames(false) // its code says whether to send again
            .build();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(
                loop.parent() instanceof EpollEventLoopGroup
                    ? EpollSocketChannel.class
                    : NioSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, TIMEOUT_MILLIS)
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel made) throws SSLException {
                    if (isTls) {
                      SslContext tls = SslContextBuilder.forClient().build();
                      made.pipeline().addLast(tls.newHandler(made.alloc(), url.getHost(), port));
                    }
                    made.pipeline()
                        .addLast(
                            new HttpClientCodec(),
                            new HttpObjectAggregator(MAX_HTTP_BYTES),
                            new WebSocketClientProtocolHandler(config),
                            new WebSocketFrameAggregator(MAX_MESSAGE_BYTES),
                            new Frames());
                  }
                });
    var _ =
        bootstrap
            .connect(url.getHost(), port)
            .addListener(
                connected -> {
                  if (!connected.isSuccess()) {
                    log.debug("no connection to {}", url.getHost(), connected.cause());
                    closed();
                  }
                });
  }

  void send(String text) {
    if (channel != null) {
      var _ = channel.writeAndFlush(new TextWebSocketFrame(text), channel.voidPromise());
    }
  }

  /** Says goodbye; closes anyhow where that isn't answered. */
  void close() {
    Channel open = channel;
    if (open == null) {
      closed();
      return;
    }
    var _ = open.writeAndFlush(new CloseWebSocketFrame(NORMAL, ""));
    var _ = loop.schedule(this::abort, 1, TimeUnit.SECONDS);
  }

  void abort() {
    if (channel != null) {
      var _ = channel.close();
    }
  }

  private void closed() {
    if (!isClosed) {
      isClosed = true;
      loop.execute(() -> handler.closed(code)); // the core isn't entered twice
    }
  }

  private final class Frames extends SimpleChannelInboundHandler<WebSocketFrame> {
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      channel = context.channel();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
        handler.opened();
      }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
      switch (frame) {
        case TextWebSocketFrame text -> read(text.text());
        case CloseWebSocketFrame close -> {
          code = close.statusCode();
          var _ = context.close();
        }
        default -> {} // pings are answered before this
      }
    }

    private void read(String text) {
      ServerFrame frame;
      try {
        frame = ServerFrames.parse(text);
      } catch (InvalidJsonException notOurs) {
        log.debug("skipped a frame that is not of the protocol: {}", notOurs.getMessage());
        return; // of a newer server, or API Gateway's own; what it answers is then unanswered
      }
      handler.received(frame);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      closed();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
      log.debug("the socket failed", failure);
      var _ = context.close();
    }
  }
}
