package dev.confab.ingest;

/** The stream took an event on none of the tries, or didn't say so. */
final class StreamUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StreamUnavailableException(String reason) {
    super(reason);
  }
}
