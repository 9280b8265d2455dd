package dev.confab.local.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.timeout.IdleStateHandler;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an HTTP connection a WebSocket, once the doorkeeper admits it: the handshake is answered
 * after {@code $connect} has ended, and only then can anything be pushed. Thread-safe.
 */
final class Upgrade {
  private static final Logger LOG = LoggerFactory.getLogger(Upgrade.class);

  private final GatewayLimits limits;
  private final String url;
  private final int port;
  private final Doorkeeper doorkeeper;
  private final Connections connections;
  private final FrameRoutes routes;
  private final RequestIds ids;
  private final Clock clock;
  private final WebSocketDecoderConfig decoder;

  Upgrade(
      GatewayLimits limits,
      String url,
      int port,
      Doorkeeper doorkeeper,
      Connections connections,
      FrameRoutes routes,
      RequestIds ids,
      Clock clock) {
    this.limits = limits;
    this.url = url;
    this.port = port;
    this.doorkeeper = doorkeeper;
    this.connections = connections;
    this.routes = routes;
    this.ids = ids;
    this.clock = clock;
    this.decoder =
        WebSocketDecoderConfig.newBuilder()
            .maxFramePayloadLength(limits.maxFrameBytes())
            .expectMaskedFrames(true)
            .allowExtensions(false)
            .withUTF8Validator(false) // in the pipeline, where a close is ours to send
            .closeOnProtocolViolation(false)
            .build();
  }

  /** On the channel's event loop. */
  void start(
      ChannelHandlerContext ctx, FullHttpRequest request, QueryStringDecoder uri, Answer answer) {
    if (!request
        .headers()
        .contains(
            HttpHeaderNames.SEC_WEBSOCKET_VERSION,
            WebSocketVersion.V13.toHttpHeaderValue(),
            true)) {
      answer.error(426, "Only WebSocket version 13 is supported");
      return;
    }
    if (!request.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_KEY)
        || !request
            .headers()
            .containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)) {
      answer.error(400, "The upgrade lacks Sec-WebSocket-Key or Connection: Upgrade");
      return;
    }
    ConnectRequest connect;
    try {
      connect = connectRequest(ctx, request, uri);
    } catch (IllegalArgumentException badEscape) {
      answer.error(400, "Bad request");
      return;
    }
    request.retain();
    var _ =
        doorkeeper
            .admit(connect)
            .thenAccept(
                admission ->
                    ctx.executor().execute(() -> finish(ctx, request, connect, admission, answer)));
  }

  private ConnectRequest connectRequest(
      ChannelHandlerContext ctx, FullHttpRequest request, QueryStringDecoder uri) {
    TreeMap<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (Map.Entry<String, String> header : request.headers()) {
      headers.computeIfAbsent(header.getKey(), _ -> new ArrayList<>()).add(header.getValue());
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    String sourceIp =
        ((InetSocketAddress) ctx.channel().remoteAddress()).getAddress().getHostAddress();
    // What API Gateway adds.
    headers.putIfAbsent("X-Amzn-Trace-Id", List.of(ids.traceHeader(now.getEpochSecond())));
    headers.merge(
        "X-Forwarded-For",
        List.of(sourceIp),
        (claimed, ours) -> List.of(String.join(", ", claimed) + ", " + ours.getFirst()));
    headers.put("X-Forwarded-Port", List.of(String.valueOf(port)));
    headers.put("X-Forwarded-Proto", List.of("http"));
    Client client =
        new Client(ids.shortId(), now, sourceIp, request.headers().get(HttpHeaderNames.USER_AGENT));
    return new ConnectRequest(client, headers, uri.parameters());
  }

  private void finish(
      ChannelHandlerContext ctx,
      FullHttpRequest request,
      ConnectRequest connect,
      Admission admission,
      Answer answer) {
    try {
      switch (admission) {
        case Admission.Refused(int status, String message) -> answer.error(status, message);
        case Admission.Admitted admitted -> shakeHands(ctx, request, connect, admitted, answer);
      }
    } finally {
      request.release();
    }
  }

  private void shakeHands(
      ChannelHandlerContext ctx,
      FullHttpRequest request,
      ConnectRequest connect,
      Admission.Admitted admitted,
      Answer answer) {
    Channel channel = ctx.channel();
    Connection connection =
        new Connection(
            connect.client(), admitted.authorizer(), channel, clock, limits.maxFrameBytes());
    @Nullable WebSocketServerHandshaker handshaker =
        new WebSocketServerHandshakerFactory(url, admitted.subprotocol(), decoder)
            .newHandshaker(request);
    if (handshaker == null) { // its version was checked before
      answer.error(426, "Only WebSocket version 13 is supported");
      return;
    }
    var _ =
        handshaker
            .handshake(channel, request)
            .addListener(
                written -> {
                  if (written.isSuccess()) {
                    opened(channel, connection);
                  } else {
                    LOG.debug("a client left during its handshake", written.cause());
                    connection.begin(Ending.BROKEN);
                    routes.disconnected(connection);
                    var _ = channel.close();
                  }
                });
  }

  private void opened(Channel channel, Connection connection) {
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.remove(FlowControlHandler.class);
    pipeline.remove(HttpHandler.class);
    pipeline.addLast(
        new IdleStateHandler(0, 0, limits.idleTimeout().toMillis(), TimeUnit.MILLISECONDS),
        new Utf8FrameValidator(false),
        new WebSocketFrameAggregator(limits.maxMessageBytes()),
        new FlowControlHandler(), // one read may bring thousands of frames
        new SocketHandler(connection, connections, routes, limits));
    channel.config().setAutoRead(true);
  }
}
