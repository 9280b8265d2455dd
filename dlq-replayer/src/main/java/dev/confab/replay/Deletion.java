package dev.confab.replay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Deletes letters whose work is done, trying again with those that SQS did not delete. */
final class Deletion {
  private static final int TRIES = 3;
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(500);

  /** A letter that is still there. */
  record Kept(Received received, String reason) {}

  private Deletion() {}

  /**
   * Deletes letters of one queue. Those that could not be deleted stay in hand.
   *
   * @return the letters that are still there
   */
  static List<Kept> of(List<Received> letters, Hand hand) {
    List<Kept> kept = new ArrayList<>();
    for (int from = 0; from < letters.size(); from += Letters.MAX_BATCH) {
      int to = Math.min(from + Letters.MAX_BATCH, letters.size());
      kept.addAll(batch(letters.subList(from, to), hand));
      hand.keepAlive();
    }
    return kept;
  }

  private static List<Kept> batch(List<Received> letters, Hand hand) {
    Letters queue = letters.getFirst().queue();
    Map<String, Received> left = new LinkedHashMap<>();
    letters.forEach(letter -> left.put(letter.message().id(), letter));
    List<Letters.Undeleted> undeleted = List.of();
    for (int i = 0; i < TRIES && !left.isEmpty(); i++) {
      if (i > 0) {
        hand.pause(BETWEEN_TRIES);
      }
      List<QueueMessage> newest =
          left.values().stream().map(letter -> hand.newest(letter.message())).toList();
      try {
        undeleted = queue.delete(newest);
      } catch (CannotGoOnException unreachable) {
        undeleted =
            newest.stream()
                .map(message -> new Letters.Undeleted(message, unreachable.line()))
                .toList();
      }
      left.keySet().retainAll(undeleted.stream().map(u -> u.message().id()).toList());
    }
    letters.stream()
        .map(Received::message)
        .filter(message -> !left.containsKey(message.id()))
        .forEach(hand::forget);
    return undeleted.stream()
        .map(u -> new Kept(Objects.requireNonNull(left.get(u.message().id())), u.reason()))
        .toList();
  }
}
