package dev.confab.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class ServerFramesTest {

  @Test
  void fieldsOfANewerServer_areIgnored() throws Exception {
    for (ServerFrame frame : Samples.serverFrames().values()) {
      String newer = ServerFrames.encode(frame).replaceFirst("\\{", "{\"mood\":[{\"x\":null}],");

      assertThat(ServerFrames.parse(newer)).isEqualTo(frame);
    }
  }

  @Test
  void whatIsNoFrame_isRefused() {
    for (String text :
        List.of(
            "",
            "[]",
            "{}",
            "{\"type\":\"dance\"}",
            "{\"type\":\"messages\",\"chatId\":\"lobby\",\"messages\":[]}",
            "{\"type\":\"error\",\"code\":\"NO_SUCH_CODE\",\"message\":\"\",\"retryable\":true}")) {
      assertThatExceptionOfType(InvalidJsonException.class)
          .isThrownBy(() -> ServerFrames.parse(text));
    }
  }

  @Test
  void aDroppedResend_isNeverShown() {
    // Not a Shown: the compiler keeps markers out of frames, so that they need no form on the wire.
    assertThat(Entry.Shown.class.isAssignableFrom(Entry.Duplicate.class)).isFalse();
  }

  @Test
  void aMessagesFrame_holdsAtLeastOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ServerFrame.Messages(Samples.LOBBY, List.of(), false));
  }

  @Test
  void anError_saysWhetherTryingAgainHelps() {
    for (ErrorCode code : ErrorCode.values()) {
      assertThat(ServerFrames.encode(new ServerFrame.Failed(null, code, "why", null)))
          .isEqualTo(
              "{\"type\":\"error\",\"code\":\"%s\",\"message\":\"why\",\"retryable\":%s}"
                  .formatted(code, code.isRetryable()));
    }
  }
}
