package dev.confab.local.gateway;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.util.ReferenceCountUtil;

/** Makes requests whole, up to a size. A larger one is answered 413, and nothing after it heard. */
final class RequestAggregator extends HttpObjectAggregator {
  private boolean refused;

  RequestAggregator(int maxBytes) {
    super(maxBytes);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (refused) {
      ReferenceCountUtil.release(message);
    } else {
      super.channelRead(ctx, message);
    }
  }

  @Override
  protected void handleOversizedMessage(ChannelHandlerContext ctx, HttpMessage oversized) {
    refused = true;
    new Answer(ctx, Answer.Then.DRAIN_AND_CLOSE, false)
        .error(
            413, "PayloadTooLargeException", "A request may have " + maxContentLength() + " bytes");
  }
}
