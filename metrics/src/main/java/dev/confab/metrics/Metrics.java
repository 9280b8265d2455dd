package dev.confab.metrics;

/** Where one stage says how it does. Thread-safe. */
@FunctionalInterface
public interface Metrics {

  /**
   * Writes what was measured since it was last written, and nothing where nothing was. A value that
   * can't be written is lost: nothing is thrown, for no message must wait for a number about it.
   */
  void write(Measurements measured);

  /** Says nothing: for a simulation, and for who wants quiet. */
  static Metrics none() {
    return measured -> {
      var _ = measured.drain();
    };
  }
}
