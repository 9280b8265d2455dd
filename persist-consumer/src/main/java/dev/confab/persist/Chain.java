package dev.confab.persist;

import dev.confab.events.ChatEvent.MessageSent;
import dev.confab.events.ChatId;
import dev.confab.events.Cursor;
import dev.confab.events.Decoded.MessageClaim;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One chat's chain, as far as it is known on this lease. For one thread.
 *
 * <p>A resend is looked for among the {@value #WINDOW} places before it: those that were made here,
 * and, once the history below them has been read, those too. The window is counted, never timed, so
 * that whoever processes a record, now or again after a crash, finds the same: a resend's fate is a
 * function of the stream. (It may find an original that is older than the ten minutes promised.)
 */
final class Chain {
  /** Places before a message in which its original is found. The number is a promise. */
  static final int WINDOW = 1_000;

  private final ChatId chatId;
  private final Position first;
  private Cursor newest;
  private boolean knowsHistory;
  private final ArrayDeque<Place> window = new ArrayDeque<>();
  private final Map<Fingerprint, Place> messages = new HashMap<>();
  private final Map<Position, Place> unfinished = new HashMap<>();

  /**
   * A chain that goes on from what the table holds.
   *
   * @param newestBelow the newest entry in the table below {@code first}
   * @param first the first position to be added
   */
  Chain(ChatId chatId, Cursor newestBelow, Position first) {
    this.chatId = chatId;
    this.newest = newestBelow;
    this.first = first;
  }

  ChatId chatId() {
    return chatId;
  }

  /** Whether a record's place is known or comes after all that are. */
  boolean canPlace(Position position) {
    return unfinished.containsKey(position) || position.isAfter(newest);
  }

  /** Whether something is on its way into the table. */
  boolean isUnfinished() {
    return !unfinished.isEmpty();
  }

  /** The place below which only the table knows. */
  Position first() {
    return first;
  }

  /** Whether the window is whole: nothing that belongs in it is known to the table alone. */
  boolean knowsHistory() {
    return knowsHistory || window.size() == WINDOW;
  }

  /**
   * Takes what the table holds below {@link #first}.
   *
   * @param newestFirst the {@value #WINDOW} newest entries there, or all if there are fewer
   */
  void addHistory(List<Entry> newestFirst) {
    for (Entry entry : newestFirst) {
      Place place = Place.inTable(entry);
      window.addFirst(place);
      Fingerprint fingerprint = place.fingerprint();
      if (fingerprint != null) {
        messages.putIfAbsent(fingerprint, place);
      }
    }
    knowsHistory = true;
    trim();
  }

  /** The place of a message; the same if it was given one before and isn't finished. */
  Place place(Position position, MessageSent sent) {
    Place known = unfinished.get(position);
    if (known != null) {
      return known;
    }
    Fingerprint fingerprint = Fingerprint.of(sent);
    Place original = sent.resend() ? messages.get(fingerprint) : null;
    Place place = Place.of(position, newest, sent, fingerprint, original);
    if (original == null) {
      messages.put(fingerprint, place);
    }
    return add(place);
  }

  /** The place of a message that can't be read; the same if it was given one before. */
  Place place(Position position, MessageClaim claim) {
    Place known = unfinished.get(position);
    return known != null
        ? known
        : add(Place.unreadable(position, newest, claim.senderId(), claim.clientMessageId()));
  }

  private Place add(Place place) {
    newest = place.position();
    unfinished.put(place.position(), place);
    window.addLast(place);
    trim();
    return place;
  }

  private void trim() {
    while (window.size() > WINDOW) {
      forget(window.removeFirst());
    }
  }

  private void forget(Place place) {
    Fingerprint fingerprint = place.fingerprint();
    if (fingerprint != null) {
      messages.remove(fingerprint, place);
    }
  }

  /**
   * Whether it is known what belongs in a place: itself or, of a stored original, a marker. Where
   * the original was parked, an earlier resend of it may be the original now, or it is one itself.
   * Asked in the order of the places.
   */
  boolean isSettled(Place place) {
    Fingerprint fingerprint = place.fingerprint();
    if (place.hasParkedOriginal() && fingerprint != null) {
      Place other = messages.get(fingerprint);
      boolean isBefore = other != null && place.position().isAfter(other.position());
      place.original(isBefore ? other : null);
      if (other == null && isInWindow(place)) {
        messages.put(fingerprint, place);
      }
    }
    return !place.waitsForOriginal();
  }

  /** The table has what belongs in a place. */
  void finish(Place place) {
    if (place.isOpen()) {
      place.stored();
    }
    unfinished.remove(place.position());
  }

  private boolean isInWindow(Place place) {
    Place oldest = window.peekFirst();
    return oldest != null && !oldest.position().isAfter(place.position());
  }

  /** The table won't ever take a place's message: it's no original of any resend. */
  void park(Place place) {
    place.park();
    forget(place);
  }

  /** How many places it remembers. */
  int size() {
    return window.size();
  }
}
