package dev.confab.replay;

import java.util.Locale;

/** What was done with a letter. */
enum Deed {
  /** Put on the stream for the stage that parked it, and deleted. */
  REPLAYED("replayed", "would replay"),
  /** Put on the stream as a new message, and deleted. */
  POSTED("posted as new messages", "would post as new messages"),
  /** Put back into its queue from a file. */
  REQUEUED("put back into the queue", "would put back into the queue"),
  /** Written to a file, and deleted. */
  DISCARDED("discarded", "would discard"),
  /** Written to a file. */
  EXPORTED("exported", "would export");

  private final String past;
  private final String dryRun;

  Deed(String past, String dryRun) {
    this.past = past;
    this.dryRun = dryRun;
  }

  /** For people; in a dry run, what would be. */
  String text(boolean isDryRun) {
    return isDryRun ? dryRun : past;
  }

  /** For machines. */
  String word(boolean isDryRun) {
    String word = name().toLowerCase(Locale.ROOT);
    return isDryRun ? "would-be-" + word : word;
  }
}
