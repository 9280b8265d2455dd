package dev.confab.load.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The real parts stand whatever befalls them, and a seed is a run. */
class SimulationTest {
  private static final int SEEDS = 80;
  private static final int AT_ONCE = 2;

  private static final QuietLog QUIET = new QuietLog();

  @AfterAll
  static void logAgain() {
    QUIET.close();
  }

  @Test
  void noSeed_findsAnything() throws InterruptedException {
    List<Long> heard = new ArrayList<>();
    Seeds.Summary summary = Seeds.run(0, SEEDS, AT_ONCE, soFar -> heard.add(soFar.seeds()));
    assertThat(summary.failures()).isEmpty();
    assertThat(summary.seeds()).isEqualTo(SEEDS);
    assertThat(heard).hasSize(SEEDS).isSorted();
    for (Incident incident : Incident.values()) { // or else the seeds prove less than they say
      assertThat(summary.incidents()).containsKey(incident);
    }
    assertThat(summary.counts().dropped()).isPositive();
    assertThat(summary.counts().parked()).isPositive();
    assertThat(summary.counts().views()).isPositive();
  }

  @Test
  void aSeed_isOneRun_inAnyProcess() throws IOException, InterruptedException {
    String hash = Simulation.run(7).hash();
    assertThat(Simulation.run(7).hash()).isEqualTo(hash);
    assertThat(Simulation.run(8).hash()).isNotEqualTo(hash);
    assertThat(hashFromAnotherProcess(7)).isEqualTo(hash);
  }

  private static String hashFromAnotherProcess(long seed) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                HashOfSeed.class.getName(),
                Long.toString(seed))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).isZero();
    return output.lines().reduce("", (_, last) -> last);
  }

  @Test
  void aSeedThatFails_saysWhatItFound() throws InterruptedException {
    Seeds.Summary summary = Seeds.run(0, 4, AT_ONCE, PlantedBugs::noPlaceholder, _ -> {});
    assertThat(summary.isClean()).isFalse();
    assertThat(summary.failures())
        .isSortedAccordingTo((one, other) -> Long.compare(one.seed(), other.seed()))
        .allSatisfy(failure -> assertThat(failure.what()).contains("NO_PLACEHOLDER x"));
  }
}
