package dev.confab.replay;

import dev.confab.events.ChatId;
import java.io.BufferedReader;
import java.io.Console;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * The operator's command line over both dead-letter queues: {@code status}, {@code peek}, {@code
 * run}, {@code discard}, {@code export} and {@code import}. {@code --help} and docs/operations.md
 * say what each does and what the exit codes mean.
 */
@Command(
    name = "replay",
    description = {
      "Looks after the letters in the dead-letter queues: what persist could not store, and what the"
          + " fan-out could not push.",
      "",
      "Begin with status and peek, which change nothing; run is a dry run until it is told"
          + " --execute."
    })
public final class Replay implements Runnable {
  /** As long as Ctrl-C waits for the batch in hand. */
  private static final Duration TO_FINISH = Duration.ofSeconds(40);

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  private Replay() {}

  /** Runs a command line against AWS, or the endpoints that the environment names, and exits. */
  public static void main(String[] args) {
    Stop stop = new Stop();
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> finish(stop, ended)));
    int code;
    try {
      code = run(args, System.getenv(), stop);
    } finally {
      ended.countDown();
    }
    System.exit(code);
  }

  /** Runs when the process is told to end; also when it ends by itself. */
  private static void finish(Stop stop, CountDownLatch ended) {
    stop.requestByOperator();
    try {
      if (!ended.await(TO_FINISH.toSeconds(), TimeUnit.SECONDS)) {
        System.err.println(
            "the batch in hand did not finish in time; its letters come back by themselves within "
                + Times.text(Hand.HIDDEN));
      }
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
    }
  }

  private static int run(String[] args, Map<String, String> environment, Stop stop) {
    return run(
        args,
        environment,
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)),
        Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent(),
        new PrintWriter(System.out, false, StandardCharsets.UTF_8),
        new PrintWriter(System.err, false, StandardCharsets.UTF_8),
        stop);
  }

  /**
   * Runs a command line in this process, as on no terminal and with nothing to read.
   *
   * @param environment where AWS is: {@code AWS_REGION}, and {@code AWS_ENDPOINT_URL_…} where it
   *     isn't AWS itself
   * @return the exit code
   */
  public static int run(
      String[] args, Map<String, String> environment, PrintWriter out, PrintWriter err) {
    BufferedReader nothing = new BufferedReader(Reader.nullReader());
    return run(args, environment, nothing, false, out, err, new Stop());
  }

  private static int run(
      String[] args,
      Map<String, String> environment,
      BufferedReader in,
      boolean isTerminal,
      PrintWriter out,
      PrintWriter err,
      Stop stop) {
    try (ExecutorService executor =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("replay-", 0).factory())) {
      Pause pause = Thread::sleep;
      return execute(
          args,
          new World(
              out,
              err,
              in,
              isTerminal,
              System.getProperty("user.name") + "@" + host(),
              Clock.systemUTC(),
              pause,
              RandomGenerator.getDefault(),
              UUID::randomUUID,
              executor,
              stop,
              target -> new AwsServices(target, environment, pause)));
    } finally {
      out.flush();
      err.flush();
    }
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException nameless) {
      return "unknown-host";
    }
  }

  /** Runs a command line and returns its exit code. */
  static int execute(String[] args, World world) {
    CommandLine line =
        new CommandLine(new Replay())
            .addSubcommand(new StatusCommand(world))
            .addSubcommand(new PeekCommand(world))
            .addSubcommand(new RunCommand(world))
            .addSubcommand(new DiscardCommand(world))
            .addSubcommand(new ExportCommand(world))
            .addSubcommand(new ImportCommand(world));
    line.getSubcommands().values().forEach(Replay::document);
    document(line);
    line.registerConverter(ChatId.class, text -> converted(ChatId::new, text));
    line.registerConverter(
        Instant.class, text -> converted(time -> Times.parse(time, world.clock()), text));
    return line.setOut(world.out())
        .setErr(world.err())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler((fault, _, _) -> failed(fault, world))
        .execute(args);
  }

  private static void document(CommandLine line) {
    line.getCommandSpec()
        .mixinStandardHelpOptions(true)
        .version("confab replay " + version())
        .usageMessage()
        .exitCodeListHeading("%nExit codes:%n")
        .exitCodeList(Exit.meanings());
  }

  private static String version() {
    String version = Replay.class.getPackage().getImplementationVersion();
    return version == null ? "(unpackaged)" : version;
  }

  private static <T> T converted(Function<String, T> form, String text) {
    try {
      return form.apply(text);
    } catch (IllegalArgumentException otherForm) {
      throw new TypeConversionException(String.valueOf(otherForm.getMessage()));
    }
  }

  private static int failed(Exception fault, World world) {
    if (fault instanceof CannotGoOnException known) {
      world.err().println("replay: " + known.line());
      world.err().flush();
      return Exit.CANNOT_GO_ON;
    }
    world.err().println("replay: a bug; please report this:");
    fault.printStackTrace(world.err());
    world.err().flush();
    return Exit.FAULT;
  }

  /** Without a subcommand. */
  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "name a command: status, peek, run, discard, export or import");
  }
}
