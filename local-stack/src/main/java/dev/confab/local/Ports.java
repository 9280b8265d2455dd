package dev.confab.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Ports of this machine. */
final class Ports {
  private Ports() {}

  /**
   * The port itself if it is free; any free one for 0.
   *
   * @param service whose port it is, for the message
   * @param option how to choose another, for the message
   * @throws StartException if it is in use
   */
  static int free(int port, String service, String option) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return socket.getLocalPort();
    } catch (IOException inUse) {
      throw new StartException(
          "port "
              + port
              + " ("
              + service
              + ") is in use: stop what listens there, or choose another with "
              + option,
          inUse);
    }
  }
}
