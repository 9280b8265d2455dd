package dev.confab.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.UserId;
import dev.confab.load.client.Output;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class LoadTestTest {
  private static final Load LOAD =
      new Load(3, 4, 100, Duration.ofMillis(500), Duration.ofMillis(1500), 100);

  @Test
  void everyMessage_hasOneSender_whoKnowsItsNumber() {
    Map<Integer, Integer> sentBefore = new HashMap<>();
    Set<Integer> senders = new HashSet<>();
    for (int message = 0; message < LOAD.messages(); message++) {
      int sender = LOAD.senderOf(message);
      int count = sentBefore.merge(sender, 1, Integer::sum) - 1;

      assertThat(LOAD.chatOfConnection(sender)).isEqualTo(LOAD.chatOf(message));
      assertThat(LOAD.messageOf(sender, count)).isEqualTo(message);
      senders.add(sender);
    }
    assertThat(LOAD.messages()).isEqualTo(200);
    assertThat(senders).hasSize(LOAD.connections());
  }

  @Test
  void theSchedule_knowsNothingOfWhatIsSlow() {
    assertThat(LOAD.dueNanos(0)).isZero();
    assertThat(LOAD.dueNanos(100)).isEqualTo(1_000_000_000L);
  }

  @Test
  void whatIsMeasured_comesAfterTheWarmUp() {
    assertThat(LOAD.isFirst(2)).isTrue();
    assertThat(LOAD.isFirst(3)).isFalse();
    assertThat(LOAD.isMeasured(49)).isFalse();
    assertThat(LOAD.isMeasured(50)).isTrue();
  }

  @Test
  void aText_holdsItsNumber_andHasItsSize() {
    assertThat(LOAD.textOf(17)).hasSize(100);
    assertThat(Load.numberIn(LOAD.textOf(17))).isEqualTo(17);
    assertThat(Load.numberIn("hello")).isEqualTo(-1);
    assertThat(Load.numberIn("load x y")).isEqualTo(-1);
    assertThat(Load.numberIn("load 5")).isEqualTo(-1);
    Load smallest = new Load(1, 1, 1, Duration.ZERO, Duration.ofSeconds(1), Load.MIN_TEXT_BYTES);
    assertThat(smallest.textOf(Load.MAX_MESSAGES)).hasSize(Load.MIN_TEXT_BYTES);
  }

  @Test
  void aLoadThatNobodyCanRun_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Load(0, 1, 1, Duration.ZERO, Duration.ofSeconds(1), 100))
        .withMessage("chats is out of range");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Load(1, 1, 1, Duration.ZERO, Duration.ofSeconds(1), 5))
        .withMessage("bytes is out of range");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Load(1000, 1000, 1, Duration.ZERO, Duration.ofSeconds(1), 100))
        .withMessage("chats × clients is out of range");
  }

  @Test
  void aWitness_countsWhatIsWrong() {
    Witness witness = new Witness();

    assertThat(witness.see(shown(1, "load 5 x"))).isEqualTo(5);
    assertThat(witness.see(shown(2, "load 6 x"))).isEqualTo(6);
    assertThat(witness.see(shown(3, "load 5 x"))).isEqualTo(-1);
    assertThat(witness.see(shown(2, "load 7 x"))).isEqualTo(7);
    assertThat(witness.see(shown(4, "hello"))).isEqualTo(-1);

    assertThat(witness.order()).containsExactly(5, 6, 7);
    assertThat(witness.duplicates()).isEqualTo(1);
    assertThat(witness.backwards()).isEqualTo(1);
  }

  @Test
  void connectionsThatSawAnotherOrder_disagree() {
    Load load = new Load(2, 2, 1, Duration.ZERO, Duration.ofSeconds(4), 100);
    List<Witness> witnesses =
        List.of(
            witness(0, 2), witness(0, 2), // the first chat's agree
            witness(1, 3), witness(3, 1));

    assertThat(LoadReport.disagreeing(load, witnesses)).isEqualTo(1);
  }

  @Test
  void theReport_isFlawless_onlyIfNothingIsMissing() {
    assertThat(report(200, 800, 0, 0, 0).isFlawless()).isTrue();
    assertThat(report(199, 796, 0, 0, 0).isFlawless()).isFalse();
    assertThat(report(200, 799, 0, 0, 0).isFlawless()).isFalse();
    assertThat(report(200, 800, 1, 0, 0).isFlawless()).isFalse();
    assertThat(report(200, 800, 0, 1, 0).isFlawless()).isFalse();
    assertThat(report(200, 800, 0, 0, 1).isFlawless()).isFalse();
  }

  @Test
  void theReport_reads() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    report(200, 799, 0, 0, 0).print(new PrintStream(out, true, StandardCharsets.UTF_8));

    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("3 chats × 4 connections, 100 messages/s for 1 s after 0 s, 100 bytes each")
        .contains("delivered     799 of 800")
        .contains("send→receive  p50 2.0 ms, p90 2.0, p99 2.0, p99.9 2.0, max 2.0 (1 samples)");
  }

  private static LoadReport report(
      int accepted, long delivered, int duplicates, int backwards, int disagreeing) {
    Histogram histogram = new Histogram(60_000_000, 3);
    histogram.recordValue(2_000);
    return new LoadReport(
        LOAD,
        accepted,
        0,
        delivered,
        accepted * 4L,
        duplicates,
        backwards,
        0,
        disagreeing,
        histogram,
        histogram,
        histogram,
        0);
  }

  private static Witness witness(int... messages) {
    Witness witness = new Witness();
    int position = 0;
    for (int message : messages) {
      witness.see(shown(++position, "load " + message + " x"));
    }
    return witness;
  }

  private static Output.Shown shown(int position, String text) {
    Position at = Position.of(Integer.toString(position), 0);
    return new Output.Shown(
        new ChatId("c"),
        new Entry.Posted(
            at, null, new UserId("u"), new ClientMessageId("m"), text, Instant.EPOCH, false));
  }
}
