package dev.confab.events;

/**
 * A record's place in its chat: the Kinesis sequence number and, within an aggregated record, the
 * sub-sequence number. It is the message's identity in its chat, its sort key and the client's
 * cursor, opaque to clients. Never a wall clock: two clocks can disagree, a shard can't.
 *
 * <p>The form is {@code LLLn…n-ssssssss}: the number of digits of the sequence number, the sequence
 * number, the sub-sequence number. The length comes first so that comparing strings, byte by byte
 * as DynamoDB does, is comparing numbers.
 *
 * @param value the form above
 */
public record Position(String value) implements Cursor {
  /** Kinesis documents sequence numbers as {@code 0|([1-9]\d{0,128})}. */
  private static final int MAX_SEQUENCE_DIGITS = 129;

  /** An aggregated record of 10 MiB, Kinesis' limit, holds fewer than ten million records. */
  private static final int SUB_SEQUENCE_DIGITS = 8;

  private static final long MAX_SUB_SEQUENCE = 99_999_999L;
  private static final int LENGTH_DIGITS = 3;

  public Position {
    int digits = value.length() - LENGTH_DIGITS - 1 - SUB_SEQUENCE_DIGITS;
    int dash = LENGTH_DIGITS + digits;
    if (digits < 1
        || digits > MAX_SEQUENCE_DIGITS
        || value.charAt(dash) != '-'
        || !areDigits(value, 0, dash)
        || !areDigits(value, dash + 1, value.length())
        || Integer.parseInt(value.substring(0, LENGTH_DIGITS)) != digits
        || (value.charAt(LENGTH_DIGITS) == '0' && digits > 1)) {
      throw new IllegalArgumentException("not a position of this stream");
    }
  }

  /**
   * The position of a record.
   *
   * @param sequenceNumber as Kinesis gives it
   * @param subSequenceNumber the index within an aggregated record, 0 for a plain one
   */
  public static Position of(String sequenceNumber, long subSequenceNumber) {
    if (subSequenceNumber < 0 || subSequenceNumber > MAX_SUB_SEQUENCE) {
      throw new IllegalArgumentException("sub-sequence number out of range: " + subSequenceNumber);
    }
    return new Position(
        padded(sequenceNumber.length(), LENGTH_DIGITS)
            + sequenceNumber
            + '-'
            + padded(subSequenceNumber, SUB_SEQUENCE_DIGITS));
  }

  /** By hand: each stage makes one of every record, and a format string is parsed each time. */
  private static String padded(long number, int digits) {
    String text = Long.toString(number);
    return "0".repeat(Math.max(0, digits - text.length())) + text;
  }

  /**
   * Reads what {@link #value} wrote.
   *
   * @throws IllegalArgumentException if it has another form
   */
  public static Position parse(String value) {
    return new Position(value);
  }

  /** The sequence number, as Kinesis gives it. */
  public String sequenceNumber() {
    return value.substring(LENGTH_DIGITS, value.length() - SUB_SEQUENCE_DIGITS - 1);
  }

  /** The index within an aggregated record, 0 for a plain one. */
  public long subSequenceNumber() {
    return Long.parseLong(value.substring(value.length() - SUB_SEQUENCE_DIGITS));
  }

  private static boolean areDigits(String value, int from, int to) {
    for (int i = from; i < to; i++) {
      if (value.charAt(i) < '0' || value.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return value;
  }
}
