package dev.confab.load.verify;

import dev.confab.load.simulation.QuietLog;
import dev.confab.load.simulation.Seeds;
import dev.confab.local.Version;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command that breaks the system in every way it knows and has the checker look. */
@Command(
    name = "confab verify",
    description = {
      "Runs the whole system while it breaks, and checks that it keeps what the README promises:",
      "many seeds in a simulation, then real consumers that are killed, stopped and cut off."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    showDefaultValues = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {"0:everything was kept", "1:something was not; the report says what"})
public final class Verify implements Callable<Integer> {
  private static final int PER_SECOND = 250;
  private static final int KILLS = 5;
  private static final int SEEDS_A_LINE = 200;
  private static final Duration FAULT = Duration.ofSeconds(10);

  @Option(names = "--soak", description = "The long run: 300,000 messages in ten rounds.")
  private boolean soak;

  @Option(names = "--seed", description = "Of all faults.", defaultValue = "1")
  private long seed;

  @Option(
      names = "--seeds",
      description = "Of the simulation, counted from --seed; 0 leaves it out.",
      defaultValue = "2000")
  private int seeds;

  @Option(
      names = "--messages",
      description = "Of the real run; 0 leaves it out.",
      defaultValue = "20000")
  private int messages;

  @Option(
      names = "--state",
      description =
          "Where a soak notes the rounds that are over; it goes on after them. Default:"
              + " target/verify/soak.jsonl",
      showDefaultValue = CommandLine.Help.Visibility.NEVER)
  private @Nullable Path state;

  private final PrintStream out;

  Verify(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (QuietLog _ = new QuietLog()) { // faults by the thousand
      return verify();
    }
  }

  private int verify() throws IOException, InterruptedException {
    boolean isClean = seeds == 0 || simulate();
    if (soak) {
      isClean &= soak();
    } else if (messages > 0) {
      Figures figures = run(shortPlan());
      figures.print(out);
      isClean &= figures.report().isClean();
    }
    out.println(isClean ? "everything was kept" : "NOT everything was kept");
    return isClean ? 0 : 1;
  }

  private boolean simulate() throws InterruptedException {
    out.printf("simulating %,d seeds from %d%n", seeds, seed);
    Seeds.Summary summary =
        Seeds.run(
            seed,
            seed + seeds,
            Runtime.getRuntime().availableProcessors(),
            soFar -> {
              if (soFar.seeds() % SEEDS_A_LINE == 0) {
                tell("%,d of %,d seeds".formatted(soFar.seeds(), seeds));
              }
            });
    out.println("simulation");
    out.printf("  seeds           %,12d%n", summary.seeds());
    summary
        .incidents()
        .forEach(
            (incident, count) -> out.printf("  %-15s %,12d%n", Figures.words(incident), count));
    Figures.print(summary.counts(), out);
    out.printf("  failed seeds    %,12d%n", summary.failures().size());
    for (Seeds.Failure failure : summary.failures()) {
      tell("seed %d: %s".formatted(failure.seed(), failure.what()));
      tell("again: ./confab verify --seed %d --seeds 1 --messages 0".formatted(failure.seed()));
    }
    return summary.isClean();
  }

  private Plan shortPlan() {
    return new Plan(seed, messages, PER_SECOND, KILLS, 1, 2, FAULT, FAULT);
  }

  private boolean soak() throws IOException, InterruptedException {
    List<Plan> plans = Soak.plans(seed);
    Soak rounds = new Soak(state == null ? folder().resolve("soak.jsonl") : state);
    Map<Long, Figures> done = rounds.done(plans);
    Figures all = Figures.NONE;
    for (Plan plan : plans) {
      Figures figures = done.get(plan.seed());
      if (figures == null) {
        out.printf("round %d of %d%n", plans.indexOf(plan) + 1, plans.size());
        figures = run(plan);
        rounds.add(plan, figures);
      } else {
        out.printf("round %d of %d was run before%n", plans.indexOf(plan) + 1, plans.size());
      }
      if (!figures.report().isClean()) {
        figures.print(out);
      }
      all = all.plus(figures);
    }
    all.print(out);
    return all.report().isClean();
  }

  private Figures run(Plan plan) throws IOException, InterruptedException {
    out.println(plan);
    return RealRun.run(plan, home().resolve("template.yaml"), folder(), this::tell);
  }

  private void tell(String line) {
    out.println("  " + line);
  }

  private static Path home() {
    return Path.of(System.getProperty("confab.home", "."));
  }

  private static Path folder() {
    return home().resolve("target").resolve("verify");
  }

  /** Runs it. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Verify(System.out)).execute(arguments));
  }
}
