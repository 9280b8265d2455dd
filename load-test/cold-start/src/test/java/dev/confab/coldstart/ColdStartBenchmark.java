package dev.confab.coldstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Measures what one {@code sendMessage} costs the first time and when warm: ours cold and restored
 * from a snapshot, a naive function in Java likewise, and one in Node. Each looks a member up and
 * puts a message on the stream, over TLS, on stand-ins in this process.
 *
 * <p>CPU time and memory only: on a shared machine no other time means anything. A round starts
 * every variant once, in an order shuffled by the seed; figures are medians over the rounds.
 *
 * <p>A restore is emulated: the process does what it does before a snapshot under Lambda's own
 * runtime client, comes to rest, and waits; then its connections are cut, its credentials have
 * expired, and what it uses from there to its first answer counts. Reading the snapshot's memory
 * back is Lambda's and does not.
 */
final class ColdStartBenchmark {
  /** What is measured, in the table's order. */
  private enum Variant {
    NODE("Node, bundled", Function.Start.COLD),
    NAIVE("naive Java, cold", Function.Start.COLD),
    OURS("ours, cold", Function.Start.COLD),
    NAIVE_RESTORED("naive Java, restored", Function.Start.SNAP_START),
    OURS_RESTORED("ours, primed and restored", Function.Start.SNAP_START);

    private final String title;
    private final Function.Start start;

    Variant(String title, Function.Start start) {
      this.title = title;
      this.start = start;
    }
  }

  /**
   * One start.
   *
   * @param firstMillis CPU time from the start, or the restore, to the first answer
   * @param rssMb memory then
   * @param warmMillis CPU time of an invocation when warm; 0 where that is not measured
   */
  private record Sample(double firstMillis, double rssMb, double warmMillis) {}

  private static final double NANOS_PER_MILLI = 1e6;
  private static final double BYTES_PER_MB = 1024.0 * 1024;

  private final Laboratory laboratory;
  private final Options options;
  private final Map<Variant, List<Sample>> samples = new EnumMap<>(Variant.class);

  private ColdStartBenchmark(Laboratory laboratory, Options options) {
    this.laboratory = laboratory;
    this.options = options;
    for (Variant variant : options.variants) {
      samples.put(variant, new ArrayList<>());
    }
  }

  /**
   * What was asked for.
   *
   * @param rounds that count; one before them does not
   * @param warm invocations before a warm one, and as many that count as warm; 0 for none
   * @param java options for the JVM of our own function
   */
  private record Options(
      int rounds, int warm, long seed, List<Variant> variants, List<String> java) {
    static Options of(List<String> words) {
      int rounds = 11;
      int warm = 2_000;
      long seed = 1;
      List<Variant> variants = List.of(Variant.values());
      List<String> java = List.of();
      for (String word : words) {
        String[] parts = word.split("=", 2);
        String value = parts.length == 2 ? parts[1] : "";
        switch (parts[0]) {
          case "rounds" -> rounds = Integer.parseInt(value);
          case "warm" -> warm = Integer.parseInt(value);
          case "seed" -> seed = Long.parseLong(value);
          case "variants" ->
              variants = Arrays.stream(value.split(",", -1)).map(Variant::valueOf).toList();
          case "java" -> java = List.of(value.split(",", -1));
          default ->
              throw new IllegalArgumentException(
                  word + ": rounds=N warm=N seed=N variants=NODE,OURS java=-XX:A,-XX:B");
        }
      }
      return new Options(rounds, warm, seed, variants, java);
    }
  }

  public static void main(String[] args) throws Exception {
    List<String> words =
        Stream.of(args)
            .flatMap(arg -> Stream.of(arg.split("\\s+", -1)))
            .filter(w -> !w.isEmpty())
            .toList();
    Options options = Options.of(words);
    Path work = Files.createTempDirectory("cold-start");
    try (Laboratory laboratory = new Laboratory(work, options.java)) {
      ColdStartBenchmark benchmark = new ColdStartBenchmark(laboratory, options);
      benchmark.run();
      benchmark.report();
    }
  }

