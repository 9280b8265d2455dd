package dev.confab.load.simulation;

import dev.confab.load.check.Checker;
import dev.confab.load.check.History;
import dev.confab.load.check.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Runs one seed: the same seed gives the same run, event by event, in any JVM. The calling thread
 * may be any; several runs may be under way in different threads.
 */
public final class Simulation {
  private Simulation() {}

  /**
   * What a seed came to.
   *
   * @param broken what happened that never may, whatever came of it
   * @param incidents what befell it, and how often
   * @param hash of everything that happened, in order
   */
  public record Result(
      long seed,
      History history,
      Report report,
      List<String> broken,
      Map<Incident, Long> incidents,
      String hash) {

    /** What was found, in one line; empty if nothing was. */
    public String findings() {
      List<String> all = new ArrayList<>();
      report
          .found()
          .forEach(
              (finding, count) ->
                  all.add("%s x%d (%s)".formatted(finding, count, report.example(finding))));
      if (!broken.isEmpty()) {
        all.add("BROKEN x%d (%s)".formatted(broken.size(), broken.getFirst()));
      }
      return String.join("; ", all);
    }

    /** Whether nothing was found. */
    public boolean isClean() {
      return report.isClean() && broken.isEmpty();
    }
  }

  /** Runs a seed with the real parts. */
  public static Result run(long seed) {
    return run(seed, Parts.real(), _ -> {});
  }

  /**
   * Runs a seed.
   *
   * @param parts for this run alone
   * @param lines gets what happens, a line each, for people
   */
  public static Result run(long seed, Parts parts, Consumer<String> lines) {
    World world = new World(seed, parts, lines);
    History history = world.fibers.loop(() -> new Scenario(world).run());
    return new Result(
        seed,
        history,
        Checker.check(history),
        world.broken(),
        world.incidents(),
        world.trace.hash());
  }
}
