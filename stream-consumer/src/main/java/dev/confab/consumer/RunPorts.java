package dev.confab.consumer;

import dev.confab.metrics.Metrics;
import java.time.Clock;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * What a {@link ShardRun} reaches the world by, so that a simulation can run the real thing.
 *
 * @param deadLetters takes the records that can't succeed
 * @param retries how long to wait before trying again
 * @param pause how to wait
 * @param clock for the times in letters and the checkpoint interval
 * @param checkpointInterval the least time between two checkpoints while records flow
 * @param metrics hears how the stage does
 * @param halt ends the process at once; called when memory has run out
 */
public record RunPorts(
    DeadLetters deadLetters,
    Retries retries,
    Pause pause,
    Clock clock,
    Duration checkpointInterval,
    Metrics metrics,
    Runnable halt) {

  /**
   * A crash repeats what was done since the last checkpoint, which the fan-out's clients get twice:
   * one second of it. A checkpoint is one write to the lease table, made between batches: more
   * often, it costs latency (each batch at 100 messages/s brought the fan-out's median to 1.5 s).
   */
  public static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(1);

  /**
   * The first retry after 50 ms on average, for what a moment heals; never less often than every 10
   * s, for what is seen as soon as it's back.
   */
  private static final Duration FIRST_RETRY = Duration.ofMillis(100);

  private static final Duration LONGEST_RETRY = Duration.ofSeconds(10);

  /** A status of its own, so that an operator sees why: 137 would read as a kill from outside. */
  private static final int OUT_OF_MEMORY = 3;

  /** Those of a real worker. */
  public static RunPorts real(DeadLetters deadLetters, RandomGenerator random, Metrics metrics) {
    return new RunPorts(
        deadLetters,
        new Retries(FIRST_RETRY, LONGEST_RETRY, random),
        Pause.sleeping(),
        Clock.systemUTC(),
        CHECKPOINT_INTERVAL,
        metrics,
        () -> Runtime.getRuntime().halt(OUT_OF_MEMORY));
  }
}
