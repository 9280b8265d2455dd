package dev.confab.load.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The earlier of two times, where null is never. */
final class Earliest {
  private Earliest() {}

  static @Nullable Instant of(@Nullable Instant a, @Nullable Instant b) {
    if (a == null || (b != null && b.isBefore(a))) {
      return b;
    }
    return a;
  }
}
