package dev.confab.fanout;

import dev.confab.events.Bytes;
import dev.confab.events.ConnectionId;

/**
 * The way to the clients that are connected: API Gateway's {@code @connections}. Safe for use by
 * several threads. No order is promised between two calls that overlap: whoever wants a
 * connection's frames in order waits for one answer before the next call. Each call makes one try
 * and is bounded in time; nothing is thrown for what the endpoint answers or doesn't.
 */
public interface Pushes {

  /**
   * Sends one frame to one connection.
   *
   * @param frame UTF-8 JSON
   */
  Push push(ConnectionId connection, Bytes frame);

  /** Asks whether a connection is there, without sending it anything. */
  Presence probe(ConnectionId connection);

  /** What became of a frame. */
  sealed interface Push {}

  /** The endpoint took it. That a client has read it, nobody says. */
  record Delivered() implements Push {}

  /** There is no such connection any more (410). It never comes back. */
  record Gone() implements Push, Presence {}

  /**
   * 429: too many requests, or this client reads too slowly and its buffer is full.
   *
   * @param reason for the log and the dead letter
   */
  record Slow(String reason) implements Push {}

  /**
   * The frame is too large for the endpoint (413): sending it again won't help.
   *
   * @param reason for the log and the dead letter
   */
  record TooLarge(String reason) implements Push {}

  /**
   * No answer in time, a broken connection to the endpoint, or an answer that says nothing of the
   * client's connection (5xx, 403) or that it can't be one (400). The frame may have arrived.
   *
   * @param reason for the log and the dead letter
   */
  record Failed(String reason) implements Push {}

  /** What a probe found. */
  sealed interface Presence {}

  /** The connection is there. */
  record Connected() implements Presence {}

  /**
   * The endpoint says that nothing of that name can be a connection (400). It is there, then.
   *
   * @param reason for the log
   */
  record Refused(String reason) implements Presence {}

  /**
   * The endpoint didn't say: no answer, or one that it would give about any connection (5xx, 403,
   * 429).
   *
   * @param reason for the log
   */
  record Unknown(String reason) implements Presence {}
}
