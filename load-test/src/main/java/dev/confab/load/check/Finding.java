package dev.confab.load.check;

/** What a run can have got wrong; each breaks a guarantee of the README. */
public enum Finding {
  /** On the stream, or even acknowledged, but neither in the table nor in the dead-letter queue. */
  LOST,
  /** In the table, on the stream or in a frame, but nobody sent it, or not with this content. */
  INVENTED,
  /** Marked as a resend, its original stored and within the window, and stored once more. */
  DOUBLED,
  /** The table, a frame or a client's view has another order than the stream. */
  MISORDERED,
  /**
   * Delivered to a connection that was not subscribed at that position, or answered to a user after
   * its removal.
   */
  LEAKED,
  /** Stored or delivered in another chat than it was sent to. */
  WRONG_CHAT,
  /** A reader was told that nothing is missing where something is. */
  SILENT_GAP,
  /** An entry of the table names another than the one before it. */
  CHAIN_BROKEN,
  /** A letter lies in the queue and its place in the chat is empty. */
  NO_PLACEHOLDER,
  /** A dead letter is not, byte for byte, what the stream has at its position. */
  LETTER_DIFFERS,
  /** A client that is connected and a member does not see all of the chat in the end. */
  NOT_RECOVERED,
  /** A stage has not come to the end of a shard. */
  LAGGING
}
