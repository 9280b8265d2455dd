package dev.confab.events;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * The one way that a time is written: UTC with always three fraction digits, so that comparing
 * strings is comparing times (the index of a user's messages sorts by it).
 */
public final class Timestamps {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC)
          .withResolverStyle(ResolverStyle.STRICT);

  private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999Z");

  private Timestamps() {}

  /** The time in whole milliseconds, as every record of the contract keeps it. */
  static Instant inMilliseconds(Instant time) {
    if (time.isBefore(FIRST) || time.isAfter(LAST)) {
      throw new IllegalArgumentException("a time must lie in the years 0000 to 9999");
    }
    return time.truncatedTo(ChronoUnit.MILLIS);
  }

  /** Such as {@code 2026-11-24T02:04:05.123Z}. */
  public static String format(Instant time) {
    return FORMAT.format(inMilliseconds(time));
  }

  /**
   * Reads what {@link #format} wrote.
   *
   * @throws IllegalArgumentException if it has another form
   */
  public static Instant parse(String text) {
    try {
      return inMilliseconds(FORMAT.parse(text, Instant::from));
    } catch (DateTimeException otherForm) {
      throw new IllegalArgumentException(
          "a time must look like 2026-11-24T02:04:05.123Z, with three fraction digits", otherForm);
    }
  }
}
