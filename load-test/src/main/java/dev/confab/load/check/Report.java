package dev.confab.load.check;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a {@link Checker} says of a run.
 *
 * @param counts how much there was of everything
 * @param found how often each finding was made; those not made are missing
 * @param examples the first few of each finding, for people
 */
public record Report(Counts counts, Map<Finding, Long> found, Map<Finding, List<String>> examples) {
  public Report {
    found = sorted(found);
    examples = sorted(examples);
  }

  /** In the order of the findings; a copy by {@code Map.copyOf} has a new order in each JVM. */
  private static <V> Map<Finding, V> sorted(Map<Finding, V> map) {
    return new TreeMap<>(map);
  }

  /**
   * How much there was.
   *
   * @param sends tries to send, resends included
   * @param acked tries that were acknowledged
   * @param unknown tries whose outcome nobody told
   * @param records on the stream
   * @param messages places in chains: messages, and records that claim to be one
   * @param stored messages in the table
   * @param dropped resends of which the table holds a marker
   * @param parked placeholders in the table
   * @param letters that lie in the queues
   * @param frames that clients got
   * @param views that were compared with the table
   */
  public record Counts(
      long sends,
      long acked,
      long unknown,
      long records,
      long messages,
      long stored,
      long dropped,
      long parked,
      long letters,
      long frames,
      long views) {

    /** Nothing of anything. */
    public static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** The counts of two runs together. */
    public Counts plus(Counts other) {
      return new Counts(
          sends + other.sends,
          acked + other.acked,
          unknown + other.unknown,
          records + other.records,
          messages + other.messages,
          stored + other.stored,
          dropped + other.dropped,
          parked + other.parked,
          letters + other.letters,
          frames + other.frames,
          views + other.views);
    }
  }

  /** Whether nothing was found. */
  public boolean isClean() {
    return found.isEmpty();
  }

  /** How often a finding was made. */
  public long count(Finding finding) {
    return found.getOrDefault(finding, 0L);
  }

  /** The first of a finding, for people; empty where there is none. */
  public String example(Finding finding) {
    return examples.getOrDefault(finding, List.of("")).getFirst();
  }

  /** Gathers findings. For one thread. */
  static final class Builder {
    private static final int MAX_EXAMPLES = 5;

    private final Map<Finding, Long> found = new EnumMap<>(Finding.class);
    private final Map<Finding, List<String>> examples = new EnumMap<>(Finding.class);

    void add(Finding finding, String what) {
      long before = found.merge(finding, 1L, Long::sum);
      if (before <= MAX_EXAMPLES) {
        examples.computeIfAbsent(finding, _ -> new ArrayList<>()).add(what);
      }
    }

    Report build(Counts counts) {
      return new Report(counts, found, examples);
    }
  }
}
