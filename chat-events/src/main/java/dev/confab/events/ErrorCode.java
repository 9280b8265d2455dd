package dev.confab.events;

/**
 * Every error that a client can be told, each with what to do next. Never renamed: clients switch
 * over the names. A chat that is absent and one that is not yours answer alike.
 */
public enum ErrorCode {
  /**
   * The frame is not a JSON object of the protocol. Mend the client; sending it again won't help.
   */
  INVALID_FRAME(false),
  /** The frame's {@code action} is not one of the protocol. Mend the client. */
  UNKNOWN_ACTION(false),
  /**
   * A field is missing or has a value that is not allowed; the message names it. Mend the input.
   */
  INVALID_FIELD(false),
  /** The token has expired. Get a new token and connect again. */
  TOKEN_EXPIRED(false),
  /** There is no such chat for this user. Close the chat; being added to it makes it appear. */
  CHAT_NOT_FOUND(false),
  /** Another user has made a chat of this name. Choose another chatId. */
  CHAT_EXISTS(false),
  /** Only an owner may do this. Ask an owner. */
  NOT_OWNER(false),
  /** The user named isn't a member of the chat. Nothing to do. */
  MEMBER_NOT_FOUND(false),
  /** The last owner can't leave while others remain. Remove the other members first. */
  LAST_OWNER(false),
  /** The chat has as many subscribers as it may. Try again later; history works meanwhile. */
  CHAT_FULL(true),
  /** Too many frames of this user. Wait a second or more, then send again. */
  RATE_LIMITED(true),
  /**
   * Confab can't reach what it needs. The outcome of a send is unknown: send it again, with the
   * same clientMessageId and {@code resend: true}, after a growing pause.
   */
  UNAVAILABLE(true),
  /** A fault of ours, logged under the requestId. As {@link #UNAVAILABLE}. */
  INTERNAL(true);

  private final boolean retryable;

  ErrorCode(boolean retryable) {
    this.retryable = retryable;
  }

  /**
   * Reads a name.
   *
   * @throws IllegalArgumentException if it is another word
   */
  static ErrorCode parse(String name) {
    for (ErrorCode code : values()) {
      if (code.name().equals(name)) {
        return code;
      }
    }
    throw new IllegalArgumentException("there is no such code");
  }

  /** Whether the same frame can succeed later. */
  public boolean isRetryable() {
    return retryable;
  }
}
