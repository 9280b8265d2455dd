package dev.confab.replay;

import java.util.Locale;

/** Text that others wrote, made fit for an operator's terminal. */
final class Plain {
  private Plain() {}

  /**
   * In one line, without what a terminal would obey: control characters, marks that turn the
   * direction of text, lone surrogates.
   */
  static String line(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              switch (Character.getType(c)) {
                case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    plain.append(String.format(Locale.ROOT, "\\u%04x", c));
                default -> plain.appendCodePoint(c);
              }
            });
    return plain.toString();
  }

  /** The same, cut where it gets too long to read. */
  static String line(String text, int maxChars) {
    String line = line(text);
    return line.length() <= maxChars ? line : line.substring(0, maxChars - 1) + "…";
  }

  /** Such as {@code 1 letter} and {@code 2,000 letters}. */
  static String count(long number, String noun) {
    return "%,d %s".formatted(number, number == 1 ? noun : noun + "s");
  }
}
