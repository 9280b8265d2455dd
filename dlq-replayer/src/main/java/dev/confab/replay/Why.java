package dev.confab.replay;

import java.util.Locale;

/** Why a letter stays where it is. Each says what the operator can do next. */
enum Why {
  /** Somebody put something else into the queue, or a newer version did. */
  NOT_OURS(
      "no letter of ours",
      "look at it with the AWS CLI; if a newer Confab wrote it, use that version's replayer"),
  /** It has been replayed as often as allowed and failed each time. */
  REPLAYED_OFTEN(
      "replayed as often as allowed",
      "mend the cause that peek shows, then raise --max-replays; or discard"),
  /** It was replayed after this command began, and failed once more. */
  FAILED_AGAIN("failed again after a replay", "look at its error with peek before the next run"),
  /** The record says what message it is, and breaks a rule that this build has too. */
  REFUSED_AGAIN(
      "persist would refuse it again",
      "export, edit and import it; or --try-malformed if the persist deployed has other rules"),
  /** The record doesn't say of which chat's message it is. */
  NO_MESSAGE("holds no message", "export, edit and import it, or discard it"),
  /** An event of a kind that this build doesn't know. */
  UNKNOWN_TYPE(
      "an event of an unknown type", "use the replayer of the version that knows it, or discard"),
  /** A message in another shard than its chat's: its position is no place in its chat. */
  MISROUTED("a message in the wrong shard", "--as-new posts it as a new message at a new position"),
  /** A message whose record had another partition key than its chat. */
  MISMATCHED(
      "a message under another partition key",
      "--as-new posts it as a new message at a new position"),
  /** Larger than an event may be: no build will ever take it. */
  TOO_LARGE("too large to be an event", "export it whole, edit and import it; or discard"),
  /** The letter is a pointer, and the stream no longer has what it points to. */
  UNRECOVERABLE(
      "unrecoverable: the stream no longer has the record",
      "the record is lost; discard the letter once you have noted that"),
  /** The stream did not take it. */
  NOT_TAKEN("the stream did not take it", "run again"),
  /** It was put on the stream, but not deleted from the queue. */
  NOT_DELETED("done, but not deleted", "run again: doing it twice has the effect of once");

  private final String text;
  private final String remedy;

  Why(String text, String remedy) {
    this.text = text;
    this.remedy = remedy;
  }

  /** For people. */
  String text() {
    return text;
  }

  /** What the operator can do next. */
  String remedy() {
    return remedy;
  }

  /** For machines, such as {@code not-ours}. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
