package dev.confab.local;

import dev.confab.events.InvalidJsonException;
import dev.confab.events.JsonObject;
import dev.confab.events.UserId;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The launcher's {@code local}, {@code token} and {@code env}. */
@Command(
    name = "confab",
    description = "Runs Confab on this machine.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {Main.Local.class, Main.Token.class, Main.Env.class})
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    CommandLine commands = new CommandLine(new Main());
    commands.setCaseInsensitiveEnumValuesAllowed(true);
    commands.setExecutionExceptionHandler(
        (failed, command, _) -> {
          if (failed instanceof StartException) {
            command.getErr().println("confab: " + failed.getMessage());
          } else {
            failed.printStackTrace(command.getErr());
          }
          return 1;
        });
    int exit = commands.execute(arguments);
    if (exit != 0) {
      System.exit(exit);
    }
  }

  /** {@code confab local}. */
  @Command(
      name = "local",
      description = "Runs the whole system in one process until Ctrl-C.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class,
      showDefaultValues = true)
  static final class Local implements Callable<Integer> {
    @Mixin PortOptions ports = new PortOptions();

    @Option(
        names = "--data",
        paramLabel = "DIR",
        description = "keep everything there across restarts; without it, nothing is kept")
    @Nullable Path data;

    @Option(names = "--shards", paramLabel = "N", description = "of the stream, when it is made")
    int shards = 2;

    @Option(
        names = "--retrieval",
        paramLabel = "MODE",
        description = "how consumers read the stream: ${COMPLETION-CANDIDATES}")
    LocalOptions.Retrieval retrieval = LocalOptions.Retrieval.FANOUT;

    @Option(
        names = "--failover",
        paramLabel = "TIME",
        description = "after which a silent consumer's leases are taken, such as PT10S")
    Duration failover = Duration.ofSeconds(10);

    @Option(
        names = "--no-shard-limits",
        description = "accept more than 1 MB/s and 1,000 records/s a shard, for load tests")
    boolean noShardLimits;

    @Option(
        names = "--metrics",
        paramLabel = "FILE",
        description =
            "append what the stages say about themselves there, in CloudWatch's embedded metric"
                + " format; without it, they say nothing")
    @Nullable Path metrics;

    @Override
    public Integer call() throws InterruptedException {
      Path home = Path.of(System.getProperty("confab.home", "."));
      LocalOptions options =
          new LocalOptions(
              home.resolve("template.yaml"),
              ports.port,
              ports.kinesis,
              ports.dynamoDb,
              ports.sqs,
              shards,
              retrieval,
              failover,
              data,
              !noShardLimits,
              metrics);
      LocalStack stack = LocalStack.start(options, step -> System.out.println("confab: " + step));
      CountDownLatch stopped = new CountDownLatch(1);
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    System.out.println("confab: stopping ...");
                    stack.close();
                    System.out.println("confab: stopped");
                    stopped.countDown();
                  },
                  "shutdown"));
      System.out.println(stack.addresses());
      System.out.println("ready");
      stopped.await();
      return 0;
    }
  }

  /** {@code confab token}. */
  @Command(
      name = "token",
      description = "Prints a token for a user of the running local stack, and nothing else.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class,
      showDefaultValues = true)
  static final class Token implements Callable<Integer> {
    @Option(names = "--user", paramLabel = "NAME", required = true, description = "the userId")
    String user = "";

    @Option(names = "--port", paramLabel = "N", description = "of the running local stack")
    int port = 8080;

    @Override
    public Integer call() throws IOException, InterruptedException {
      UserId userId;
      try {
        userId = new UserId(user);
      } catch (IllegalArgumentException invalid) {
        throw new StartException("--user: " + invalid.getMessage(), invalid);
      }
      URI address = URI.create("http://localhost:" + port + PageRoutes.TOKEN);
      HttpRequest request =
          HttpRequest.newBuilder(address)
              .timeout(Duration.ofSeconds(10))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"" + userId + "\"}"))
              .build();
      try (HttpClient http = HttpClient.newHttpClient()) {
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
          throw new StartException(
              "the server at port " + port + " gave no token: it is not a local stack of Confab");
        }
        System.out.println(tokenIn(response.body()));
        return 0;
      } catch (ConnectException notRunning) {
        throw new StartException(
            "nothing listens at port " + port + ": start it with ./confab local", notRunning);
      }
    }
  }

  private static String tokenIn(String reply) {
    try {
      return JsonObject.parse(reply).string("token");
    } catch (InvalidJsonException notOurs) {
      throw new StartException("the server gave no token: it is not a local stack", notOurs);
    }
  }

  /** {@code confab env}. */
  @Command(
      name = "env",
      description = {
        "Prints the exports with which the AWS CLI and other tools reach the local stack.",
        "Use: eval \"$(./confab env)\""
      },
      mixinStandardHelpOptions = true,
      versionProvider = Version.class,
      showDefaultValues = true)
  static final class Env implements Callable<Integer> {
    @Mixin PortOptions ports = new PortOptions();

    @Override
    public Integer call() {
      LocalEnvironment.of(
              ports.port, ServiceEndpoints.local(ports.kinesis, ports.dynamoDb, ports.sqs))
          .forEach((name, value) -> System.out.println("export " + name + "=" + value));
      return 0;
    }
  }

  /** Where a local stack listens. */
  static final class PortOptions {
    @Option(
        names = "--port",
        paramLabel = "N",
        description = "of the WebSocket gateway and the chat page")
    int port = 8080;

    @Option(names = "--kinesis-port", paramLabel = "N", description = "of the Kinesis API")
    int kinesis = 4567;

    @Option(names = "--dynamodb-port", paramLabel = "N", description = "of the DynamoDB API")
    int dynamoDb = 8000;

    @Option(names = "--sqs-port", paramLabel = "N", description = "of the SQS API")
    int sqs = 9324;
  }
}
