package dev.confab.events;

/**
 * Who someone is: the subject of the token, as the identity provider writes it.
 *
 * @param value 1 to 128 of {@code A-Z a-z 0-9 _ . @ | : -}, which covers the subjects of the common
 *     OpenID Connect providers and can't forge a table key
 */
public record UserId(String value) implements Comparable<UserId> {
  public UserId {
    Ids.check("userId", value, 128, UserId::isAllowed);
  }

  private static boolean isAllowed(int c) {
    return Ids.isWordOrDash(c) || c == '.' || c == '@' || c == '|' || c == ':';
  }

  @Override
  public int compareTo(UserId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
