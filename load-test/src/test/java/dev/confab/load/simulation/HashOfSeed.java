package dev.confab.load.simulation;

/** Prints a run's hash: for a JVM of its own. */
final class HashOfSeed {
  private HashOfSeed() {}

  public static void main(String[] seed) {
    System.out.println(Simulation.run(Long.parseLong(seed[0])).hash());
  }
}
