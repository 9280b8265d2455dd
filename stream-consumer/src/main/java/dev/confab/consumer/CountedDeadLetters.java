package dev.confab.consumer;

import dev.confab.events.DeadLetter;
import dev.confab.metrics.Measurements;
import dev.confab.metrics.Metric;
import dev.confab.metrics.Metrics;
import java.time.Clock;
import java.util.List;

/** A dead-letter queue, and a count of the letters that it took. */
public final class CountedDeadLetters implements DeadLetters {
  private final DeadLetters queue;
  private final Metrics metrics;
  private final Measurements measured = new Measurements(Clock.systemUTC());

  public CountedDeadLetters(DeadLetters queue, Metrics metrics) {
    this.queue = queue;
    this.metrics = metrics;
  }

  @Override
  public Receipt send(List<DeadLetter> letters) {
    Receipt receipt = queue.send(letters);
    int taken =
        switch (receipt) {
          case Taken() -> letters.size();
          case Refused(List<DeadLetter> refused, String _) -> letters.size() - refused.size();
        };
    if (taken > 0) {
      measured.add(Metric.DEAD_LETTERED, taken);
      metrics.write(measured);
    }
    return receipt;
  }
}
