package dev.confab.persist;

import dev.confab.events.ChatEvent.MessageSent;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.UserId;
import org.jspecify.annotations.Nullable;

/**
 * One record's place in its chat's chain. Where it is and what it follows is settled when the
 * record is seen; what lies there may be settled later. For one thread.
 */
final class Place {
  private enum State {
    /** Not in the table yet. */
    OPEN,
    STORED,
    /** Its record goes to the dead-letter queue and a placeholder into the table. */
    PARKED
  }

  private final Position position;
  private final Cursor prev;
  private final @Nullable Fingerprint fingerprint;
  private @Nullable Place original;
  private @Nullable MessageSent sent;
  private @Nullable UserId senderId;
  private @Nullable ClientMessageId clientMessageId;
  private State state;

  private Place(Position position, Cursor prev, @Nullable Fingerprint fingerprint, State state) {
    this.position = position;
    this.prev = prev;
    this.fingerprint = fingerprint;
    this.state = state;
  }

  /**
   * The place of a message.
   *
   * @param original the message that it may be a resend of
   */
  static Place of(
      Position position,
      Cursor prev,
      MessageSent sent,
      Fingerprint fingerprint,
      @Nullable Place original) {
    Place place = new Place(position, prev, fingerprint, State.OPEN);
    place.sent = sent;
    place.senderId = sent.senderId();
    place.clientMessageId = sent.clientMessageId();
    place.original = original;
    return place;
  }

  /** The place of a message that can't be read. */
  static Place unreadable(
      Position position,
      Cursor prev,
      @Nullable UserId senderId,
      @Nullable ClientMessageId clientMessageId) {
    Place place = new Place(position, prev, null, State.PARKED);
    place.senderId = senderId;
    place.clientMessageId = clientMessageId;
    return place;
  }

  /** The place of what the table holds already. */
  static Place inTable(Entry entry) {
    Cursor prev = entry.prev();
    return new Place(
        entry.position(),
        prev == null ? Cursor.start() : prev,
        entry instanceof Entry.Posted posted ? Fingerprint.of(posted) : null,
        State.STORED);
  }

  Position position() {
    return position;
  }

  /** What a resend of it would have too; null where it holds no message that can be read. */
  @Nullable Fingerprint fingerprint() {
    return fingerprint;
  }

  boolean isOpen() {
    return state == State.OPEN;
  }

  /** Whether it depends on a message that isn't stored yet, and may never be. */
  boolean waitsForOriginal() {
    return state == State.OPEN && original != null && original.isOpen();
  }

  /**
   * Whether the message that it repeats went to the queue. That one hasn't landed: with its resend
   * dropped too, nobody could read it.
   */
  boolean hasParkedOriginal() {
    return state == State.OPEN && original != null && original.state == State.PARKED;
  }

  /** Has it repeat another message, or none. */
  void original(@Nullable Place other) {
    original = other;
  }

  /**
   * What to write while it is open, when that is settled.
   *
   * @throws IllegalStateException otherwise
   */
  Entry entry() {
    if (state != State.OPEN || sent == null || waitsForOriginal() || hasParkedOriginal()) {
      throw new IllegalStateException("not settled what to write at " + position);
    }
    return original == null
        ? Entry.Posted.of(position, prev, sent)
        : new Entry.Duplicate(position, prev, original.position);
  }

  /** What readers see while its record lies in the queue. */
  Entry.Parked placeholder() {
    return new Entry.Parked(position, prev, senderId, clientMessageId);
  }

  /** The table has it. */
  void stored() {
    state = State.STORED;
    senderId = null;
    clientMessageId = null;
    letGo();
  }

  /** The table won't ever take it. */
  void park() {
    state = State.PARKED;
    letGo();
  }

  /** A window full of texts would be large. */
  private void letGo() {
    sent = null;
    original = null;
  }
}
