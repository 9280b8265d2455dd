package dev.confab.local.gateway;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WebSocket API that behaves as API Gateway's does, on one port of this machine, with HTTP beside
 * it. Two steps, because what it serves may need to know its port: {@link #bind}, then {@link
 * #serve}.
 *
 * <p>One event loop does all the network's work; functions run on virtual threads. Thread-safe.
 */
public final class Gateway implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

  /** Enough for 10,000 clients that connect at once. */
  private static final int BACKLOG = 4096;

  /** API Gateway's quota for a request's line and headers; a token may be in either. */
  private static final int MAX_HEAD_BYTES = 10_240;

  /** In what pieces a body is read; they are put together. */
  private static final int MAX_CHUNK_BYTES = 64 * 1024;

  /** A request above it is answered 413 and its connection closed; far above any message. */
  private static final int MAX_HTTP_BYTES = 1024 * 1024;

  /** How long {@link #close} waits for close frames to be answered, then for functions. */
  private static final Duration CLOSE_GRACE = Duration.ofSeconds(3);

  private final GatewayConfig config;
  private final Clock clock;
  private final EventLoopGroup loop;
  private final Channel listener;
  private final Connections connections = new Connections();
  private final Invoker invoker;
  private final RequestIds ids;
  private volatile @Nullable ChannelInitializer<Channel> pipeline;

  private Gateway(GatewayConfig config, Clock clock) throws IOException {
    this.config = config;
    this.clock = clock;
    this.ids = new RequestIds(new SecureRandom());
    this.invoker = new Invoker(config, ids, clock, CLOSE_GRACE);
    DefaultThreadFactory threads = new DefaultThreadFactory("gateway");
    boolean epoll = Epoll.isAvailable();
    this.loop = epoll ? new EpollEventLoopGroup(1, threads) : new NioEventLoopGroup(1, threads);
    try {
      this.listener = listen(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class);
    } catch (Exception failed) {
      var _ = loop.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
      invoker.close();
      throw failed;
    }
  }

  /**
   * Takes the port, but accepts nobody yet: who connects waits.
   *
   * @throws IOException when the port is in use or can't be had
   */
  public static Gateway bind(GatewayConfig config) throws IOException {
    return bind(config, Clock.systemUTC());
  }

  /**
   * As {@link #bind(GatewayConfig)}.
   *
   * @param clock for the times in events; limits in time go by the machine's own
   */
  public static Gateway bind(GatewayConfig config, Clock clock) throws IOException {
    return new Gateway(config, clock);
  }

  private Channel listen(Class<? extends ServerChannel> type) throws IOException {
    ServerBootstrap server =
        new ServerBootstrap()
            .group(loop)
            .channel(type)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(
                    config.limits().maxUnsentBytes() / 2, config.limits().maxUnsentBytes()))
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    ChannelInitializer<Channel> serving = pipeline;
                    if (serving == null) {
                      throw new IllegalStateException("accepted before serve()");
                    }
                    channel.pipeline().addLast(serving);
                  }
                });
    var bound = server.bind(config.address()).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "the gateway can't listen on "
              + config.address()
              + (bound.cause() instanceof BindException ? ": the port is in use" : ""),
          bound.cause());
    }
    return bound.channel();
  }

  /**
   * Starts to accept. Once only.
   *
   * @param http served on the same port; paths under the stage's are the API's
   */
  public void serve(WebSocketApi api, List<HttpRoute> http) {
    if (pipeline != null) {
      throw new IllegalStateException("the gateway serves already");
    }
    Map<String, HttpRoute> routes = new HashMap<>();
    for (HttpRoute route : http) {
      if (routes.put(route.method() + " " + route.path(), route) != null) {
        throw new IllegalArgumentException(
            "two HTTP routes for " + route.method() + " " + route.path());
      }
    }
    GatewayLimits limits = config.limits();
    Events events = new Events(config, host() + ":" + port(), ids, clock);
    FrameRoutes frames =
        new FrameRoutes(api, invoker, events, ids, limits.integrationTimeout(), System::nanoTime);
    Doorkeeper doorkeeper =
        new Doorkeeper(api, invoker, events, limits.integrationTimeout(), System::nanoTime);
    Upgrade upgrade =
        new Upgrade(
            limits, webSocketUri().toString(), port(), doorkeeper, connections, frames, ids, clock);
    ManagementApi management = new ManagementApi(config, connections, events, System::nanoTime);
    pipeline =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            channel
                .pipeline()
                .addLast(
                    new HttpServerCodec(MAX_HEAD_BYTES, MAX_HEAD_BYTES, MAX_CHUNK_BYTES),
                    new RequestAggregator(MAX_HTTP_BYTES),
                    new FlowControlHandler(),
                    new HttpHandler("/" + config.stage(), management, upgrade, routes, invoker));
          }
        };
    listener.config().setAutoRead(true);
  }

  public int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  /** Where clients connect: {@code ws://<host>:<port>/<stage>}. */
  public URI webSocketUri() {
    return URI.create("ws://" + host() + ":" + port() + "/" + config.stage());
  }

  /**
   * What an SDK's management client takes as its endpoint: {@code http://<host>:<port>/<stage>}.
   */
  public URI connectionsEndpoint() {
    return URI.create("http://" + host() + ":" + port() + "/" + config.stage());
  }

  private String host() {
    return config.address().getHostString();
  }

  /**
   * Closes every connection with 1001, lets {@code $disconnect} and running functions end within a
   * few seconds, and stops.
   */
  @Override
  public void close() {
    listener.close().awaitUninterruptibly();
    List<Connection> open = connections.all();
    open.forEach(connection -> connection.close(Ending.GOING_AWAY));
    awaitEnd(open);
    invoker.close();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private static void awaitEnd(List<Connection> closing) {
    try {
      CompletableFuture.allOf(
              closing.stream().map(Connection::whenEnded).toArray(CompletableFuture[]::new))
          .get(CLOSE_GRACE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException late) {
      LOG.warn("stopping before every connection's $disconnect was told");
    } catch (InterruptedException stopNow) {
      Thread.currentThread().interrupt();
    }
  }
}
