package dev.confab.load.verify;

import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The long run: rounds that each have a stack and a plan of their own, and are checked whole. What
 * a round came to is a line in a file, so that a soak that was interrupted goes on with the next.
 */
final class Soak {
  /** Records alone: a report's isClean is none of its fields. */
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(MapperFeature.AUTO_DETECT_IS_GETTERS).build();

  private static final int ROUNDS = 10;
  private static final int MESSAGES = 30_000;
  private static final int PER_SECOND = 200;
  private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);

  /** So that a fault of five minutes has messages from its first to its last. */
  private static final int PER_SECOND_WITH_LONG_FAULT = 80;

  /**
   * A round that is over.
   *
   * @param seed of its plan
   */
  private record Line(long seed, Figures figures) {}

  private final Path file;

  /**
   * @param file of the lines; made when there is none
   */
  Soak(Path file) {
    this.file = file;
  }

  /** The plans of a soak: 300,000 messages, 50 kills, 10 zombies and all the rest. */
  static List<Plan> plans(long seed) {
    List<Plan> plans = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      Duration throttled = round == 2 || round == 5 ? FIVE_MINUTES : Duration.ZERO;
      Duration withoutQueues = round == 8 ? FIVE_MINUTES : Duration.ZERO;
      boolean isLong = !throttled.isZero() || !withoutQueues.isZero();
      plans.add(
          new Plan(
              seed * ROUNDS + round,
              MESSAGES,
              isLong ? PER_SECOND_WITH_LONG_FAULT : PER_SECOND,
              5,
              1,
              round % 5 == 4 ? 0 : 1,
              throttled,
              withoutQueues));
    }
    return plans;
  }

  /** What rounds of these plans came to that are over. */
  Map<Long, Figures> done(List<Plan> plans) throws IOException {
    Map<Long, Figures> done = new HashMap<>();
    if (Files.exists(file)) {
      for (String text : Files.readAllLines(file)) {
        Line line = JSON.readValue(text, Line.class);
        if (plans.stream().anyMatch(plan -> plan.seed() == line.seed())) {
          done.put(line.seed(), line.figures());
        }
      }
    }
    return done;
  }

  void add(Plan plan, Figures figures) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(
        file,
        JSON.writeValueAsString(new Line(plan.seed(), figures)) + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
