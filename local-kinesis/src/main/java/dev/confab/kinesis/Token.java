package dev.confab.kinesis;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * Opaque text that a caller brings back: parts without a slash, and a checksum against typing
 * errors.
 */
final class Token {
  private Token() {}

  static String seal(Object... parts) {
    StringBuilder joined = new StringBuilder();
    for (Object part : parts) {
      joined.append(part).append('/');
    }
    joined.append(checksum(joined.toString()));
    return Base64.getUrlEncoder()
        .encodeToString(joined.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** The parts, if the text is a token with so many of them. */
  static Optional<List<String>> open(String token, int parts) {
    String joined;
    try {
      joined = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
    int end = joined.lastIndexOf('/') + 1;
    if (!joined.substring(end).equals(checksum(joined.substring(0, end)))) {
      return Optional.empty();
    }
    List<String> found = List.of(joined.substring(0, Math.max(0, end - 1)).split("/", -1));
    return found.size() == parts ? Optional.of(found) : Optional.empty();
  }

  private static String checksum(String text) {
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return Long.toHexString(crc.getValue());
  }
}
