package dev.confab.load.simulation;

import dev.confab.load.check.Report;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Runs many seeds, some at a time. */
public final class Seeds {
  private Seeds() {}

  /**
   * A seed that found something.
   *
   * @param what all of it, in one line
   */
  public record Failure(long seed, String what) {}

  /**
   * What the seeds so far came to.
   *
   * @param seeds how many have run
   * @param failures in the order of the seeds
   */
  public record Summary(
      long seeds, Report.Counts counts, Map<Incident, Long> incidents, List<Failure> failures) {

    /** Whether nothing was found. */
    public boolean isClean() {
      return failures.isEmpty();
    }
  }

  /**
   * Runs seeds.
   *
   * @param from the first
   * @param to the first that isn't run any more
   * @param atOnce how many at a time; each takes one core
   * @param progress hears of each seed that is done, never two at once
   */
  public static Summary run(long from, long to, int atOnce, Consumer<Summary> progress)
      throws InterruptedException {
    return run(from, to, atOnce, Parts::real, progress);
  }

  /**
   * As {@link #run(long, long, int, Consumer)}, of other parts.
   *
   * @param parts new ones for each run
   */
  static Summary run(
      long from, long to, int atOnce, Supplier<Parts> parts, Consumer<Summary> progress)
      throws InterruptedException {
    Gathered gathered = new Gathered(progress);
    AtomicLong next = new AtomicLong(from);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < atOnce; i++) {
      threads.add(
          Thread.ofPlatform()
              .name("simulation-" + i)
              .start(
                  () -> {
                    for (long seed = next.getAndIncrement();
                        seed < to;
                        seed = next.getAndIncrement()) {
                      run(seed, parts.get(), gathered);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return gathered.summary();
  }

  private static void run(long seed, Parts parts, Gathered gathered) {
    try {
      gathered.add(Simulation.run(seed, parts, _ -> {}));
    } catch (RuntimeException fault) {
      gathered.add(new Failure(seed, "a fault of the simulation: " + root(fault)));
    }
  }

  private static Throwable root(Throwable fault) {
    Throwable root = fault;
    for (Throwable cause = root.getCause(); cause != null; cause = root.getCause()) {
      root = cause;
    }
    return root;
  }

  private static final class Gathered {
    private final Consumer<Summary> progress;
    private final Map<Incident, Long> incidents = new EnumMap<>(Incident.class);
    private final List<Failure> failures = new ArrayList<>();
    private Report.Counts counts = Report.Counts.NONE;
    private long seeds;

    Gathered(Consumer<Summary> progress) {
      this.progress = progress;
    }

    synchronized void add(Simulation.Result result) {
      counts = counts.plus(result.report().counts());
      result.incidents().forEach((incident, count) -> incidents.merge(incident, count, Long::sum));
      if (!result.isClean()) {
        failures.add(new Failure(result.seed(), result.findings()));
      }
      done();
    }

    synchronized void add(Failure failure) {
      failures.add(failure);
      done();
    }

    private void done() {
      seeds++;
      progress.accept(summary());
    }

    private static Map<Incident, Long> copy(Map<Incident, Long> incidents) {
      Map<Incident, Long> copy = new EnumMap<>(Incident.class);
      copy.putAll(incidents);
      return copy;
    }

    synchronized Summary summary() {
      List<Failure> sorted = new ArrayList<>(failures);
      sorted.sort(Comparator.comparingLong(Failure::seed));
      return new Summary(seeds, counts, copy(incidents), sorted);
    }
  }
}
