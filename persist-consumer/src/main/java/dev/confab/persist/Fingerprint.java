package dev.confab.persist;

import dev.confab.events.ChatEvent;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Entry;
import dev.confab.events.UserId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Sender, clientMessageId and text of a message, in 16 bytes: what a resend has in common with its
 * original. The text belongs to it, so that a client that uses an id twice loses nothing.
 */
record Fingerprint(long high, long low) {

  static Fingerprint of(ChatEvent.MessageSent sent) {
    return of(sent.senderId(), sent.clientMessageId(), sent.text());
  }

  static Fingerprint of(Entry.Posted posted) {
    return of(posted.senderId(), posted.clientMessageId(), posted.text());
  }

  private static Fingerprint of(UserId sender, ClientMessageId clientMessageId, String text) {
    MessageDigest digest = sha256();
    digest.update(sender.value().getBytes(StandardCharsets.UTF_8));
    digest.update((byte) '#'); // in neither id: where one ends and the next begins is plain
    digest.update(clientMessageId.value().getBytes(StandardCharsets.UTF_8));
    digest.update((byte) '#');
    ByteBuffer hash = ByteBuffer.wrap(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    return new Fingerprint(hash.getLong(), hash.getLong());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException everyPlatformHasIt) {
      throw new AssertionError(everyPlatformHasIt);
    }
  }
}
