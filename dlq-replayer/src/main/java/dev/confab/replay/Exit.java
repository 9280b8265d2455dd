package dev.confab.replay;

import java.util.LinkedHashMap;
import java.util.Map;

/** What the process's exit code says. */
final class Exit {
  static final int DONE = 0;

  /** A bug. */
  static final int FAULT = 1;

  /** picocli's. */
  static final int USAGE = 2;

  static final int CANNOT_GO_ON = 3;
  static final int LETTERS_LEFT = 4;
  static final int UNRECOVERABLE = 5;

  /** 128 + SIGINT, as shells have it. */
  static final int STOPPED = 130;

  private Exit() {}

  /** For {@code --help}. */
  static Map<String, String> meanings() {
    Map<String, String> meanings = new LinkedHashMap<>();
    meanings.put("0", "done, and no letter that was meant is left");
    meanings.put("1", "a bug in this program");
    meanings.put("2", "an option is wrong");
    meanings.put(
        "3",
        "could not begin or go on: queue, stream, credentials, region, a file; says what to do");
    meanings.put("4", "done, but letters are left that need a person, or would be left");
    meanings.put("5", "as 4, and at least one letter's record is lost for good");
    meanings.put("130", "stopped by Ctrl-C after the batch in hand (143 by a signal to terminate)");
    return meanings;
  }
}
