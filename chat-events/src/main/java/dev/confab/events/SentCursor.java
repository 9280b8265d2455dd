package dev.confab.events;

import java.time.Instant;

/**
 * A place in the list of one user's messages over all chats, which is ordered by when they were
 * sent. Opaque to clients.
 *
 * @param sentAt of the message there, in whole milliseconds
 * @param position of the message there, in its chat
 */
public record SentCursor(Instant sentAt, Position position) {
  private static final char SEPARATOR = '_';

  public SentCursor {
    sentAt = Timestamps.inMilliseconds(sentAt);
  }

  /** The form on the wire. */
  public String value() {
    return Timestamps.format(sentAt) + SEPARATOR + position.value();
  }

  /**
   * Reads what {@link #value} wrote.
   *
   * @throws IllegalArgumentException if it has another form
   */
  public static SentCursor parse(String value) {
    int separator = value.indexOf(SEPARATOR);
    if (separator < 0) {
      throw new IllegalArgumentException("not a cursor that a reply gave");
    }
    return new SentCursor(
        Timestamps.parse(value.substring(0, separator)),
        Position.parse(value.substring(separator + 1)));
  }
}
