package dev.confab.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientMessageId;
import dev.confab.events.ErrorCode;
import dev.confab.events.ServerFrame;
import dev.confab.metrics.Measurements.Series;
import dev.confab.metrics.Metric;
import dev.confab.table.Faults;
import dev.confab.table.TableCall;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a frame says about itself: one line, whatever becomes of it. */
class MeasuringTest {
  private static final ChatId LOBBY = new ChatId("lobby");

  private final Backend backend = new Backend();

  @BeforeEach
  void chat() {
    backend.chat("lobby", "members", "ana", "bob");
    assertThat(backend.metrics.writes()).as("what is no message and no error").isEmpty();
  }

  private void send(String user) {
    var _ =
        backend.ask(
            user,
            new ClientFrame.SendMessage("r1", LOBBY, new ClientMessageId("c-17"), "hello", false));
  }

  private List<Metric> metricsOfOneLine() {
    assertThat(backend.metrics.writes()).hasSize(1);
    return backend.metrics.writes().getFirst().stream().map(Series::metric).toList();
  }

  @Test
  void acceptedMessage_isOneLine() {
    send("bob");

    assertThat(metricsOfOneLine()).containsExactly(Metric.PUT_LATENCY, Metric.ACCEPTED);
    assertThat(backend.metrics.sum(Metric.ACCEPTED)).isEqualTo(1);
  }

  @Test
  void latency_isFromTheFirstTryToTheLastAnswer() {
    backend.stream.faults.add(InMemoryStream.Fault.NOT_TAKEN);
    backend.stream.faults.add(InMemoryStream.Fault.TAKEN_UNANSWERED);

    send("bob");

    Duration pauses = backend.pauses.stream().reduce(Duration.ZERO, Duration::plus);
    assertThat(pauses).isPositive();
    assertThat(backend.metrics.values(Metric.PUT_LATENCY)).containsExactly(pauses.toMillis());
    assertThat(backend.metrics.sum(Metric.ACCEPTED)).as("of two copies").isEqualTo(1);
  }

  @Test
  void messageThatTheStreamDidNotTake_isRejected_andSaysHowLongItTook() {
    backend.stream.failAlways(InMemoryStream.Fault.NOT_TAKEN);

    send("bob");

    assertThat(metricsOfOneLine()).containsExactly(Metric.PUT_LATENCY, Metric.REJECTED);
    assertThat(backend.metrics.codes()).containsExactly("UNAVAILABLE");
  }

  @Test
  void everyErrorFrame_isRejectedByItsCode() {
    backend.ask("bob", "garbage");
    backend.ask("bob", "{\"action\":\"dance\"}");
    send("eve");
    backend.tableFaults.put(TableCall.MEMBERS_READ, Faults.Fault.NOT_DONE);
    send("bob");
    backend.bug = new IllegalStateException("bug");
    send("bob");
    backend.bug = null;
    var withoutAuthorizer = Backend.event("MESSAGE", "bob");
    withoutAuthorizer.getRequestContext().setAuthorizer(null);
    var answer = (ServerFrame.Failed) Backend.frameOf(backend.answer(withoutAuthorizer));
    assertThat(answer).extracting(ServerFrame.Failed::code).isEqualTo(ErrorCode.INTERNAL);
    backend.clock.advance(Duration.ofHours(2));
    send("bob");

    assertThat(backend.metrics.codes())
        .containsExactly(
            "INVALID_FRAME",
            "UNKNOWN_ACTION",
            "CHAT_NOT_FOUND",
            "UNAVAILABLE",
            "INTERNAL",
            "INTERNAL",
            "TOKEN_EXPIRED");
    assertThat(backend.metrics.sum(Metric.REJECTED)).isEqualTo(7);
    assertThat(backend.metrics.sum(Metric.PUT_LATENCY) + backend.metrics.sum(Metric.ACCEPTED))
        .as("none was put")
        .isZero();
  }

  /** What is handled before a snapshot, which nobody sent. */
  @Test
  void nobodysFrame_isMeasured_andToldToNobody() {
    backend.context.requestId = Priming.NOBODY;
    send("bob");
    send("eve");

    assertThat(backend.metrics.writes()).isEmpty();
    assertThat(backend.nobodys.writes()).hasSize(2);
  }
}
