package dev.confab.persist;

import dev.confab.events.Bytes;
import dev.confab.events.ClientMessageId;
import dev.confab.events.UserId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What makes two records of a chat the same message: sender, the id that the sender gave it, and
 * the text. With another text under the same id, the sender's mistake, both are kept.
 *
 * @param textSha256 so that a thousand recent messages don't hold a thousand texts
 */
record MessageKey(UserId senderId, ClientMessageId clientMessageId, Bytes textSha256) {

  static MessageKey of(UserId senderId, ClientMessageId clientMessageId, String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return new MessageKey(senderId, clientMessageId, Bytes.of(digest));
    } catch (NoSuchAlgorithmException everyPlatformHasIt) {
      throw new IllegalStateException(everyPlatformHasIt);
    }
  }
}
