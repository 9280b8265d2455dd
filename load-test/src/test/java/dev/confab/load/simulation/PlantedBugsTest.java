package dev.confab.load.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.load.check.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each planted bug is found, and by what it breaks. Its first seed that finds anything is printed
 * with all that found it: docs/reliability.md has the table.
 */
class PlantedBugsTest {
  private static final int MAX_SEEDS = 150;

  private static final QuietLog QUIET = new QuietLog();

  @AfterAll
  static void logAgain() {
    QUIET.close();
  }

  /**
   * A bug.
   *
   * @param caughtBy the name of what has to be found, or {@code BROKEN} for what never may happen
   */
  record Planted(String name, Supplier<Parts> parts, String caughtBy) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Planted planted(String name, Supplier<Parts> parts, Finding caughtBy) {
    return new Planted(name, parts, caughtBy.name());
  }

  static Stream<Planted> bugs() {
    return Stream.of(
        planted("checkpoint before the write", PlantedBugs::checkpointBeforeTheWrite, Finding.LOST),
        planted("UnprocessedItems ignored", PlantedBugs::unprocessedItemsIgnored, Finding.LOST),
        planted("exception swallowed", PlantedBugs::exceptionSwallowed, Finding.LOST),
        planted("unpadded sort key", PlantedBugs::unpaddedSortKey, Finding.MISORDERED),
        planted("no sub-sequence", PlantedBugs::noSubSequence, Finding.LOST),
        planted("going on when the DLQ is down", PlantedBugs::goesOnWhenTheDlqIsDown, Finding.LOST),
        new Planted("two POSTs in flight", PlantedBugs::twoPostsInFlight, "BROKEN"),
        planted(
            "no member check on subscribe", PlantedBugs::noMemberCheckOnSubscribe, Finding.LEAKED),
        planted("no chain", PlantedBugs::noChain, Finding.SILENT_GAP),
        planted(
            "prev from the newest item after takeover",
            PlantedBugs::prevFromTheNewestItem,
            Finding.LAGGING),
        planted("no placeholder", PlantedBugs::noPlaceholder, Finding.NO_PLACEHOLDER),
        planted("a wall clock in a stored item", PlantedBugs::wallClockInAnItem, Finding.INVENTED),
        planted(
            "subscription deleted instead of ended",
            PlantedBugs::subscriptionDeletedInsteadOfEnded,
            Finding.LEAKED),
        planted("replay as a new message", PlantedBugs::replayAsANewMessage, Finding.LOST),
        planted(
            "resend looked up before earlier writes drained",
            PlantedBugs::resendLookedUpTooEarly,
            Finding.DOUBLED),
        planted("LATEST at first start", PlantedBugs::latestAtFirstStart, Finding.LOST),
        planted(
            "stale subscriptions after takeover",
            PlantedBugs::staleSubscriptionsAfterTakeover,
            Finding.LEAKED),
        new Planted("expiry by a slow clock", PlantedBugs::expiryByASlowClock, "BROKEN"),
        planted("history past a hole", PlantedBugs::historyPastAHole, Finding.SILENT_GAP),
        planted("no member check on history", PlantedBugs::noMemberCheckOnHistory, Finding.LEAKED));
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void isCaught(Planted bug) {
    for (long seed = 0; seed < MAX_SEEDS; seed++) {
      Simulation.Result result = Simulation.run(seed, bug.parts().get(), _ -> {});
      List<String> found = found(result);
      if (found.contains(bug.caughtBy())) {
        System.out.printf(
            "%s | seed %d | %s%n",
            bug,
            seed,
            String.join(", ", found)
                + (result.broken().isEmpty() ? "" : ": " + result.broken().getFirst()));
        return;
      }
    }
    assertThat(bug.name()).as("not caught within %d seeds", MAX_SEEDS).isEmpty();
  }

  private static List<String> found(Simulation.Result result) {
    List<String> found = new ArrayList<>();
    result.report().found().forEach((finding, count) -> found.add(finding.name()));
    if (!result.broken().isEmpty()) {
      found.add("BROKEN");
    }
    return found;
  }
}
