package dev.confab.events;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One place in a chat's chain. Each names the place before it, so that a reader who holds up to
 * {@code p} and sees {@code prev > p} knows of the hole between.
 *
 * <p>An entry is a pure function of its record and {@code prev}: no clock of the machine that
 * writes it is in it, so that a second writer writes the same bytes.
 */
public sealed interface Entry {

  /** Where it is. */
  Position position();

  /**
   * The place before it in its chat, {@link Cursor#start} for the first. Null means that whoever
   * sends it doesn't know: the reader should check. Never null in the table.
   */
  @Nullable Cursor prev();

  /** An entry that readers see. */
  sealed interface Shown extends Entry {}

  /**
   * A message.
   *
   * @param resend whether its record was marked as a resend
   */
  record Posted(
      Position position,
      @Nullable Cursor prev,
      UserId senderId,
      ClientMessageId clientMessageId,
      String text,
      Instant sentAt,
      boolean resend)
      implements Shown {
    public Posted {
      Texts.check("text", text, ChatEvent.MessageSent.MAX_TEXT_BYTES);
      sentAt = Timestamps.inMilliseconds(sentAt);
    }

    /** The entry of an event that came at a position. */
    public static Posted of(Position position, @Nullable Cursor prev, ChatEvent.MessageSent sent) {
      return new Posted(
          position,
          prev,
          sent.senderId(),
          sent.clientMessageId(),
          sent.text(),
          sent.sentAt(),
          sent.resend());
    }
  }

  /**
   * A placeholder: the message here lies in the dead-letter queue; a replay overwrites it.
   *
   * @param senderId absent where the record has none that is valid
   * @param clientMessageId absent where the record has none that is valid
   */
  record Parked(
      Position position,
      @Nullable Cursor prev,
      @Nullable UserId senderId,
      @Nullable ClientMessageId clientMessageId)
      implements Shown {}

  /**
   * The marker of a resend that was dropped, since the original is stored: part of the chain, never
   * shown.
   *
   * @param duplicateOf where the original is
   */
  record Duplicate(Position position, @Nullable Cursor prev, Position duplicateOf)
      implements Entry {}
}
