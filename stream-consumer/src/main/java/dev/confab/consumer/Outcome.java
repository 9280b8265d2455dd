package dev.confab.consumer;

/**
 * What became of a record.
 *
 * <pre>{@code
 * switch (outcome) {
 *   case Outcome.Done() -> {}
 *   case Outcome.Retry(String reason) -> again.add(record);
 *   case Outcome.Unprocessable(String errorClass, String errorText) -> park(record);
 * }
 * }</pre>
 */
public sealed interface Outcome {

  /** The checkpoint may pass it. */
  record Done() implements Outcome {}

  /**
   * A service is down or throttled: the same record can succeed later. Tried without end, since a
   * dead letter would only move the outage into the queue.
   *
   * @param reason for the log
   */
  record Retry(String reason) implements Outcome {}

  /**
   * The record can't succeed with the code now deployed. It goes to the dead-letter queue.
   *
   * @param errorClass a short word to group letters by, such as {@code Malformed}
   * @param errorText for people; holds no text of a message
   */
  record Unprocessable(String errorClass, String errorText) implements Outcome {}

  static Outcome done() {
    return new Done();
  }
}
