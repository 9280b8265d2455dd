package dev.confab.kinesis;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP/1.1 side: takes requests, has each handled on a virtual thread of its own, so that a
 * handler may block, and writes what comes of it. Connections are kept alive without a time limit:
 * a server that closes an idle one races with a client that is about to use it. (The JDK's own
 * server closes all but 200 of them as soon as they are idle.)
 */
final class HttpFront implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpFront.class);

  /** 10 MiB of records in base64, and 500 keys. */
  private static final int MAX_REQUEST_BYTES = 20 * 1024 * 1024;

  private static final int MAX_LINE_BYTES = 8 * 1024;
  private static final int MAX_HEADER_BYTES = 64 * 1024;
  private static final int MAX_CHUNK_BYTES = 64 * 1024;
  private static final String TARGET_PREFIX = "Kinesis_20131202.";

  private final Operations operations;
  private final EventLoopGroup eventLoops =
      new NioEventLoopGroup(1, new DefaultThreadFactory("kinesis-http"));
  private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
  private final ChannelGroup connections =
      new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
  private final Channel listener;

  HttpFront(Operations operations, int port) throws IOException {
    this.operations = operations;
    try {
      listener = listen(port);
    } catch (IOException notBound) {
      var _ = eventLoops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      handlers.shutdown();
      throw notBound;
    }
  }

  private Channel listen(int port) throws IOException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(eventLoops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    connections.add(channel);
                    channel
                        .pipeline()
                        .addLast(
                            new HttpServerCodec(MAX_LINE_BYTES, MAX_HEADER_BYTES, MAX_CHUNK_BYTES))
                        .addLast(new HttpObjectAggregator(MAX_REQUEST_BYTES))
                        .addLast(new RequestHandler());
                  }
                });
    var bound =
        bootstrap
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "Kinesis cannot listen on port %d: %s. Is another server running there?"
              .formatted(port, bound.cause().getMessage()),
          bound.cause());
    }
    return bound.channel();
  }

  int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  @Override
  public void close() {
    listener.close().awaitUninterruptibly();
    connections.close().awaitUninterruptibly();
    handlers.shutdownNow();
    eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /**
   * One connection's requests. HTTP/1.1 clients send the next one when they have the last one's
   * answer.
   */
  private final class RequestHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    RequestHandler() {
      super(false);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      Channel channel = context.channel();
      handlers.execute(
          () -> {
            try {
              handle(channel, request);
            } finally {
              request.release();
            }
          });
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      LOG.debug("connection {} failed", context.channel(), cause);
      var _ = context.close();
    }
  }

  private void handle(Channel channel, FullHttpRequest request) {
    String contentType = request.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
    Wire wire = Wire.of(contentType);
    String requestId = UUID.randomUUID().toString();
    boolean keepAlive = HttpUtil.isKeepAlive(request);
    try {
      Operation operation = operationOf(request);
      JsonNode body = wire.read(new ByteBufInputStream(request.content()));
      switch (operations.handle(operation, new Input(body, wire))) {
        case Operations.Outcome.Answered(Reply reply) ->
            respond(channel, 200, wire, wire.write(reply), requestId, keepAlive, "");
        case Operations.Outcome.Subscribed(Subscription subscription) ->
            subscription.run(new EventStreamSubscriber(channel, wire, requestId));
        case Operations.Outcome.Reset() -> reset(channel);
      }
    } catch (ServiceException failure) {
      fail(channel, wire, failure, requestId, keepAlive);
    } catch (IOException | InterruptedException connectionGone) {
      LOG.debug("connection {} ended", channel, connectionGone);
      var _ = channel.close();
    } catch (RuntimeException bug) {
      LOG.error("request {} failed", requestId, bug);
      ServiceException failure = ServiceException.internalFailure("Failed inside: " + bug);
      fail(channel, wire, failure, requestId, keepAlive);
    }
  }

  private static Operation operationOf(FullHttpRequest request) {
    String target = request.headers().get("X-Amz-Target", "");
    if (!target.startsWith(TARGET_PREFIX)) {
      throw ServiceException.unknownOperation(
          "This is a local Kinesis: it answers POST requests whose X-Amz-Target starts with %s, not \"%s\"."
              .formatted(TARGET_PREFIX, target));
    }
    if (!request.headers().contains(HttpHeaderNames.AUTHORIZATION)) { // any signature will do
      throw ServiceException.missingAuthenticationToken("Request is missing Authentication Token");
    }
    String name = target.substring(TARGET_PREFIX.length());
    Optional<Operation> operation = Operation.named(name);
    return operation.orElseThrow(
        () -> ServiceException.unknownOperation("The local Kinesis does not have " + name + "."));
  }

  private static void fail(
      Channel channel, Wire wire, ServiceException failure, String requestId, boolean keepAlive) {
    byte[] body =
        wire.write(out -> out.text("__type", failure.type()).text("message", failure.text()));
    respond(channel, failure.status(), wire, body, requestId, keepAlive, failure.type());
  }

  private static void respond(
      Channel channel,
      int status,
      Wire wire,
      byte[] body,
      String requestId,
      boolean keepAlive,
      String errorType) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), Unpooled.wrappedBuffer(body));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, wire.contentType())
        .setInt(HttpHeaderNames.CONTENT_LENGTH, body.length)
        .set("x-amzn-RequestId", requestId);
    if (!errorType.isEmpty()) {
      response.headers().set("x-amzn-ErrorType", errorType);
    }
    HttpUtil.setKeepAlive(response, keepAlive);
    var written = channel.writeAndFlush(response);
    if (!keepAlive) {
      var _ = written.addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** Closes a connection so that the peer sees a reset, not an orderly end. */
  static void reset(Channel channel) {
    if (channel instanceof SocketChannel socket && socket.isOpen()) {
      socket.config().setSoLinger(0);
    }
    var _ = channel.close();
  }
}
