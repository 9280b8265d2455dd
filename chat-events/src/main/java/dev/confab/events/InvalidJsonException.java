package dev.confab.events;

/**
 * JSON from outside that isn't what the contract asks for. The message names the field and is fit
 * for whoever wrote the JSON; it holds none of the JSON's values.
 */
public final class InvalidJsonException extends Exception {
  private static final long serialVersionUID = 1L;

  public InvalidJsonException(String message) {
    super(message);
  }

  public InvalidJsonException(String message, Throwable cause) {
    super(message, cause);
  }
}
