package dev.confab.events;

/**
 * The name that a client gives a message before it sends it, so that it can send it again. Random,
 * and never used for a second text: two messages of one sender with one id are one message.
 *
 * @param value 1 to 64 of {@code A-Z a-z 0-9 _ -}
 */
public record ClientMessageId(String value) {
  public ClientMessageId {
    Ids.check("clientMessageId", value, 64, Ids::isWordOrDash);
  }

  @Override
  public String toString() {
    return value;
  }
}
