package dev.confab.local.gateway;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;

/** Writes the answer of one HTTP request, then lets its connection read the next. */
final class Answer {
  /** What follows the answer. */
  enum Then {
    READ_NEXT,
    CLOSE,
    /** For a request that wasn't read to its end. */
    DRAIN_AND_CLOSE
  }

  private final ChannelHandlerContext ctx;
  private final Then then;
  private final boolean head;

  /**
   * For one request.
   *
   * @param head whether the request was HEAD: the answer then has every header, but no body
   */
  Answer(ChannelHandlerContext ctx, Then then, boolean head) {
    this.ctx = ctx;
    this.then = then;
    this.head = head;
  }

  void empty(int status) {
    write(response(status, Unpooled.EMPTY_BUFFER));
  }

  void content(int status, String contentType, byte[] body) {
    FullHttpResponse response = response(status, Unpooled.wrappedBuffer(body));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
    response.headers().set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_CACHE);
    write(response);
  }

  /** An API Gateway error without a type: {@code {"message": …}}. */
  void error(int status, String message) {
    content(status, "application/json", message(message));
  }

  /**
   * An error of the management API.
   *
   * @param type from which an AWS SDK makes its exception
   */
  void error(int status, String type, String message) {
    FullHttpResponse response = response(status, Unpooled.wrappedBuffer(message(message)));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
    response.headers().set("x-amzn-ErrorType", type);
    write(response);
  }

  private static byte[] message(String message) {
    String quoted = new String(JsonStringEncoder.getInstance().quoteAsString(message));
    return ("{\"message\":\"" + quoted + "\"}").getBytes(StandardCharsets.UTF_8);
  }

  private FullHttpResponse response(int status, ByteBuf body) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(status),
            head ? Unpooled.EMPTY_BUFFER : body);
    response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    return response;
  }

  private void write(FullHttpResponse response) {
    if (then == Then.READ_NEXT) {
      var _ = ctx.writeAndFlush(response);
      ctx.read();
      return;
    }
    response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    ChannelFuture written = ctx.writeAndFlush(response);
    if (then == Then.CLOSE) {
      var _ = written.addListener(ChannelFutureListener.CLOSE);
    } else {
      Closing.after(written);
    }
  }
}
