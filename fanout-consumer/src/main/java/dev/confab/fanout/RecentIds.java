package dev.confab.fanout;

import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent.MessageSent;
import dev.confab.events.ClientMessageId;
import dev.confab.events.UserId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;

/**
 * The messages of one chat that this owner has pushed lately, so that a resend of one isn't pushed
 * again. Used by one thread.
 *
 * <p>It must know less than persist does, never more: what is skipped here has to be a marker in
 * the table, or else live frames would lead over a message that history shows. So it counts what
 * persist counts, places of the chain, markers and placeholders among them, and looks back over
 * half as many. And it remembers no resend: persist may know the original that this owner doesn't,
 * and a marker is no original, so that a second resend may find none and be stored.
 *
 * <p>The price is a push that repeats: a resend whose original this owner didn't push or has
 * forgotten goes out each time that it comes, marked, and clients drop it.
 */
final class RecentIds {
  /** Of persist's 1,000. */
  static final int MAX_PLACES = 500;

  static final Duration WINDOW = Duration.ofMinutes(5);

  /** The oldest place first. */
  private final LinkedHashMap<Id, Pushed> pushed = new LinkedHashMap<>();

  private long places;

  private record Id(UserId senderId, ClientMessageId clientMessageId) {}

  /** A digest rather than the text: 500 texts of 16 KiB a chat would be 8 MB. */
  private record Pushed(Bytes textDigest, Instant arrivedAt, long place) {}

  /** Whether a resend's original, of the same text, is among them. */
  boolean hasOriginalOf(MessageSent resend, Instant arrivedAt) {
    Pushed original = pushed.get(idOf(resend));
    return original != null
        && !arrivedAt.isAfter(original.arrivedAt().plus(WINDOW))
        && original.textDigest().equals(digest(resend.text()));
  }

  /**
   * Remembers what is being pushed and has the chain's next place, if it is no resend. The first of
   * an id counts.
   */
  void add(MessageSent sent, Instant arrivedAt) {
    if (sent.resend()) {
      return;
    }
    Pushed now = new Pushed(digest(sent.text()), arrivedAt, places);
    Pushed before = pushed.putIfAbsent(idOf(sent), now);
    if (before != null && arrivedAt.isAfter(before.arrivedAt().plus(WINDOW))) {
      pushed.remove(idOf(sent));
      pushed.put(idOf(sent), now);
    }
  }

  /** The chain has one more place, whatever lies there. */
  void pass() {
    places++;
    while (!pushed.isEmpty() && pushed.firstEntry().getValue().place() < places - MAX_PLACES) {
      pushed.pollFirstEntry();
    }
  }

  int size() {
    return pushed.size();
  }

  private static Id idOf(MessageSent sent) {
    return new Id(sent.senderId(), sent.clientMessageId());
  }

  private static Bytes digest(String text) {
    try {
      return Bytes.of(
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException everyPlatformHasIt) {
      throw new AssertionError(everyPlatformHasIt);
    }
  }
}
