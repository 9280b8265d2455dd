package dev.confab.replay;

/**
 * The command can't go on. The message is one line for the operator: what is wrong and what to do.
 */
final class CannotGoOnException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CannotGoOnException(String line) {
    super(line);
  }

  CannotGoOnException(String line, Throwable cause) {
    super(line, cause);
  }

  /** The message. */
  String line() {
    return String.valueOf(getMessage());
  }
}
