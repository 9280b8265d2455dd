package dev.confab.events;

/**
 * How far a reader of a chat holds everything: up to a {@link Position}, or nothing yet. Orders as
 * the stream does, with {@link #start} before every position.
 */
public sealed interface Cursor extends Comparable<Cursor> permits Cursor.Start, Position {

  /** Before the first message of a chat; on the wire {@code START}. */
  static Cursor start() {
    return Start.INSTANCE;
  }

  /** The cursor's form on the wire and in the table. */
  String value();

  /**
   * Reads what {@link #value} wrote.
   *
   * @throws IllegalArgumentException if it is neither {@code START} nor a position
   */
  static Cursor parse(String value) {
    return value.equals(start().value()) ? start() : Position.parse(value);
  }

  @Override
  default int compareTo(Cursor other) {
    if (this instanceof Position mine && other instanceof Position theirs) {
      return mine.value().compareTo(theirs.value());
    }
    return Boolean.compare(this instanceof Position, other instanceof Position);
  }

  default boolean isAfter(Cursor other) {
    return compareTo(other) > 0;
  }

  /** The one cursor that is no position. */
  record Start() implements Cursor {
    private static final Start INSTANCE = new Start();

    @Override
    public String value() {
      return "START";
    }

    @Override
    public String toString() {
      return value();
    }
  }
}
