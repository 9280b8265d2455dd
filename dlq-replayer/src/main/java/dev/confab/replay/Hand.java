package dev.confab.replay;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The letters that a command has in hand: received, hidden from others, and neither deleted nor
 * given back. They are kept hidden for as long as it takes, by whichever thread comes by when it is
 * time; no thread works for longer than {@link #BEAT} without coming by. Safe for use by several
 * threads.
 */
final class Hand {
  /** How soon the letters of a killed command come back by themselves. */
  static final Duration HIDDEN = Duration.ofMinutes(2);

  /** How often they are hidden anew: a beat may be missed. */
  static final Duration BEAT = Duration.ofSeconds(40);

  /** SQS lets 120,000 letters of a queue be in hand, everybody's together. */
  static final int MAX_LETTERS = 100_000;

  /** Enough for SQS to ask all of its servers. */
  private static final Duration WAIT = Duration.ofSeconds(1);

  /** How long after Ctrl-C a wait goes on. */
  private static final Duration SLICE = Duration.ofMillis(250);

  /** A letter that SQS gives out twice is in hand already. */
  private static final int TRIES_FOR_NEW_ONES = 10;

  private record Held(Letters queue, QueueMessage message) {}

  private final Clock clock;
  private final Pause pause;
  private final Workers workers;
  private final Stop stop;
  private final Map<String, Held> held = new ConcurrentHashMap<>();
  private Instant nextBeat;

  Hand(Clock clock, Pause pause, Workers workers, Stop stop) {
    this.clock = clock;
    this.pause = pause;
    this.workers = workers;
    this.stop = stop;
    this.nextBeat = clock.instant().plus(BEAT);
  }

  /**
   * Takes letters that aren't in hand yet.
   *
   * @param max 1 to {@link Letters#MAX_BATCH}
   * @return none when the queue has none to give
   */
  List<Received> receive(Letters queue, int max) {
    for (int i = 0; i < TRIES_FOR_NEW_ONES; i++) {
      List<QueueMessage> messages = queue.receive(max, HIDDEN, WAIT);
      List<Received> received = new ArrayList<>(messages.size());
      for (QueueMessage message : messages) {
        if (held.put(message.id(), new Held(queue, message.withoutBody())) == null) {
          received.add(Received.of(queue, message));
        }
      }
      if (messages.isEmpty() || !received.isEmpty()) {
        return received;
      }
    }
    return List.of();
  }

  /**
   * A letter as it was handed out last. With an older handle SQS says that it deleted the letter,
   * and the letter may still be there.
   */
  QueueMessage newest(QueueMessage message) {
    Held letter = held.get(message.id());
    return letter == null ? message : letter.message();
  }

  /** Hears that a letter was deleted. */
  void forget(QueueMessage deleted) {
    held.remove(deleted.id());
  }

  boolean isFull() {
    return held.size() >= MAX_LETTERS;
  }

  /**
   * Hides what is in hand anew, if it is time. Where that fails, letters may come back early, and
   * another replayer may do to them what this one does, which has the effect of once: nothing to
   * end for, and the next call says what is wrong with the queue.
   */
  void keepAlive() {
    if (isTime()) {
      try {
        hideAll(HIDDEN);
      } catch (CannotGoOnException unreachable) {
        // as above
      }
    }
  }

  private synchronized boolean isTime() {
    Instant now = clock.instant();
    if (now.isBefore(nextBeat)) {
      return false;
    }
    nextBeat = now.plus(BEAT);
    return true;
  }

  /**
   * Waits, with the letters kept in hand.
   *
   * @return whether the whole time has passed; false if a stop was requested meanwhile
   */
  boolean pause(Duration time) {
    Duration left = time;
    while (left.isPositive()) {
      if (stop.isRequested()) {
        return false;
      }
      Duration slice = left.compareTo(SLICE) < 0 ? left : SLICE;
      try {
        pause.pause(slice);
      } catch (InterruptedException ending) {
        Thread.currentThread().interrupt();
        stop.request();
        return false;
      }
      left = left.minus(slice);
      keepAlive();
    }
    return true;
  }

  /** Gives everything back. What this fails for comes back by itself after {@link #HIDDEN}. */
  void giveBack() {
    hideAll(Duration.ZERO);
    held.clear();
  }

  private void hideAll(Duration time) {
    List<List<Held>> batches = new ArrayList<>();
    Map<Letters, List<Held>> filling = new HashMap<>();
    for (Held letter : held.values()) {
      List<Held> batch = filling.computeIfAbsent(letter.queue(), _ -> new ArrayList<>());
      batch.add(letter);
      if (batch.size() == Letters.MAX_BATCH) {
        batches.add(filling.remove(letter.queue()));
      }
    }
    batches.addAll(filling.values());
    workers.spread(
        batches,
        batch -> batch.getFirst().queue().hide(batch.stream().map(Held::message).toList(), time));
  }
}
