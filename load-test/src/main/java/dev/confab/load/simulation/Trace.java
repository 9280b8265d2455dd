package dev.confab.load.simulation;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.Consumer;

/** What happened, line by line: its hash says whether two runs were the same. */
final class Trace {
  private final Clock clock;
  private final Consumer<String> lines;
  private final MessageDigest digest;

  /**
   * @param lines gets each line, for people
   */
  Trace(Clock clock, Consumer<String> lines) {
    this.clock = clock;
    this.lines = lines;
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException everyPlatformHasIt) {
      throw new AssertionError(everyPlatformHasIt);
    }
  }

  void add(String what) {
    String line = Duration.between(Fibers.START, clock.instant()).toMillis() + " " + what;
    digest.update(line.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) '\n');
    lines.accept(line);
  }

  /** 64 hex digits; ends the trace. */
  String hash() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
