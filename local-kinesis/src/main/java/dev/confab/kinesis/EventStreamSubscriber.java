package dev.confab.kinesis;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import software.amazon.eventstream.HeaderValue;
import software.amazon.eventstream.Message;

/**
 * Writes a subscription's events to a connection, as chunks of one response in event-stream
 * encoding.
 */
final class EventStreamSubscriber implements Subscription.Subscriber {
  private final Channel channel;
  private final Wire wire;
  private final String requestId;

  EventStreamSubscriber(Channel channel, Wire wire, String requestId) {
    this.channel = channel;
    this.wire = wire;
    this.requestId = requestId;
  }

  @Override
  public void begin() throws IOException, InterruptedException {
    HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, "application/vnd.amazon.eventstream")
        .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED)
        .set("x-amzn-RequestId", requestId);
    written(channel.writeAndFlush(response));
    send("event", "initial-response", Reply.EMPTY);
  }

  @Override
  public void event(Reply event) throws IOException, InterruptedException {
    send("event", "SubscribeToShardEvent", event);
  }

  @Override
  public void failure(ServiceException failure) throws IOException, InterruptedException {
    send("exception", failure.type(), out -> out.text("message", failure.text()));
  }

  @Override
  public void end() throws IOException, InterruptedException {
    written(channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT));
  }

  @Override
  public void reset() {
    HttpFront.reset(channel);
  }

  @Override
  public void onGone(Runnable action) {
    var _ = channel.closeFuture().addListener(_ -> action.run());
  }

  private void send(String kind, String type, Reply payload)
      throws IOException, InterruptedException {
    Map<String, HeaderValue> headers = new LinkedHashMap<>();
    headers.put(":message-type", HeaderValue.fromString(kind));
    headers.put(":" + kind + "-type", HeaderValue.fromString(type));
    headers.put(":content-type", HeaderValue.fromString(wire.eventContentType()));
    Message message = new Message(headers, wire.write(payload));
    written(
        channel.writeAndFlush(
            new DefaultHttpContent(Unpooled.wrappedBuffer(message.toByteBuffer()))));
  }

  /**
   * Waits until a write is on its way, so that a slow reader slows its subscription and nothing
   * else.
   */
  private static void written(ChannelFuture write) throws IOException, InterruptedException {
    if (!write.await().isSuccess()) {
      throw new IOException("the subscriber is gone", write.cause());
    }
  }
}
