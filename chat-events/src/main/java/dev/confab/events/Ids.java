package dev.confab.events;

import java.util.function.IntPredicate;

/**
 * The rules that ids share. None of them admits a {@code #}, which separates the parts of a key.
 */
final class Ids {
  private Ids() {}

  static boolean isWordOrDash(int c) {
    return (c >= 'A' && c <= 'Z')
        || (c >= 'a' && c <= 'z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '-';
  }

  static void check(String name, String value, int maxLength, IntPredicate allowed) {
    if (value.isEmpty() || value.length() > maxLength) {
      throw new IllegalArgumentException(
          name + " must have 1 to " + maxLength + " characters, not " + value.length());
    }
    for (int i = 0; i < value.length(); i++) {
      if (!allowed.test(value.charAt(i))) {
        throw new IllegalArgumentException(name + " has a character that is not allowed at " + i);
      }
    }
  }
}
