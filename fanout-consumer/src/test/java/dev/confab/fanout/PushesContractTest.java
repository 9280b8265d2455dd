package dev.confab.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Bytes;
import dev.confab.events.ConnectionId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every way to the connections does. */
abstract class PushesContractTest {
  /** With characters that a path must escape. */
  private static final ConnectionId OPEN = new ConnectionId("L0SM9cOFvHcCIhw=");

  private static final ConnectionId PLUS = new ConnectionId("a+b/c==");
  private static final Bytes FRAME = bytes("{\"type\":\"left\",\"chatId\":\"lobby\"}");
  private static final Bytes NEXT = bytes("{\"type\":\"left\",\"chatId\":\"héllo\"}");

  private static Bytes bytes(String text) {
    return Bytes.of(text.getBytes(StandardCharsets.UTF_8));
  }

  abstract Pushes pushes();

  abstract void open(ConnectionId connection);

  abstract void close(ConnectionId connection);

  abstract List<Bytes> framesOf(ConnectionId connection);

  /** From now on, every call fails so. */
  abstract void fail(InMemoryPushes.Fault fault);

  @Test
  void frames_arriveAsTheyAreAndInOrder() {
    open(OPEN);
    open(PLUS);
    assertThat(pushes().push(OPEN, FRAME)).isEqualTo(new Pushes.Delivered());
    assertThat(pushes().push(OPEN, NEXT)).isEqualTo(new Pushes.Delivered());
    assertThat(pushes().push(PLUS, NEXT)).isEqualTo(new Pushes.Delivered());
    assertThat(framesOf(OPEN)).containsExactly(FRAME, NEXT);
    assertThat(framesOf(PLUS)).containsExactly(NEXT);
  }

  @Test
  void aConnectionThatNeverWas_isGone() {
    assertThat(pushes().push(OPEN, FRAME)).isEqualTo(new Pushes.Gone());
    assertThat(pushes().probe(OPEN)).isEqualTo(new Pushes.Gone());
  }

  @Test
  void aConnectionThatClosed_isGone() {
    open(OPEN);
    close(OPEN);
    assertThat(pushes().push(OPEN, FRAME)).isEqualTo(new Pushes.Gone());
    assertThat(pushes().probe(OPEN)).isEqualTo(new Pushes.Gone());
    assertThat(framesOf(OPEN)).isEmpty();
  }

  @Test
  void aProbe_findsAnOpenConnectionAndSendsItNothing() {
    open(OPEN);
    assertThat(pushes().probe(OPEN)).isEqualTo(new Pushes.Connected());
    assertThat(framesOf(OPEN)).isEmpty();
  }

  @Test
  void tooManyRequests_areSlow() {
    open(OPEN);
    fail(InMemoryPushes.Fault.SLOW);
    assertThat(pushes().push(OPEN, FRAME)).isInstanceOf(Pushes.Slow.class);
    assertThat(pushes().probe(OPEN)).isInstanceOf(Pushes.Unknown.class);
    assertThat(framesOf(OPEN)).isEmpty();
  }

  @Test
  void tooLarge_isSaidSo() {
    open(OPEN);
    fail(InMemoryPushes.Fault.TOO_LARGE);
    assertThat(pushes().push(OPEN, FRAME)).isInstanceOf(Pushes.TooLarge.class);
  }

  @Test
  void anIdThatIsNone_isRefused() {
    fail(InMemoryPushes.Fault.BAD_ID);
    assertThat(pushes().push(OPEN, FRAME)).isInstanceOf(Pushes.Failed.class);
    assertThat(pushes().probe(OPEN)).isInstanceOf(Pushes.Refused.class);
  }

  @Test
  void aFaultOfTheEndpoint_isAFailureAndMadeOnce() {
    open(OPEN);
    fail(InMemoryPushes.Fault.ERROR);
    assertThat(pushes().push(OPEN, FRAME)).isInstanceOf(Pushes.Failed.class);
    assertThat(pushes().probe(OPEN)).isInstanceOf(Pushes.Unknown.class);
  }

  @Test
  void aConnectionToTheEndpointThatBreaks_isAFailureThoughTheFrameArrived() {
    open(OPEN);
    fail(InMemoryPushes.Fault.RESET);
    assertThat(pushes().push(OPEN, FRAME)).isInstanceOf(Pushes.Failed.class);
    assertThat(framesOf(OPEN)).as("and is not sent again here").containsExactly(FRAME);
  }

  @Test
  void noAnswerInTime_isAFailure() {
    open(OPEN);
    fail(InMemoryPushes.Fault.NEVER);
    assertThat(pushes().push(OPEN, FRAME)).isInstanceOf(Pushes.Failed.class);
    assertThat(framesOf(OPEN)).isEmpty();
  }

  @Test
  void afterAFault_itGoesOn() {
    open(OPEN);
    fail(InMemoryPushes.Fault.RESET);
    pushes().push(OPEN, FRAME);
    fail(InMemoryPushes.Fault.NONE);
    assertThat(pushes().push(OPEN, NEXT)).isEqualTo(new Pushes.Delivered());
    assertThat(framesOf(OPEN)).endsWith(NEXT);
  }
}
