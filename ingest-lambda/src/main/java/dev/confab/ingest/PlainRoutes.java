package dev.confab.ingest;

import com.amazonaws.services.lambda.runtime.LambdaLogger;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientFrames;
import dev.confab.events.ConnectionId;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.metrics.Metrics;
import dev.confab.table.ChatTable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One environment's routes without Lambda and API Gateway, so that a simulation can run the real
 * thing. Measures nothing. Thread-safe if its ports are.
 */
public final class PlainRoutes {
  /**
   * What the routes reach the world by.
   *
   * @param pause lets time pass between two tries
   * @param executor for reads side by side; one that runs them on the calling thread makes the
   *     whole frame run on one
   */
  public record Ports(
      ChatTable table,
      Stream stream,
      Clock clock,
      RandomGenerator random,
      Consumer<Duration> pause,
      Executor executor) {}

  /**
   * The limits of a user: see {@link TokenBuckets}.
   *
   * @param perSecond frames in the long run, 1 or more
   * @param burst frames at once, 1 or more
   */
  public record Rate(int perSecond, int burst) {}

  /**
   * Who a connection speaks for.
   *
   * @param connectedAt in whole milliseconds
   * @param tokenExpiresAt in whole seconds
   */
  public record Connected(
      UserId userId, ConnectionId connectionId, Instant connectedAt, Instant tokenExpiresAt) {}

  private final Routes routes;
  private final Clock clock;

  public PlainRoutes(Ports ports, Rate rate) {
    this.clock = ports.clock();
    this.routes =
        Ingest.routes(
            ports.table(),
            ports.stream(),
            new Retries(ports.clock(), ports.random(), ports.pause()::accept),
            new TokenBuckets(rate.perSecond(), rate.burst(), ports.clock()),
            ports.executor(),
            ports.clock(),
            new Ingest.Told(Metrics.none(), Metrics.none()));
  }

  /**
   * Answers a frame.
   *
   * @param time how long the answer may take
   * @return null where there is nothing to say yet. Nothing is thrown but an error of the machine
   */
  public @Nullable ServerFrame answer(ClientFrame frame, Connected from, Duration time) {
    return routes.answer(
        ClientFrames.encode(frame),
        new Principal(from.userId(), null, from.tokenExpiresAt()),
        from,
        clock.instant().plus(time),
        new Log(new NobodysContext(new NoLog()), clock));
  }

  /** Logs nowhere. */
  private static final class NoLog implements LambdaLogger {
    @Override
    public void log(String line) {}

    @Override
    public void log(byte[] line) {}
  }
}
