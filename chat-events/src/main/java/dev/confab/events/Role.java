package dev.confab.events;

/** What a user is in a chat. */
public enum Role {
  /** May add and remove members. */
  OWNER("owner"),
  MEMBER("member"),
  /** Was a member; can't join again until added. Never in a frame. */
  REMOVED("removed");

  private final String wire;

  Role(String wire) {
    this.wire = wire;
  }

  /** The form in frames and in the table. */
  public String wire() {
    return wire;
  }

  /**
   * Reads what {@link #wire} wrote.
   *
   * @throws IllegalArgumentException if it is another word
   */
  public static Role parse(String wire) {
    for (Role role : values()) {
      if (role.wire.equals(wire)) {
        return role;
      }
    }
    throw new IllegalArgumentException("must be owner, member or removed");
  }
}
