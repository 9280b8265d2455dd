package dev.confab.replay;

/** A progress bar. */
final class Bar {
  private static final int WIDTH = 30;

  private Bar() {}

  /**
   * Such as {@code [======= ]}; full where more was done than expected, empty where nobody knows
   * how much there is.
   */
  static String draw(long done, long about) {
    int filled = about <= 0 ? 0 : (int) Math.min(WIDTH, done * WIDTH / about);
    return "[" + "=".repeat(filled) + " ".repeat(WIDTH - filled) + "]";
  }
}
