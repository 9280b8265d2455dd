package dev.confab.load.simulation;

import dev.confab.consumer.DeadLetters;
import dev.confab.events.DeadLetter;
import dev.confab.load.check.History;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** One stage's dead-letter queue. It keeps what was replayed too, marked so. */
final class Queue {
  /** A letter, there or gone. */
  static final class Lying {
    final DeadLetter letter;
    final Instant sentAt;
    boolean isThere = true;

    private Lying(DeadLetter letter, Instant sentAt) {
      this.letter = letter;
      this.sentAt = sentAt;
    }
  }

  private final String stage;
  private final World world;
  private final List<Lying> letters = new ArrayList<>();

  Queue(String stage, World world) {
    this.stage = stage;
    this.world = world;
  }

  /** The letters that lie there now. */
  List<Lying> lying() {
    return letters.stream().filter(letter -> letter.isThere).toList();
  }

  List<History.Letter> history() {
    return letters.stream()
        .map(lying -> new History.Letter(stage, lying.letter, lying.isThere))
        .toList();
  }

  /** The queue as one process reaches it. */
  DeadLetters of(Life life) {
    return sending -> {
      life.step();
      Faults faults = world.faults;
      if (faults.isDown(Faults.Service.QUEUE, world.fibers.instant())) {
        return new DeadLetters.Refused(sending, "the queue is down");
      }
      List<DeadLetter> refused = new ArrayList<>();
      for (DeadLetter letter : sending) {
        if (world.chance.of(faults.likelihood(faults.notDone))) {
          refused.add(letter);
          continue;
        }
        letters.add(new Lying(letter, world.fibers.instant()));
        world.trace.add("%s letter %s".formatted(life.name(), letter));
        if (world.chance.of(faults.likelihood(faults.unanswered))) {
          refused.add(letter);
        }
      }
      life.step();
      return refused.isEmpty()
          ? new DeadLetters.Taken()
          : new DeadLetters.Refused(refused, "not taken, or not answered");
    };
  }
}
