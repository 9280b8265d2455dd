package dev.confab.local.gateway;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every HTTP request's first stop: the management API, the upgrade, an HTTP route, the page. One
 * request a connection at a time, so that answers keep the order of pipelined requests.
 */
final class HttpHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(HttpHandler.class);

  private final String webSocketPath;
  private final ManagementApi management;
  private final Upgrade upgrade;
  private final Map<String, HttpRoute> routes;
  private final Invoker invoker;

  /**
   * @param routes by method, a space and the path
   */
  HttpHandler(
      String webSocketPath,
      ManagementApi management,
      Upgrade upgrade,
      Map<String, HttpRoute> routes,
      Invoker invoker) {
    this.webSocketPath = webSocketPath;
    this.management = management;
    this.upgrade = upgrade;
    this.routes = routes;
    this.invoker = invoker;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.read();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
    boolean head = request.method().equals(HttpMethod.HEAD);
    if (request.decoderResult().isFailure()) {
      boolean tooLong = request.decoderResult().cause() instanceof TooLongFrameException;
      new Answer(ctx, Answer.Then.DRAIN_AND_CLOSE, head)
          .error(
              tooLong ? 431 : 400, tooLong ? "Request line or headers too large" : "Bad request");
      return;
    }
    Answer.Then then = HttpUtil.isKeepAlive(request) ? Answer.Then.READ_NEXT : Answer.Then.CLOSE;
    Answer answer = new Answer(ctx, then, head);
    QueryStringDecoder uri = new QueryStringDecoder(request.uri());
    @Nullable String connectionId = management.connectionIn(uri.rawPath());
    if (connectionId != null) {
      management.handle(request, connectionId, answer);
    } else if (uri.rawPath().equals(webSocketPath) || uri.rawPath().equals(webSocketPath + "/")) {
      open(ctx, request, uri, answer);
    } else {
      serve(request, uri, answer);
    }
  }

  private void open(
      ChannelHandlerContext ctx, FullHttpRequest request, QueryStringDecoder uri, Answer answer) {
    if (request.method().equals(HttpMethod.GET)
        && request
            .headers()
            .containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)) {
      upgrade.start(ctx, request, uri, answer);
    } else {
      answer.error(426, "Connect with a WebSocket client");
    }
  }

  private void serve(FullHttpRequest request, QueryStringDecoder uri, Answer answer) {
    String method = request.method().equals(HttpMethod.HEAD) ? "GET" : request.method().name();
    String path;
    Map<String, List<String>> query;
    try {
      path = uri.path();
      query = uri.parameters();
    } catch (IllegalArgumentException badEscape) {
      answer.error(400, "Bad request");
      return;
    }
    byte[] body = ByteBufUtil.getBytes(request.content());
    invoker.run(() -> answer(method, path, new HttpRoute.Request(query, body), answer));
  }

  private void answer(String method, String path, HttpRoute.Request request, Answer answer) {
    HttpRoute.@Nullable Reply reply;
    try {
      @Nullable HttpRoute route = routes.get(method + " " + path);
      if (route != null) {
        reply = route.handler().handle(request);
      } else {
        reply = method.equals("GET") ? Page.read(path) : null;
      }
    } catch (Exception thrown) {
      LOG.error("{} {} failed", method, path, thrown);
      answer.error(500, "Internal server error");
      return;
    }
    if (reply == null) {
      answer.error(404, "Not found: " + path);
    } else {
      answer.content(reply.status(), reply.contentType(), reply.body());
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("an HTTP connection broke", cause);
    } else {
      LOG.error("closing an HTTP connection after a fault in the gateway", cause);
    }
    var _ = ctx.close();
  }
}
