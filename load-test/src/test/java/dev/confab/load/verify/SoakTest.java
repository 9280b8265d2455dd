package dev.confab.load.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.load.check.Finding;
import dev.confab.load.check.Report;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A soak has what it says it has, and goes on where it was interrupted. */
final class SoakTest {
  private static final int WORKERS = 4;

  @TempDir private Path folder;

  private static Figures figures(int kills, Map<Finding, Long> found) {
    return new Figures(100, kills, 1, 0, 0, 0, 3, new Report(Report.Counts.NONE, found, Map.of()));
  }

  @Test
  void theWhole_isWhatTheHelpSays() {
    List<Plan> plans = Soak.plans(7);
    assertThat(plans.stream().mapToInt(Plan::messages).sum()).isEqualTo(300_000);
    assertThat(plans.stream().mapToInt(Plan::kills).sum()).isEqualTo(50);
    assertThat(plans.stream().mapToInt(Plan::zombies).sum()).isEqualTo(10);
    assertThat(plans.stream().mapToInt(Plan::reshards).sum()).isGreaterThanOrEqualTo(6);
    assertThat(plans.stream().map(Plan::throttled))
        .filteredOn(Duration.ofMinutes(5)::equals)
        .hasSize(2);
    assertThat(plans.stream().map(Plan::withoutQueues)).contains(Duration.ofMinutes(5));
    assertThat(plans.stream().map(Plan::seed)).doesNotHaveDuplicates();
    assertThat(Soak.plans(8).stream().map(Plan::seed))
        .doesNotContainAnyElementsOf(plans.stream().map(Plan::seed).toList());
  }

  @Test
  void everyDeedOfAPlan_comesOnce_andBeforeTheLastMessage() {
    for (Plan plan : Soak.plans(1)) {
      List<Plan.Due> deeds = plan.deeds(WORKERS);
      assertThat(deeds).isEqualTo(plan.deeds(WORKERS)).isSortedAccordingTo(byWhen());
      assertThat(deeds.getLast().after()).isLessThan(plan.messages());
      assertThat(of(deeds, Plan.Kill.class)).hasSize(plan.kills());
      assertThat(of(deeds, Plan.Kill.class).stream().map(Plan.Kill::at))
          .as("each point once, in five kills")
          .containsExactlyInAnyOrder(Plan.KillPoint.values());
      assertThat(of(deeds, Plan.Zombie.class)).hasSize(plan.zombies());
      assertThat(of(deeds, Plan.Reshard.class)).hasSize(plan.reshards());
    }
  }

  private static Comparator<Plan.Due> byWhen() {
    return Comparator.comparingInt(Plan.Due::after);
  }

  private static <D extends Plan.Deed> List<D> of(List<Plan.Due> deeds, Class<D> kind) {
    return deeds.stream().map(Plan.Due::deed).filter(kind::isInstance).map(kind::cast).toList();
  }

  @Test
  void roundsThatAreOver_areNotRunAgain() throws Exception {
    List<Plan> plans = Soak.plans(1);
    Path file = folder.resolve("new").resolve("soak.jsonl");
    assertThat(new Soak(file).done(plans)).isEmpty();

    Figures first = figures(5, Map.of());
    Figures second = figures(4, Map.of(Finding.LOST, 2L));
    new Soak(file).add(plans.get(0), first);
    new Soak(file).add(plans.get(1), second);

    assertThat(new Soak(file).done(plans))
        .isEqualTo(Map.of(plans.get(0).seed(), first, plans.get(1).seed(), second));
    assertThat(new Soak(file).done(Soak.plans(2))).as("of another seed").isEmpty();
    assertThat(Files.readAllLines(file)).hasSize(2);
  }

  @Test
  void figures_addUp_findingsIncluded() {
    Figures both =
        figures(5, Map.of(Finding.LOST, 1L))
            .plus(figures(4, Map.of(Finding.LOST, 2L, Finding.DOUBLED, 1L)));
    assertThat(both.kills()).isEqualTo(9);
    assertThat(both.resends()).isEqualTo(6);
    assertThat(both.report().found()).isEqualTo(Map.of(Finding.LOST, 3L, Finding.DOUBLED, 1L));
  }
}
