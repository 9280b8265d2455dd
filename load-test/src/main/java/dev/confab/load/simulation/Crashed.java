package dev.confab.load.simulation;

/**
 * Thrown by everything that a dead process calls, so that its code comes to its end without a
 * further effect.
 */
final class Crashed extends Error {
  private static final long serialVersionUID = 1L;

  Crashed() {
    super("the process is dead", null, false, false);
  }
}
