package dev.confab.table;

/**
 * The table did not answer, or refused for now: it throttled, failed (5xx), took too long, could
 * not be reached, or did not let us in. Whether a write happened is unknown; every write of this
 * module may be made again. The caller decides when: nothing here waits.
 */
public final class TableUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TableUnavailableException(String message) {
    super(message);
  }

  public TableUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
