package dev.confab.load;

import dev.confab.local.Version;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command that puts a load on a running local stack, and says what became of it. */
@Command(
    name = "confab load",
    description =
        "Chats over real WebSockets on a running local stack; reports what arrived and when.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    showDefaultValues = true)
public final class LoadTest implements Callable<Integer> {
  @Option(
      names = "--url",
      description = "The stack's page.",
      defaultValue = "http://localhost:8080/")
  private URI url = URI.create("http://localhost:8080/");

  @Option(names = "--chats", defaultValue = "10")
  private int chats;

  @Option(names = "--clients", description = "Connections a chat.", defaultValue = "10")
  private int clients;

  @Option(
      names = "--rate",
      description = "Messages a second, over all chats.",
      defaultValue = "100")
  private double rate;

  @Option(names = "--seconds", defaultValue = "30")
  private int seconds;

  @Option(
      names = "--warm-up",
      description = "Seconds of the same before it, not measured.",
      defaultValue = "10")
  private int warmUp;

  @Option(names = "--bytes", description = "Of a message's text.", defaultValue = "100")
  private int bytes;

  @Option(names = "--threads", description = "That all connections share.", defaultValue = "1")
  private int threads;

  @Override
  public Integer call() throws InterruptedException {
    try {
      return run();
    } catch (IOException | IllegalStateException notThere) {
      System.err.printf("%s: is a local stack running there? ./confab local%n", url);
      System.err.println(notThere);
      return 2;
    }
  }

  private int run() throws IOException, InterruptedException {
    Load load =
        new Load(
            chats, clients, rate, Duration.ofSeconds(warmUp), Duration.ofSeconds(seconds), bytes);
    try (LoadRun run = new LoadRun(load, url, threads)) {
      LoadReport report = run.run();
      report.print(System.out);
      return report.isFlawless() ? 0 : 1;
    }
  }

  /**
   * Ends with 0 if every message came to everyone, once, in one order; 1 if not; 2 for no stack.
   */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new LoadTest()).execute(arguments));
  }
}
