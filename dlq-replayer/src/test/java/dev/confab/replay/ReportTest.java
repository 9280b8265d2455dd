package dev.confab.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class ReportTest {
  private final VirtualTime time = new VirtualTime();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private Report report(boolean isJson, boolean isTerminal) {
    return new Report(new PrintWriter(out), new PrintWriter(err), isJson, isTerminal, time);
  }

  @Test
  void onATerminal_aBarIsDrawnOver() {
    Report report = report(false, true);
    time.pause(Duration.ofSeconds(1));
    report.progress(500, 1_000, "persist: 500 of about 1,000");
    report.progress(501, 1_000, "too soon to be drawn again");
    report.say("a line");

    assertThat(err.toString())
        .isEqualTo(
            "\r\u001b[K[===============               ] persist: 500 of about 1,000\r\u001b[K");
    assertThat(out.toString()).isEqualToIgnoringNewLines("a line");
  }

  @Test
  void elsewhere_aLineNowAndThen() {
    Report report = report(false, false);
    for (int i = 0; i < 35; i++) {
      time.pause(Duration.ofSeconds(1));
      report.progress(i, 100, "at " + i);
    }

    assertThat(err.toString().lines()).containsExactly("at 9", "at 19", "at 29");
  }

  @Test
  void forMachines_progressIsAnObjectToo() {
    Report report = report(true, true);
    time.pause(Duration.ofSeconds(10));
    report.progress(5, 100, "text");
    report.say("for people");

    assertThat(out.toString())
        .isEqualToIgnoringNewLines("{\"type\":\"progress\",\"done\":5,\"about\":100}");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void bars_areNeverTooLong() {
    assertThat(Bar.draw(0, 10)).isEqualTo("[" + " ".repeat(30) + "]");
    assertThat(Bar.draw(20, 10)).isEqualTo("[" + "=".repeat(30) + "]");
    assertThat(Bar.draw(3, 0)).isEqualTo("[" + " ".repeat(30) + "]");
  }
}
