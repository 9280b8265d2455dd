package dev.confab.load.client;

import java.time.Duration;

/** The numbers of the client rules. The page's client has the same. */
final class Rules {
  /** Live messages held back beyond a hole; over it they are dropped and fetched instead. */
  static final int MAX_HELD = 500;

  /** Entries kept a chat while it grows; over it the oldest are forgotten and can be fetched. */
  static final int MAX_KEPT = 5_000;

  /** How many are forgotten at a time. */
  static final int FORGET = 1_000;

  /** Own messages a chat that are not known to be on the stream. */
  static final int MAX_UNSENT = 1_000;

  /** Chats open at once. */
  static final int MAX_CHATS = 1_000;

  /** A page for people to look at. */
  static final int PAGE = 50;

  /** An integration of API Gateway may take 29 s, but one that works takes far less. */
  static final Duration REPLY_TIMEOUT = Duration.ofSeconds(15);

  /** A {@code joined} comes through the stream: a consumer may be behind. */
  static final Duration JOINED_TIMEOUT = Duration.ofSeconds(30);

  /** API Gateway closes what is idle for 10 minutes. */
  static final Duration SYNC_EVERY = Duration.ofMinutes(5);

  /** After an ack, how long the message may take to come back before history is asked for it. */
  static final Duration ECHO_TIMEOUT = Duration.ofSeconds(5);

  /**
   * Everyone in a chat sees the same {@code prev: null} at once: they spread their questions over
   * the time that the frame names, or else over this.
   */
  static final Duration UNKNOWN_SPREAD = Duration.ofSeconds(2);

  /** Before that: asked at once, history would most often not have the message yet. */
  static final Duration UNKNOWN_PAUSE = Duration.ofMillis(100);

  /** Before a subscription expires, when to connect anew; the same again is the spread. */
  static final Duration RENEW_BEFORE = Duration.ofSeconds(30);

  /** A connection that is younger isn't renewed, whatever a clock says. */
  static final Duration MIN_LIFETIME = Duration.ofMinutes(1);

  static final Duration HISTORY_PAUSE = Duration.ofMillis(250);
  static final Duration HISTORY_MAX_PAUSE = Duration.ofSeconds(10);
  static final Duration SEND_PAUSE = Duration.ofSeconds(1);
  static final Duration SUBSCRIBE_PAUSE = Duration.ofSeconds(1);
  static final Duration CONNECT_PAUSE = Duration.ofMillis(500);

  /** Of sends, subscriptions and connects. */
  static final Duration MAX_PAUSE = Duration.ofSeconds(30);

  private Rules() {}
}
