package dev.confab.local.gateway;

import java.time.Duration;

/** How a call of a function ended. */
sealed interface Invocation {
  /**
   * The function wrote its whole answer.
   *
   * @param payload UTF-8, decoded
   */
  record Returned(String payload) implements Invocation {}

  /**
   * The function threw.
   *
   * @param message what Lambda calls {@code errorMessage}; empty when the exception had none
   */
  record Failed(String message) implements Invocation {}

  record TimedOut(Duration after) implements Invocation {}
}
