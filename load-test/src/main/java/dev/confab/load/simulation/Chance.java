package dev.confab.load.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** All randomness of a run. */
final class Chance {
  /** Named, since Java's default may become another. */
  private static final String ALGORITHM = "L64X128MixRandom";

  private final RandomGenerator random;

  Chance(long seed) {
    random = RandomGeneratorFactory.<RandomGenerator>of(ALGORITHM).create(seed);
  }

  RandomGenerator random() {
    return random;
  }

  boolean of(double probability) {
    return probability > 0 && random.nextDouble() < probability;
  }

  /** From 0 up to, not including, a bound. */
  int below(int bound) {
    return random.nextInt(bound);
  }

  /** Both ends included. */
  int between(int low, int high) {
    return random.nextInt(low, high + 1);
  }

  Duration upTo(Duration longest) {
    return Duration.ofMillis(random.nextLong(longest.toMillis() + 1));
  }

  Duration between(Duration shortest, Duration longest) {
    return shortest.plus(upTo(longest.minus(shortest)));
  }

  <T> T anyOf(List<T> items) {
    return items.get(below(items.size()));
  }

  <T> List<T> shuffled(List<T> items) {
    List<T> shuffled = new ArrayList<>(items);
    for (int i = shuffled.size() - 1; i > 0; i--) {
      Collections.swap(shuffled, i, below(i + 1));
    }
    return shuffled;
  }
}