  private void run() throws IOException, InterruptedException, GeneralSecurityException {
    Random random = new Random(options.seed);
    for (int round = 0; round <= options.rounds; round++) {
      List<Variant> order = new ArrayList<>(options.variants);
      Collections.shuffle(order, random);
      for (Variant variant : order) {
        // The first round fills the machine's page cache and does not count.
        Sample sample = measure(variant, round == 0 ? 0 : options.warm);
        System.out.printf(
            "%s %s: %.1f ms, %.1f MB, warm %.3f ms%n",
            round == 0 ? "warm-up" : "round " + round,
            variant.title,
            sample.firstMillis,
            sample.rssMb,
            sample.warmMillis);
        if (round > 0) {
          samples.computeIfAbsent(variant, _ -> new ArrayList<>()).add(sample);
        }
      }
    }
  }

  private Sample measure(Variant variant, int warm)
      throws IOException, InterruptedException, GeneralSecurityException {
    try (Environment environment = laboratory.start(functionOf(variant), variant.start)) {
      long before =
          variant.start == Function.Start.SNAP_START ? environment.restore().cpuNanos() : 0;
      Usage first = environment.send();
      double warmMillis = 0;
      if (warm > 0) {
        long warmed = send(environment, warm);
        warmMillis = (send(environment, warm) - warmed) / NANOS_PER_MILLI / warm;
      }
      return new Sample(
          (first.cpuNanos() - before) / NANOS_PER_MILLI,
          first.rssBytes() / BYTES_PER_MB,
          warmMillis);
    }
  }

  private static long send(Environment environment, int times)
      throws IOException, InterruptedException {
    long cpuNanos = 0;
    for (int i = 0; i < times; i++) {
      cpuNanos = environment.send().cpuNanos();
    }
    return cpuNanos;
  }

  private Function functionOf(Variant variant) throws IOException {
    return switch (variant) {
      case NODE -> laboratory.node();
      case NAIVE, NAIVE_RESTORED -> laboratory.naive(variant.start);
      case OURS, OURS_RESTORED -> laboratory.ours(variant.start);
    };
  }

  private interface Figure {
    double of(Sample sample);
  }

  private double median(Variant variant, Figure figure) {
    double[] sorted =
        samples.getOrDefault(variant, List.of()).stream()
            .mapToDouble(figure::of)
            .sorted()
            .toArray();
    if (sorted.length == 0) {
      return Double.NaN;
    }
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private void report() {
    double nodeFirst = median(Variant.NODE, Sample::firstMillis);
    double nodeWarm = median(Variant.NODE, Sample::warmMillis);
    System.out.printf(
        "%n%d rounds, seed %d; CPU ms and MB, medians; ratios to Node%n",
        options.rounds, options.seed);
    System.out.printf(
        "%-28s %9s %6s   %17s %6s %7s %6s%n",
        "", "first", "ratio", "(least to most)", "RSS", "warm", "ratio");
    for (Variant variant : samples.keySet()) {
      double first = median(variant, Sample::firstMillis);
      double warm = median(variant, Sample::warmMillis);
      var spread =
          samples.get(variant).stream().mapToDouble(Sample::firstMillis).summaryStatistics();
      System.out.printf(
          "%-28s %9.1f %6.2f   %8.1f–%8.1f %6.0f %7.3f %6.2f%n",
          variant.title,
          first,
          first / nodeFirst,
          spread.getMin(),
          spread.getMax(),
          median(variant, Sample::rssMb),
          warm,
          warm / nodeWarm);
    }
    double restored = median(Variant.OURS_RESTORED, Sample::firstMillis);
    double naive = median(Variant.NAIVE, Sample::firstMillis);
    goal("restored, of Node's first", restored / nodeFirst, 0.25);
    goal("restored, of the naive cold start", restored / naive, 0.05);
    goal(
        "restored, of the naive restored",
        restored / median(Variant.NAIVE_RESTORED, Sample::firstMillis),
        0.05);
    goal("cold, of the naive cold start", median(Variant.OURS, Sample::firstMillis) / naive, 0.7);
    goal("warm, of Node's", median(Variant.OURS_RESTORED, Sample::warmMillis) / nodeWarm, 1);
    goal(
        "warm without a snapshot, of Node's",
        median(Variant.OURS, Sample::warmMillis) / nodeWarm,
        1);
  }

  private static void goal(String what, double ratio, double most) {
    if (!Double.isNaN(ratio)) {
      System.out.printf(
          "%-36s %.3f, goal %.2f: %s%n", what, ratio, most, ratio <= most ? "met" : "missed");
    }
  }
}
