package dev.confab.metrics;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was measured and is not written yet: of one frame, or of the batch at hand of one shard.
 * Whoever writes it does so after each of those, so that it never grows beyond one. Thread-safe;
 * nothing is thrown.
 */
public final class Measurements {
  private final Clock clock;
  private final Map<Key, List<Long>> taken = new LinkedHashMap<>();

  private record Key(Metric metric, @Nullable String code) {}

  /**
   * What was measured of one metric, and of one code.
   *
   * @param code of an error, for {@link Metric#REJECTED}; null for every other metric
   * @param values in the metric's unit, at least one; of a count just one
   */
  public record Series(Metric metric, @Nullable String code, List<Long> values) {
    public Series {
      values = List.copyOf(values);
    }
  }

  /**
   * Nothing yet.
   *
   * @param clock which {@link #addSince} looks at
   */
  public Measurements(Clock clock) {
    this.clock = clock;
  }

  /** Takes a number in the metric's unit, 0 or more. */
  public void add(Metric metric, long value) {
    add(new Key(metric, null), value);
  }

  /** Takes the time from then until now; none if the two clocks disagree about which was first. */
  public void addSince(Metric metric, Instant then) {
    add(metric, Math.max(0, Duration.between(then, clock.instant()).toMillis()));
  }

  /**
   * Takes one {@link Metric#REJECTED}.
   *
   * @param code of the error that the frame was answered with
   */
  public void rejected(String code) {
    add(new Key(Metric.REJECTED, code), 1);
  }

  private synchronized void add(Key key, long value) {
    List<Long> values = taken.computeIfAbsent(key, _ -> new ArrayList<>(1));
    if (key.metric().unit() == Metric.Unit.COUNT && !values.isEmpty()) {
      values.set(0, values.getFirst() + value);
    } else {
      values.add(value);
    }
  }

  /** What was taken since the last call, in the order in which each metric was first. */
  public synchronized List<Series> drain() {
    List<Series> all = new ArrayList<>(taken.size());
    taken.forEach((key, values) -> all.add(new Series(key.metric(), key.code(), values)));
    taken.clear();
    return all;
  }
}
