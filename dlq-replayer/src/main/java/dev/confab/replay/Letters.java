package dev.confab.replay;

import java.time.Duration;
import java.util.List;

/**
 * One dead-letter queue. Safe for use by several threads. Hands letters out in no order, each at
 * least once. Every method throws {@link CannotGoOnException} when the queue can't be reached,
 * isn't there or isn't ours to use.
 */
interface Letters {

  /** What SQS takes in one call. */
  int MAX_BATCH = 10;

  Stage stage();

  /** For people. */
  String name();

  Depth depth();

  /**
   * Takes letters in hand: nobody else is given them for a while.
   *
   * @param max 1 to {@link #MAX_BATCH}
   * @param hidden for how long, at most 12 hours
   * @param wait how long SQS may wait for a letter, at most 20 s; with any wait it asks all of its
   *     servers, so that an answer without letters means that none is visible
   * @return none up to max
   */
  List<QueueMessage> receive(int max, Duration hidden, Duration wait);

  /**
   * Deletes letters. One that was handed out again since, to whomever, isn't deleted by the older
   * handle, and may not be among those returned either.
   *
   * @param messages at most {@link #MAX_BATCH}
   * @return those that were not
   */
  List<Undeleted> delete(List<QueueMessage> messages);

  /**
   * Hides letters for so long from now on; zero gives them back at once. One that this fails for,
   * because its time had run out, is no fault: another replayer may have it, and what both do to it
   * has the effect of one.
   *
   * @param messages at most {@link #MAX_BATCH}
   */
  void hide(List<QueueMessage> messages, Duration time);

  /**
   * Sends letters.
   *
   * @param bodies at most {@link #MAX_BATCH}, together at most 1 MiB
   * @return why each was not taken, empty for one that was; in the order given
   */
  List<String> send(List<String> bodies);

  /** A letter that still lies in the queue. */
  record Undeleted(QueueMessage message, String reason) {}

  /**
   * How many letters there are. SQS counts approximately.
   *
   * @param visible that a receive can hand out
   * @param inHand that were handed out and not given back: to another replayer, or to one that was
   *     killed
   */
  record Depth(long visible, long inHand) {}
}
