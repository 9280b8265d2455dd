package dev.confab.load.verify;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.confab.load.verify.Plan.KillPoint;
import dev.confab.load.verify.Proxy.Call;
import dev.confab.load.verify.Proxy.Reaction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A consumer in a process of its own, as in a container, started again whenever it dies. It reaches
 * the table, its queue and the connections through proxies, which see to faults and to the points
 * at which it is killed: the product has no part in either. Thread-safe.
 */
final class Worker implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long STOP_SECONDS = 40;

  private final String main;
  private final Map<String, String> environment;
  private final Path log;
  private final Proxy table;
  private final Proxy queue;
  private final Proxy connections;
  private final Faults faults;
  private final AtomicInteger writesUntilKill = new AtomicInteger(-1);
  private final AtomicReference<@Nullable KillPoint> armed = new AtomicReference<>();
  private Process process;
  private int kills;

  /** What is wrong with the services now, for all workers. */
  static final class Faults {
    private final Random random;
    volatile boolean isTableThrottled;
    volatile boolean areQueuesDown;
    volatile boolean areConnectionsBad;

    Faults(long seed) {
      random = new Random(seed);
    }

    private synchronized int chance(int of) {
      return random.nextInt(of);
    }
  }

  /**
   * Starts one.
   *
   * @param main its class
   * @param environment as the template has it
   * @param log what it says
   */
  Worker(String main, Map<String, String> environment, Path log, Faults faults) throws IOException {
    this.main = main;
    this.environment = new HashMap<>(environment);
    this.log = log;
    this.faults = faults;
    table = new Proxy(uri("AWS_ENDPOINT_URL_DYNAMODB"), this::onTable);
    queue = new Proxy(uri("AWS_ENDPOINT_URL_SQS"), this::onQueue);
    this.environment.put("AWS_ENDPOINT_URL_DYNAMODB", table.uri().toString());
    this.environment.put("AWS_ENDPOINT_URL_SQS", queue.uri().toString());
    String pushes = environment.get("CONNECTIONS_ENDPOINT");
    URI gateway = URI.create(pushes == null ? "http://localhost/" : pushes);
    connections = new Proxy(gateway.resolve("/"), this::onConnections);
    this.environment.put("CONNECTIONS_ENDPOINT", connections.uri() + gateway.getPath());
    process = start();
  }

  private URI uri(String variable) {
    String value = environment.get(variable);
    if (value == null) {
      throw new IllegalStateException(variable + " is missing");
    }
    return URI.create(value);
  }

  private Process start() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            main);
    builder.environment().putAll(environment);
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  /**
   * SIGKILL, now or at the next such point; it is started again at once. One that waits for another
   * point dies first where it is.
   */
  void kill(KillPoint at) {
    killIfDoomed();
    if (at == KillPoint.ANYWHERE) {
      kill();
    } else {
      writesUntilKill.set(at == KillPoint.MID_BATCH ? 1 : 0);
      armed.set(at);
    }
  }

  /** A kill that waits for its point happens now. */
  void killIfDoomed() {
    if (armed.getAndSet(null) != null) {
      kill();
    }
  }

  /** Of all the requests that meet the point at once, one kills. */
  private void killAt(KillPoint point) {
    if (armed.compareAndSet(point, null)) {
      kill();
    }
  }

  private synchronized void kill() {
    kills++;
    process.destroyForcibly();
    try {
      process.waitFor();
      process = start();
    } catch (IOException notStarted) {
      throw new UncheckedIOException(notStarted);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  /** How often it was killed. */
  synchronized int kills() {
    return kills;
  }

  /** Stops it in its tracks (SIGSTOP), or has it go on (SIGCONT). */
  synchronized void pause(boolean stops) {
    try {
      new ProcessBuilder("kill", stops ? "-STOP" : "-CONT", String.valueOf(process.pid()))
          .start()
          .waitFor();
    } catch (IOException noKill) {
      throw new UncheckedIOException(noKill);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private Reaction onTable(Call call) {
    boolean isCheckpoint =
        call.operation().equals("UpdateItem") && call.body().contains("\"checkpoint\"");
    if (isCheckpoint && armed.get() == KillPoint.AFTER_CHECKPOINT) {
      return new Reaction.PassUnanswered(() -> killAt(KillPoint.AFTER_CHECKPOINT));
    }
    if (!call.operation().equals("BatchWriteItem")) {
      return Reaction.pass(call);
    }
    Reaction death = deathAtWrite();
    if (death != null) {
      return death;
    }
    if (faults.isTableThrottled) {
      return switch (faults.chance(4)) {
        case 0 -> partly(call);
        case 1 -> Reaction.pass(call);
        default ->
            new Reaction.Answer(
                400,
                "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException\","
                    + "\"message\":\"slow down\"}");
      };
    }
    return Reaction.pass(call);
  }

  private @Nullable Reaction deathAtWrite() {
    KillPoint point = armed.get();
    return switch (point) {
      case BEFORE_WRITE, MID_BATCH ->
          writesUntilKill.getAndDecrement() > 0 ? null : new Reaction.Drop(() -> killAt(point));
      case AFTER_WRITE -> new Reaction.PassUnanswered(() -> killAt(point));
      case ANYWHERE, AFTER_CHECKPOINT -> null;
      case null -> null;
    };
  }

  /** The table takes the first half of a batch and gives the rest back. */
  private static Reaction partly(Call call) {
    try {
      ObjectNode request = (ObjectNode) JSON.readTree(call.body());
      ObjectNode items = (ObjectNode) request.path("RequestItems");
      String name = items.fieldNames().next();
      ArrayNode all = (ArrayNode) items.path(name);
      ArrayNode rest = JSON.createArrayNode();
      int taken = (all.size() + 1) / 2;
      while (all.size() > taken) {
        rest.add(all.remove(taken));
      }
      UnaryOperator<String> giveBack =
          answer -> {
            if (rest.isEmpty()) {
              return answer;
            }
            ObjectNode unprocessed = JSON.createObjectNode();
            unprocessed.putObject("UnprocessedItems").set(name, rest);
            return unprocessed.toString();
          };
      return new Reaction.Pass(request.toString(), giveBack);
    } catch (IOException notJson) {
      throw new UncheckedIOException(notJson);
    }
  }

  private Reaction onQueue(Call call) {
    return faults.areQueuesDown
        ? new Reaction.Answer(500, "{\"__type\":\"InternalFailure\",\"message\":\"down\"}")
        : Reaction.pass(call);
  }

  private Reaction onConnections(Call call) {
    if (!call.operation().equals("POST")) {
      return Reaction.pass(call);
    }
    Reaction death = deathAtWrite();
    if (death != null) {
      return death;
    }
    if (faults.areConnectionsBad) {
      return switch (faults.chance(6)) {
        case 0 -> new Reaction.Answer(429, "{\"message\":\"Rate exceeded\"}");
        case 1 -> new Reaction.Answer(500, "{\"message\":\"Internal server error\"}");
        case 2 -> new Reaction.Drop(() -> {});
        case 3 -> new Reaction.PassUnanswered(() -> {});
        case 4 -> new Reaction.Silence();
        default -> Reaction.pass(call);
      };
    }
    return Reaction.pass(call);
  }

  /** Has it stop by itself, as a container is stopped. */
  @Override
  public synchronized void close() {
    armed.set(null);
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException stopping) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    List.of(table, queue, connections).forEach(Proxy::close);
  }
}
