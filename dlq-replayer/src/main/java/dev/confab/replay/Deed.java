package dev.confab.replay;

import java.util.Locale;

/** What was done with a letter. */
enum Deed {
  /** Put on the stream for the stage that parked it, and deleted. */
  REPLAYED("replayed %s", "would replay %s"),
  /** Put on the stream as a new message, and deleted. */
  POSTED("posted %s as new messages", "would post %s as new messages"),
  /** Put back into its queue from a file. */
  REQUEUED("put %s back into the queue", "would put %s back into the queue"),
  /** Written to a file, and deleted. */
  DISCARDED("discarded %s", "would discard %s"),
  /** Written to a file. */
  EXPORTED("exported %s", "would export %s");

  private final String past;
  private final String dryRun;

  Deed(String past, String dryRun) {
    this.past = past;
    this.dryRun = dryRun;
  }

  /**
   * For people; in a dry run, what would be.
   *
   * @param letters how many, such as {@code 2 letters}
   */
  String text(String letters, boolean isDryRun) {
    return (isDryRun ? dryRun : past).formatted(letters);
  }

  /** For machines. */
  String word(boolean isDryRun) {
    String word = name().toLowerCase(Locale.ROOT);
    return isDryRun ? "would-be-" + word : word;
  }
}
