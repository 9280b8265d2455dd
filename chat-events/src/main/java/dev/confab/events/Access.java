package dev.confab.events;

/** Who may join a chat. */
public enum Access {
  /** Every user. */
  OPEN("open"),
  /** Those whom an owner adds. */
  MEMBERS("members");

  private final String wire;

  Access(String wire) {
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
  public static Access parse(String wire) {
    for (Access access : values()) {
      if (access.wire.equals(wire)) {
        return access;
      }
    }
    throw new IllegalArgumentException("must be open or members");
  }
}
