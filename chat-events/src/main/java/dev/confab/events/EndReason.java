package dev.confab.events;

/** Why a membership, and with it a subscription, ended. */
public enum EndReason {
  /** An owner removed the user. */
  REMOVED("removed"),
  /** The user left. */
  LEFT("left");

  private final String wire;

  EndReason(String wire) {
    this.wire = wire;
  }

  /** The form on the stream and in frames. */
  public String wire() {
    return wire;
  }

  /**
   * Reads what {@link #wire} wrote.
   *
   * @throws IllegalArgumentException if it is another word
   */
  public static EndReason parse(String wire) {
    for (EndReason reason : values()) {
      if (reason.wire.equals(wire)) {
        return reason;
      }
    }
    throw new IllegalArgumentException("must be removed or left");
  }
}
