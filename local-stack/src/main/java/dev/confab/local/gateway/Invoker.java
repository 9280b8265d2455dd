package dev.confab.local.gateway;

import com.amazonaws.services.lambda.runtime.Context;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls functions as Lambda does: with a context, cut off at a deadline, whatever they throw
 * contained. One virtual thread a call; no order between calls. Thread-safe.
 */
final class Invoker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Invoker.class);

  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("lambda-", 0).factory());
  private final String arnPrefix;
  private final RequestIds ids;
  private final Clock clock;
  private final Duration closeGrace;

  /**
   * @param closeGrace how long {@link #close} lets running calls go on
   */
  Invoker(GatewayConfig config, RequestIds ids, Clock clock, Duration closeGrace) {
    this.arnPrefix = "arn:aws:lambda:" + config.region() + ":" + config.accountId() + ":function:";
    this.ids = ids;
    this.clock = clock;
    this.closeGrace = closeGrace;
  }

  /**
   * Never completes exceptionally. It completes on the call's own thread or a timer's: stages that
   * follow must not block.
   *
   * @param atMost a bound besides the function's own time-out
   */
  CompletableFuture<Invocation> invoke(LambdaFunction function, byte[] event, Duration atMost) {
    Duration timeout = function.timeout().compareTo(atMost) <= 0 ? function.timeout() : atMost;
    Context context =
        new LambdaContext(
            function.name(),
            arnPrefix + function.name(),
            ids.requestId(),
            ids.traceHeader(clock.instant().getEpochSecond()),
            System.nanoTime() + timeout.toNanos());
    CompletableFuture<Invocation> result = new CompletableFuture<>();
    Future<?> call;
    try {
      call = threads.submit(() -> result.complete(call(function, event, context)));
    } catch (RejectedExecutionException closing) {
      return CompletableFuture.completedFuture(new Invocation.Failed("the gateway is closing"));
    }
    return result
        .completeOnTimeout(
            new Invocation.TimedOut(timeout), timeout.toMillis(), TimeUnit.MILLISECONDS)
        .thenApply(
            ended -> {
              if (ended instanceof Invocation.TimedOut(Duration after)) {
                LOG.warn("{} timed out after {} ms", function.name(), after.toMillis());
                call.cancel(true);
              }
              return ended;
            });
  }

  private static Invocation call(LambdaFunction function, byte[] event, Context context) {
    ByteArrayOutputStream answer = new ByteArrayOutputStream(256);
    try {
      function.handler().handleRequest(new ByteArrayInputStream(event), answer, context);
      return new Invocation.Returned(answer.toString(StandardCharsets.UTF_8));
    } catch (Throwable thrown) { // an Error too: in Lambda it ends one environment, not the gateway
      LOG.warn("{} failed", function.name(), thrown);
      return new Invocation.Failed(Objects.requireNonNullElse(thrown.getMessage(), ""));
    }
  }

  /** Runs what may block on a thread of its own, for the gateway's HTTP side. */
  void run(Runnable task) {
    threads.execute(task);
  }

  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(closeGrace.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("interrupting calls that still run {} ms after the stop", closeGrace.toMillis());
        threads.shutdownNow();
      }
    } catch (InterruptedException stopNow) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
