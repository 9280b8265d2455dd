package dev.confab.local.gateway;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one client's frames do. On its channel's event loop only. */
final class SocketHandler extends SimpleChannelInboundHandler<WebSocketFrame> {
  private static final Logger LOG = LoggerFactory.getLogger(SocketHandler.class);

  private final Connection connection;
  private final Connections connections;
  private final FrameRoutes routes;
  private final GatewayLimits limits;
  private int framesInFlight;
  private @Nullable Future<?> lifetime;

  SocketHandler(
      Connection connection, Connections connections, FrameRoutes routes, GatewayLimits limits) {
    this.connection = connection;
    this.connections = connections;
    this.routes = routes;
    this.limits = limits;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    connections.opened(connection);
    lifetime =
        ctx.executor()
            .schedule(
                () -> connection.close(Ending.GOING_AWAY),
                limits.lifetime().toMillis(),
                TimeUnit.MILLISECONDS);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
    if (connection.isEnding()) {
      if (frame instanceof CloseWebSocketFrame) {
        var _ = ctx.close();
      }
      return;
    }
    connection.touch();
    switch (frame) {
      case TextWebSocketFrame text -> handle(ctx, text.text());
      case PingWebSocketFrame ping -> {
        var _ = ctx.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
      }
      case CloseWebSocketFrame close -> answerClose(ctx, close);
      case PongWebSocketFrame _ -> {} // it has counted as activity
      default -> connection.close(Ending.BINARY);
    }
  }

  private void handle(ChannelHandlerContext ctx, String text) {
    framesInFlight++;
    readIfRoom(ctx);
    var _ =
        routes
            .handle(connection.client(), connection.authorizer(), text)
            .thenAccept(
                reply ->
                    ctx.executor()
                        .execute(
                            () -> {
                              framesInFlight--;
                              reply.ifPresent(connection::reply);
                              readIfRoom(ctx);
                            }));
  }

  private void answerClose(ChannelHandlerContext ctx, CloseWebSocketFrame close) {
    boolean hasStatus = close.statusCode() != -1;
    connection.begin(
        hasStatus ? new Ending(close.statusCode(), close.reasonText()) : Ending.NO_STATUS);
    var _ =
        ctx.writeAndFlush(
                hasStatus
                    ? new CloseWebSocketFrame(close.statusCode(), "")
                    : new CloseWebSocketFrame())
            .addListener(ChannelFutureListener.CLOSE);
  }

  /** A client with much unread or much unanswered waits; nothing is dropped. */
  private void readIfRoom(ChannelHandlerContext ctx) {
    ctx.channel()
        .config()
        .setAutoRead(
            connection.isEnding()
                || (framesInFlight < limits.maxFramesInFlight() && ctx.channel().isWritable()));
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    readIfRoom(ctx);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof IdleStateEvent) {
      connection.close(Ending.GOING_AWAY);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    switch (cause) {
      case TooLongFrameException _ -> connection.close(Ending.TOO_BIG);
      case CorruptedWebSocketFrameException corrupted
          when corrupted.closeStatus().equals(WebSocketCloseStatus.MESSAGE_TOO_BIG) ->
          connection.close(Ending.TOO_BIG);
      case CorruptedWebSocketFrameException corrupted ->
          connection.close(
              new Ending(
                  corrupted.closeStatus().code(),
                  Objects.requireNonNullElse(corrupted.getMessage(), "Protocol error")));
      case IOException broken -> {
        LOG.debug("a connection broke", broken);
        var _ = ctx.close();
      }
      default -> {
        LOG.error("closing a connection after a fault in the gateway", cause);
        var _ = ctx.close();
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (lifetime != null) {
      lifetime.cancel(false); // else it would keep this connection in memory for two hours
    }
    connection.begin(Ending.BROKEN);
    routes.disconnected(connection);
    connections.ended(connection);
    connection.ended();
  }
}
