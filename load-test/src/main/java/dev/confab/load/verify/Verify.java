package dev.confab.load.verify;

import dev.confab.load.check.Report;
import dev.confab.local.Version;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command that breaks the system in every way it knows and has the checker look. */
@Command(
    name = "confab verify",
    description = "Runs the whole system while it breaks, and checks what it promises.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    showDefaultValues = true)
public final class Verify implements Callable<Integer> {
  @Option(names = "--seed", description = "Of the faults.", defaultValue = "1")
  private long seed;

  @Option(names = "--messages", defaultValue = "20000")
  private int messages;

  @Option(names = "--rate", description = "Messages a second.", defaultValue = "200")
  private int rate;

  @Option(names = "--kills", defaultValue = "5")
  private int kills;

  @Option(names = "--zombies", defaultValue = "1")
  private int zombies;

  @Option(names = "--reshards", defaultValue = "2")
  private int reshards;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Plan plan =
        new Plan(
            seed,
            messages,
            rate,
            kills,
            zombies,
            reshards,
            Duration.ofSeconds(10),
            Duration.ofSeconds(10));
    Path home = Path.of(System.getProperty("confab.home", "."));
    RealRun.Result result =
        RealRun.run(
            plan,
            home.resolve("template.yaml"),
            home.resolve("target").resolve("verify"),
            System.out::println);
    System.out.println(result);
    Report report = result.report();
    System.out.println(report.counts());
    System.out.println(report.found());
    report
        .examples()
        .forEach(
            (finding, examples) ->
                examples.forEach(one -> System.out.println(finding + " " + one)));
    return report.isClean() ? 0 : 1;
  }

  /** Ends with 0 if nothing was found. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Verify()).execute(arguments));
  }
}
