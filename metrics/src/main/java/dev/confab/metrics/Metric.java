package dev.confab.metrics;

import static dev.confab.metrics.StageName.FANOUT;
import static dev.confab.metrics.StageName.INGEST;
import static dev.confab.metrics.StageName.PERSIST;

import java.util.Set;

/**
 * What is measured. The table in docs/operations.md says what each means; a test holds the two
 * together.
 */
public enum Metric {
  ACCEPTED("Accepted", Unit.COUNT, INGEST),
  /** With a dimension more, {@code Code}: taken by {@link Measurements#rejected}. */
  REJECTED("Rejected", Unit.COUNT, INGEST),
  PUT_LATENCY("PutLatency", Unit.MILLISECONDS, INGEST),
  MILLIS_BEHIND_LATEST("MillisBehindLatest", Unit.MILLISECONDS, PERSIST, FANOUT),
  BATCH_SIZE("BatchSize", Unit.COUNT, PERSIST, FANOUT),
  END_TO_END_AGE("EndToEndAge", Unit.MILLISECONDS, PERSIST, FANOUT),
  RETRIED("Retried", Unit.COUNT, PERSIST, FANOUT),
  DEAD_LETTERED("DeadLettered", Unit.COUNT, PERSIST, FANOUT),
  SHARDS_OUT_OF_ORDER("ShardsOutOfOrder", Unit.COUNT, PERSIST, FANOUT),
  PERSISTED("Persisted", Unit.COUNT, PERSIST),
  RESENDS_FOUND("ResendsFound", Unit.COUNT, PERSIST),
  PUSHED("Pushed", Unit.COUNT, FANOUT),
  GONE("Gone", Unit.COUNT, FANOUT),
  THROTTLED("Throttled", Unit.COUNT, FANOUT),
  PUSH_FAILED("PushFailed", Unit.COUNT, FANOUT);

  /** What a number counts. */
  public enum Unit {
    /** Several of them add up to one. */
    COUNT("Count"),
    /** Each is kept by itself: CloudWatch makes percentiles of them. */
    MILLISECONDS("Milliseconds");

    private final String word;

    Unit(String word) {
      this.word = word;
    }

    /** CloudWatch's word for it. */
    public String word() {
      return word;
    }
  }

  private final String title;
  private final Unit unit;

  @SuppressWarnings("ImmutableEnumChecker") // made by Set.of
  private final Set<StageName> stages;

  Metric(String title, Unit unit, StageName... stages) {
    this.title = title;
    this.unit = unit;
    this.stages = Set.of(stages);
  }

  /** Its name in CloudWatch. */
  public String title() {
    return title;
  }

  public Unit unit() {
    return unit;
  }

  /** The stages that have it. */
  public Set<StageName> stages() {
    return stages;
  }
}
