package dev.confab.replay;

import dev.confab.events.DeadLetter;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks through a queue: takes letters in hand until it has seen enough. SQS hands out letters in
 * no order, so part of a queue is a sample and no beginning. Whoever called gives them back.
 */
final class Survey {
  /** What this keeps of letters in memory, in characters. */
  private static final long MAX_CHARS = 256L << 20;

  /** Why it ended. */
  enum End {
    /** The queue had no more to give. */
    ALL_SEEN,
    /** It has as many as were asked for. */
    ENOUGH,
    /** No more can be in hand. */
    FULL,
    /** A stop was requested. */
    STOPPED
  }

  /**
   * What there is.
   *
   * @param letters those that the filter means, in the order of chats and positions
   * @param notOurs messages that are no letters of ours
   * @param passedOver how many letters the filter doesn't mean
   */
  record Found(List<Received> letters, List<Received> notOurs, long passedOver, End end) {}

  private Survey() {}

  /**
   * Looks.
   *
   * @param max how many letters that the filter means, at most
   */
  static Found of(Letters queue, Filter filter, int max, Hand hand, Stop stop) {
    List<Received> letters = new ArrayList<>();
    List<Received> notOurs = new ArrayList<>();
    long passedOver = 0;
    long chars = 0;
    End end = End.ENOUGH;
    while (letters.size() < max) {
      if (stop.isRequested() || hand.isFull() || chars > MAX_CHARS) {
        end = stop.isRequested() ? End.STOPPED : End.FULL;
        break;
      }
      int room = Math.min(max - letters.size(), Letters.MAX_BATCH);
      List<Received> batch = hand.receive(queue, room);
      if (batch.isEmpty()) {
        end = End.ALL_SEEN;
        break;
      }
      for (Received received : batch) {
        chars += received.message().body().length();
        if (!(received.content() instanceof Received.Ours(DeadLetter letter))) {
          notOurs.add(received);
        } else if (filter.matches(letter)) {
          letters.add(received);
        } else {
          passedOver++;
        }
      }
      hand.keepAlive();
    }
    letters.sort(LetterFields.BY_CHAT_AND_POSITION);
    return new Found(letters, notOurs, passedOver, end);
  }
}
