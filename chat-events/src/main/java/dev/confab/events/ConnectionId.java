package dev.confab.events;

/**
 * The name that API Gateway gives a WebSocket connection, such as {@code L0SM9cOFvHcCIhw=}. A type
 * of its own, so that no code can close one user's connection for another's failure.
 *
 * @param value 1 to 128 characters of base64 in either alphabet
 */
public record ConnectionId(String value) implements Comparable<ConnectionId> {
  public ConnectionId {
    Ids.check("connectionId", value, 128, ConnectionId::isAllowed);
  }

  private static boolean isAllowed(int c) {
    return Ids.isWordOrDash(c) || c == '=' || c == '+' || c == '/';
  }

  @Override
  public int compareTo(ConnectionId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
