package dev.confab.events;

import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** The rules for what people write. */
final class Texts {
  private Texts() {}

  /**
   * Checks what someone wrote.
   *
   * <p>Encoding reports what it can't write: by default every lone surrogate becomes a question
   * mark, and two texts that differ would be stored as one.
   *
   * @throws IllegalArgumentException if it is empty, too long in UTF-8, has a lone surrogate, or a
   *     control character other than newline and tab
   */
  static void check(String name, String text, int maxBytes) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException(name + " must not be empty");
    }
    if (text.length() > maxBytes) {
      throw new IllegalArgumentException(name + " has more than " + maxBytes + " bytes of UTF-8");
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c) && c != '\n' && c != '\t') {
        throw new IllegalArgumentException(name + " has a control character at " + i);
      }
    }
    int bytes;
    try {
      bytes = utf8Bytes(text);
    } catch (CharacterCodingException loneSurrogate) {
      throw new IllegalArgumentException(name + " is not well-formed Unicode", loneSurrogate);
    }
    if (bytes > maxBytes) {
      throw new IllegalArgumentException(name + " has more than " + maxBytes + " bytes of UTF-8");
    }
  }

  /** Whether a text has no lone surrogate, which JSON can escape and UTF-8 can't write. */
  static boolean isWellFormed(String text) {
    return text.codePoints().noneMatch(c -> Character.getType(c) == Character.SURROGATE);
  }

  /**
   * How many bytes a text has in UTF-8.
   *
   * @throws CharacterCodingException if it has a lone surrogate
   */
  static int utf8Bytes(String text) throws CharacterCodingException {
    return StandardCharsets.UTF_8
        .newEncoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .encode(CharBuffer.wrap(text))
        .remaining();
  }
}
