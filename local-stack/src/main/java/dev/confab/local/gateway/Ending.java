package dev.confab.local.gateway;

/**
 * Why a connection ended, as its {@code $disconnect} event says it.
 *
 * @param statusCode a WebSocket close code; 1005 when the client gave none, 1006 when the
 *     connection broke without a close frame
 * @param reason for people
 */
record Ending(int statusCode, String reason) {
  /** DELETE {@code @connections}. */
  static final Ending DELETED = new Ending(1000, "Connection Closed Normally");

  /** Idle too long, open too long, or the gateway stops. */
  static final Ending GOING_AWAY = new Ending(1001, "Going away");

  static final Ending BINARY = new Ending(1003, "Binary frames are not supported");
  static final Ending NO_STATUS = new Ending(1005, "Client-side close frame status not set");
  static final Ending BROKEN = new Ending(1006, "Connection closed abnormally");
  static final Ending TOO_BIG = new Ending(1009, "Message too big");
}
