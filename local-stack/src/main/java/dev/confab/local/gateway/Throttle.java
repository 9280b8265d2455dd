package dev.confab.local.gateway;

/**
 * A token bucket's size, as a stage's route settings give it.
 *
 * @param ratePerSecond how many requests a second it refills
 * @param burst how many it holds, and has at the start
 */
public record Throttle(double ratePerSecond, int burst) {
  public Throttle {
    if (!(ratePerSecond > 0) || burst < 1) {
      throw new IllegalArgumentException(
          "a throttle needs a rate above 0 and a burst of at least 1, not "
              + ratePerSecond
              + " and "
              + burst);
    }
  }
}
