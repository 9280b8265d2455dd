package dev.confab.replay;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as operators write and read them. */
final class Times {
  private static final Pattern AGO = Pattern.compile("(\\d{1,6})([smhd])");

  private Times() {}

  /**
   * Reads a time, or how long ago it was.
   *
   * @throws IllegalArgumentException if it is neither; the message is for the operator
   */
  static Instant parse(String text, Clock clock) {
    Matcher ago = AGO.matcher(text);
    if (ago.matches()) {
      long number = Long.parseLong(ago.group(1));
      Duration time =
          switch (ago.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
          };
      return clock.instant().minus(time);
    }
    try {
      return Instant.parse(text);
    } catch (DateTimeException neither) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is neither a time like 2026-11-24T02:04:05Z nor one ago like 90m, 2h or 3d",
          neither);
    }
  }

  /** Such as {@code 3 d 4 h}, {@code 2 h 5 min}, {@code 12 min}, {@code 40 s}. */
  static String text(Duration time) {
    if (time.toDays() > 0) {
      return time.toDays() + " d " + time.toHoursPart() + " h";
    }
    if (time.toHours() > 0) {
      return time.toHours() + " h " + time.toMinutesPart() + " min";
    }
    return time.toMinutes() > 0 ? time.toMinutes() + " min" : time.toSeconds() + " s";
  }
}
