package dev.confab.persist;

import dev.confab.events.ChatEvent;

/**
 * The stream that events are put on, in their chat's partition. Safe for use by several threads.
 */
@FunctionalInterface
public interface EventStream {

  /**
   * Puts an event. Returns when the stream has it; it may have it twice.
   *
   * @throws StreamUnavailableException if it may not have it
   */
  void put(ChatEvent event);

  /** The stream throttled, failed or did not answer. */
  final class StreamUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StreamUnavailableException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
