package dev.confab.load.client;

import java.io.IOException;

/** Where a client gets the token to connect with. Thread-safe; may block. */
@FunctionalInterface
public interface Tokens {
  /**
   * A token that is good for a while: asked for anew for each connection.
   *
   * @throws IOException if there is none to be had; the client tries again after a pause
   */
  String next() throws IOException, InterruptedException;
}
