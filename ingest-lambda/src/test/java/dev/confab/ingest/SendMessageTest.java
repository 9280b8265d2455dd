package dev.confab.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.ChatEvent;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientMessageId;
import dev.confab.events.ErrorCode;
import dev.confab.events.Position;
import dev.confab.events.Role;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.table.Faults;
import dev.confab.table.TableCall;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SendMessageTest {
  private static final ChatId LOBBY = new ChatId("lobby");
  private static final UserId BOB = new UserId("bob");
  private static final String SECRET = "the text of a message";

  private final Backend backend = new Backend();

  @BeforeEach
  void chat() {
    backend.chat("lobby", "members", "ana", "bob");
    backend.tableCalls.clear();
  }

  @AfterEach
  void textIsNeverLogged() {
    assertThat(backend.context.log)
        .allSatisfy(
            line ->
                assertThat(line)
                    .doesNotContain(SECRET)
                    .contains("\"requestId\":\"")
                    .endsWith("}\n"));
  }

  private @Nullable ServerFrame send(String user, boolean resend) {
    return backend.ask(
        user,
        new ClientFrame.SendMessage("r1", LOBBY, new ClientMessageId("c-17"), SECRET, resend));
  }

  private @Nullable ServerFrame send(String user) {
    return send(user, false);
  }

  private static ChatEvent.MessageSent onStream(boolean resend, @Nullable String traceId) {
    return new ChatEvent.MessageSent(
        LOBBY, BOB, new ClientMessageId("c-17"), SECRET, resend, Backend.NOW, traceId);
  }

  private static void assertFailed(@Nullable ServerFrame answer, ErrorCode code) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            ServerFrame.Failed.class,
            failed -> {
              assertThat(failed.code()).isEqualTo(code);
              assertThat(failed.requestId()).isEqualTo("r1");
            });
  }

  @Test
  void membersMessage_isOnTheStream() {
    backend.context.traceHeader =
        "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1";

    assertThat(send("bob"))
        .isEqualTo(
            new ServerFrame.Sent(
                "r1", LOBBY, new ClientMessageId("c-17"), Position.of("1000001", 0)));
    assertThat(backend.stream.events)
        .containsExactly(onStream(false, "1-67891233-abcdef012345678912345678"));
  }

  @Test
  void clientsResend_isMarked() {
    send("bob", true);
    assertThat(backend.stream.events).containsExactly(onStream(true, null));
  }

  /** An older runtime tells it so. */
  @Test
  void traceInTheSystemProperty_ridesAlongToo() {
    System.setProperty(
        "com.amazonaws.xray.traceHeader",
        "Self=1-00000000-000000000000000000000000;Root=1-67891233-abcdef012345678912345678");
    try {
      send("bob");
    } finally {
      System.clearProperty("com.amazonaws.xray.traceHeader");
    }
    assertThat(backend.stream.events)
        .containsExactly(onStream(false, "1-67891233-abcdef012345678912345678"));
  }

  @Test
  void traceThatIsNone_isLeftOut() {
    for (String header :
        List.of("", "Root=1-6789-ab", "Self=1-67891233-abcdef012345678912345678")) {
      backend.context.traceHeader = header;
      send("bob");
    }
    assertThat(backend.stream.events).containsOnly(onStream(false, null));
  }

  @Test
  void throttledStream_isTriedAgain_markedAsResend() {
    backend.stream.faults.add(InMemoryStream.Fault.NOT_TAKEN);

    assertThat(send("bob")).isInstanceOf(ServerFrame.Sent.class);
    assertThat(backend.stream.events).containsExactly(onStream(true, null));
    assertThat(backend.stream.calls).containsExactly(1, 1);
    assertThat(backend.pauses)
        .singleElement()
        .satisfies(pause -> assertThat(pause).isBetween(Duration.ZERO, Retries.BASE_DELAY));
  }

  @Test
  void unansweredPut_isTriedAgain_andTheSecondCopySaysSo() {
    backend.stream.faults.add(InMemoryStream.Fault.TAKEN_UNANSWERED);

    assertThat(send("bob"))
        .isInstanceOfSatisfying(
            ServerFrame.Sent.class,
            sent -> assertThat(sent.position()).isEqualTo(Position.of("1000002", 0)));
    assertThat(backend.stream.events).containsExactly(onStream(false, null), onStream(true, null));
  }

  @Test
  void streamThatStaysAway_isUnavailable() {
    backend.stream.failAlways(InMemoryStream.Fault.NOT_TAKEN);

    assertFailed(send("bob"), ErrorCode.UNAVAILABLE);
    assertThat(backend.stream.calls).hasSize(Retries.MAX_ATTEMPTS);
    assertThat(backend.context.log)
        .singleElement()
        .asString()
        .contains("\"event\":\"unavailable\"", "ProvisionedThroughputExceededException", "\"r1\"");
  }

  @Test
  void lambdaThatHasNoTimeLeft_doesNotTryAgain() {
    backend.stream.failAlways(InMemoryStream.Fault.NOT_TAKEN);
    backend.context.remainingMillis = 3_400; // less than one more attempt and the margin

    assertFailed(send("bob"), ErrorCode.UNAVAILABLE);
    assertThat(backend.stream.calls).hasSize(1);
    assertThat(backend.pauses).isEmpty();
  }

  @Test
  void whoIsNoMember_isToldAsIfThereWereNoChat() {
    ServerFrame notMine = send("eve");
    ServerFrame absent =
        backend.ask(
            "eve",
            new ClientFrame.SendMessage(
                "r1", new ChatId("nowhere"), new ClientMessageId("c-17"), SECRET, false));

    assertFailed(notMine, ErrorCode.CHAT_NOT_FOUND);
    assertThat(String.valueOf(notMine).replace("lobby", "nowhere"))
        .isEqualTo(String.valueOf(absent));
    assertThat(backend.stream.calls).isEmpty();
  }

  @Test
  void membership_isRememberedForHalfAMinute() {
    for (int i = 0; i < 10; i++) {
      send("bob");
    }
    assertThat(memberReads()).isEqualTo(1);

    backend.clock.advance(SendMessage.MEMBERSHIP_FOR.minusMillis(1));
    send("bob");
    assertThat(memberReads()).isEqualTo(1);
    backend.clock.advance(Duration.ofMillis(1));
    send("bob");
    assertThat(memberReads()).isEqualTo(2);
  }

  @Test
  void removedUser_mayWriteForHalfAMinute_andNoLonger() {
    send("bob");
    backend.table.members().remove(LOBBY, BOB, new UserId("ana"));

    assertThat(send("bob")).isInstanceOf(ServerFrame.Sent.class);
    backend.clock.advance(SendMessage.MEMBERSHIP_FOR);
    assertFailed(send("bob"), ErrorCode.CHAT_NOT_FOUND);
  }

  @Test
  void notBeingAMember_isNeverRemembered() {
    assertFailed(send("eve"), ErrorCode.CHAT_NOT_FOUND);
    assertFailed(send("eve"), ErrorCode.CHAT_NOT_FOUND);
    assertThat(memberReads()).isEqualTo(2);
    backend.table.members().add(LOBBY, new UserId("eve"), Role.MEMBER);
    assertThat(send("eve")).isInstanceOf(ServerFrame.Sent.class);
  }

  @Test
  void tableThatStaysAway_isUnavailable_andNothingIsPut() {
    backend.tableFaults.put(TableCall.MEMBERS_READ, Faults.Fault.NOT_DONE);

    assertFailed(send("bob"), ErrorCode.UNAVAILABLE);
    assertThat(backend.stream.calls).isEmpty();
  }

  private int memberReads() {
    return Collections.frequency(backend.tableCalls, TableCall.MEMBERS_READ);
  }
}
