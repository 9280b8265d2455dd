package dev.confab.local.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.TimeUnit;

/** How a connection is closed from this side so that its last words arrive. */
final class Closing {
  /** How long the peer has to read the last words and close too. */
  static final int GRACE_MILLIS = 2_000;

  private Closing() {}

  /**
   * Writes no more, and reads on until the peer closes: closing with bytes unread would reset the
   * connection, and the peer might never see what was written last.
   */
  static void after(ChannelFuture lastWrite) {
    Channel channel = lastWrite.channel();
    Runnable cutOff =
        () -> {
          var _ = channel.close();
        };
    var _ = channel.eventLoop().schedule(cutOff, GRACE_MILLIS, TimeUnit.MILLISECONDS);
    var _ =
        lastWrite.addListener(
            _ -> {
              channel.config().setAutoRead(true);
              var _ = ((DuplexChannel) channel).shutdownOutput();
            });
  }
}
