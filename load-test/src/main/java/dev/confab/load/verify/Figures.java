package dev.confab.load.verify;

import dev.confab.load.check.Finding;
import dev.confab.load.check.Report;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What real runs came to.
 *
 * @param messages that people were to send
 * @param kills of workers
 * @param zombies workers that went on after others had their leases
 * @param reshards that the stream took
 * @param throttledSeconds in which the table took little
 * @param secondsWithoutQueues in which no letter could be parked
 * @param resends records that are marked so
 */
record Figures(
    int messages,
    int kills,
    int zombies,
    int reshards,
    long throttledSeconds,
    long secondsWithoutQueues,
    long resends,
    Report report) {
  static final Figures NONE =
      new Figures(0, 0, 0, 0, 0, 0, 0, new Report(Report.Counts.NONE, Map.of(), Map.of()));

  private static final int MAX_EXAMPLES = 5;

  Figures plus(Figures other) {
    return new Figures(
        messages + other.messages,
        kills + other.kills,
        zombies + other.zombies,
        reshards + other.reshards,
        throttledSeconds + other.throttledSeconds,
        secondsWithoutQueues + other.secondsWithoutQueues,
        resends + other.resends,
        plus(report, other.report));
  }

  static Report plus(Report one, Report other) {
    Map<Finding, Long> found = new TreeMap<>(one.found());
    other.found().forEach((finding, count) -> found.merge(finding, count, Long::sum));
    Map<Finding, List<String>> examples = new TreeMap<>(one.examples());
    other
        .examples()
        .forEach(
            (finding, more) ->
                examples.merge(
                    finding,
                    more,
                    (before, after) -> {
                      List<String> all = new ArrayList<>(before);
                      all.addAll(after);
                      return all.subList(0, Math.min(MAX_EXAMPLES, all.size()));
                    }));
    return new Report(one.counts().plus(other.counts()), found, examples);
  }

  /** For people. */
  void print(PrintStream out) {
    out.printf("real run%n");
    out.printf("  messages        %,12d%n", messages);
    out.printf("  kills           %,12d%n", kills);
    out.printf("  zombies         %,12d%n", zombies);
    out.printf("  reshards        %,12d%n", reshards);
    out.printf("  throttled       %,12d s%n", throttledSeconds);
    out.printf("  without SQS     %,12d s%n", secondsWithoutQueues);
    out.printf("  resends         %,12d%n", resends);
    print(report, out);
  }

  /** What a checker saw and found, for people. */
  private static void print(Report report, PrintStream out) {
    print(report.counts(), out);
    for (Finding finding : Finding.values()) {
      out.printf("  %-15s %,12d%n", words(finding), report.count(finding));
      report
          .examples()
          .getOrDefault(finding, List.of())
          .forEach(example -> out.printf("    %s%n", example));
    }
  }

  static void print(Report.Counts counts, PrintStream out) {
    out.printf("  acked           %,12d%n", counts.acked());
    out.printf("  unknown outcome %,12d%n", counts.unknown());
    out.printf("  stored          %,12d%n", counts.stored());
    out.printf("  dropped resends %,12d%n", counts.dropped());
    out.printf("  placeholders    %,12d%n", counts.parked());
    out.printf("  dead letters    %,12d%n", counts.letters());
    out.printf("  frames          %,12d%n", counts.frames());
  }

  static String words(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
