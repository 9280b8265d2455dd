package dev.confab.ingest;

/** The issuer's keys can't be had, so that no token can be judged. */
final class KeysUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  KeysUnavailableException(String message) {
    super(message);
  }
}
