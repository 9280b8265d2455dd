package dev.confab.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.events.ErrorCode;
import dev.confab.events.ServerFrame;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What happens to a frame before its action, and to those that have none. */
class FramesTest {
  private static final String CHATS = "{\"action\":\"chats\",\"requestId\":\"r1\"}";

  private final Backend backend = new Backend();

  private static void assertFailed(@Nullable ServerFrame answer, ErrorCode code) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            ServerFrame.Failed.class, failed -> assertThat(failed.code()).isEqualTo(code));
  }

  static Stream<Arguments> hostileFrames() {
    String send = "{\"action\":\"sendMessage\",\"chatId\":\"lobby\",\"clientMessageId\":\"c\",";
    return Stream.of(
        Arguments.of(ErrorCode.INVALID_FRAME, ""),
        Arguments.of(ErrorCode.INVALID_FRAME, " "),
        Arguments.of(ErrorCode.INVALID_FRAME, "hello"),
        Arguments.of(ErrorCode.INVALID_FRAME, "null"),
        Arguments.of(ErrorCode.INVALID_FRAME, "17"),
        Arguments.of(ErrorCode.INVALID_FRAME, "\"chats\""),
        Arguments.of(ErrorCode.INVALID_FRAME, "[]"),
        Arguments.of(ErrorCode.INVALID_FRAME, "{"),
        Arguments.of(ErrorCode.INVALID_FRAME, "{\"action\":\"chats\"} x"),
        Arguments.of(ErrorCode.INVALID_FRAME, "{\"action\":\"chats\"}{\"action\":\"chats\"}"),
        Arguments.of(ErrorCode.INVALID_FRAME, "{\"action\":\"chats\",\"action\":\"history\"}"),
        Arguments.of(ErrorCode.INVALID_FRAME, "{\"action\":NaN}"),
        Arguments.of(ErrorCode.INVALID_FRAME, "{\"a\":" + "9".repeat(1000) + "}"),
        Arguments.of(ErrorCode.INVALID_FRAME, "{\"a\":".repeat(6000)),
        Arguments.of(ErrorCode.INVALID_FRAME, "[".repeat(31_000)),
        Arguments.of(
            ErrorCode.INVALID_FRAME,
            "{\"action\":\"chats\",\"x\":" + "[".repeat(17) + "]".repeat(17) + "}"),
        Arguments.of(ErrorCode.INVALID_FRAME, "{\"x\":\"" + "y".repeat(32_000) + "\"}"),
        Arguments.of(ErrorCode.INVALID_FRAME, "{\"" + "x".repeat(2000) + "\":1}"),
        Arguments.of(ErrorCode.INVALID_FRAME, send + "\"text\":\"\ud800\"}"),
        Arguments.of(ErrorCode.INVALID_FRAME, "{\"action\":\"chats\",\"x\":\"\u0000\"}"),
        Arguments.of(ErrorCode.INVALID_FIELD, "{}"),
        Arguments.of(ErrorCode.INVALID_FIELD, "{\"action\":null}"),
        Arguments.of(ErrorCode.INVALID_FIELD, "{\"action\":17}"),
        Arguments.of(ErrorCode.INVALID_FIELD, "{\"action\":{\"action\":\"chats\"}}"),
        Arguments.of(ErrorCode.INVALID_FIELD, "{\"action\":\"chats\",\"requestId\":7}"),
        Arguments.of(ErrorCode.INVALID_FIELD, "{\"action\":\"chats\",\"requestId\":\"\"}"),
        Arguments.of(ErrorCode.INVALID_FIELD, "{\"action\":\"chats\",\"limit\":0}"),
        Arguments.of(ErrorCode.INVALID_FIELD, "{\"action\":\"chats\",\"limit\":101}"),
        Arguments.of(ErrorCode.INVALID_FIELD, "{\"action\":\"chats\",\"limit\":1e2}"),
        Arguments.of(
            ErrorCode.INVALID_FIELD, "{\"action\":\"chats\",\"limit\":99999999999999999999}"),
        Arguments.of(ErrorCode.INVALID_FIELD, "{\"action\":\"join\",\"chatId\":\"a#MEMBER#b\"}"),
        Arguments.of(ErrorCode.INVALID_FIELD, "{\"action\":\"join\",\"chatId\":\"\"}"),
        Arguments.of(ErrorCode.INVALID_FIELD, "{\"action\":\"join\",\"chatId\":[\"lobby\"]}"),
        Arguments.of(ErrorCode.INVALID_FIELD, send + "\"text\":\"\"}"),
        Arguments.of(ErrorCode.INVALID_FIELD, send + "\"text\":\"\\ud800\"}"),
        Arguments.of(ErrorCode.INVALID_FIELD, send + "\"text\":\"\\u0000\"}"),
        Arguments.of(ErrorCode.INVALID_FIELD, send + "\"text\":\"" + "x".repeat(16_385) + "\"}"),
        Arguments.of(ErrorCode.INVALID_FIELD, send + "\"text\":\"x\",\"resend\":\"yes\"}"),
        Arguments.of(ErrorCode.INVALID_FIELD, "{\"action\":\"subscribe\",\"chatIds\":[]}"),
        Arguments.of(ErrorCode.INVALID_FIELD, "{\"action\":\"subscribe\",\"chatIds\":[null]}"),
        Arguments.of(ErrorCode.INVALID_FIELD, "{\"action\":\"sync\",\"cursors\":{}}"),
        Arguments.of(
            ErrorCode.INVALID_FIELD, "{\"action\":\"sync\",\"cursors\":{\"#\":\"START\"}}"),
        Arguments.of(ErrorCode.INVALID_FIELD, "{\"action\":\"sync\",\"cursors\":{\"a\":null}}"),
        Arguments.of(
            ErrorCode.INVALID_FIELD, "{\"action\":\"history\",\"chatId\":\"a\",\"after\":\"999\"}"),
        Arguments.of(
            ErrorCode.INVALID_FIELD,
            "{\"action\":\"history\",\"chatId\":\"a\",\"before\":\"START\"}"),
        Arguments.of(ErrorCode.INVALID_FIELD, "{\"action\":\"myMessages\",\"before\":\"_\"}"),
        Arguments.of(ErrorCode.UNKNOWN_ACTION, "{\"action\":\"\"}"),
        Arguments.of(ErrorCode.UNKNOWN_ACTION, "{\"action\":\"SENDMESSAGE\"}"),
        Arguments.of(ErrorCode.UNKNOWN_ACTION, "{\"action\":\"$connect\"}"));
  }

  @ParameterizedTest
  @MethodSource("hostileFrames")
  void hostileFrame_getsADocumentedCode(ErrorCode code, String body) {
    backend.chat("lobby", "open", "ana");
    backend.context.log.clear();

    assertFailed(backend.ask("ana", body), code);
    assertThat(backend.context.log).isEmpty();
    assertThat(backend.stream.calls).isEmpty();
  }

  @Test
  void randomlyBrokenFrames_getADocumentedCode_neverInternal() {
    SplittableRandom random = new SplittableRandom(42);
    backend.chat("lobby", "open", "ana");
    String good =
        "{\"action\":\"sendMessage\",\"requestId\":\"r\",\"chatId\":\"lobby\","
            + "\"clientMessageId\":\"c\",\"text\":\"a \\u00f1 \\ud83c\\udf0a\",\"resend\":true}";
    Set<ErrorCode> seen = EnumSet.noneOf(ErrorCode.class);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder broken = new StringBuilder(good);
      for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
        int at = random.nextInt(broken.length());
        switch (random.nextInt(3)) {
          case 0 -> broken.deleteCharAt(at);
          case 1 -> broken.setCharAt(at, (char) random.nextInt(0x80));
          default -> broken.insert(at, (char) random.nextInt(Character.MAX_VALUE));
        }
      }
      if (backend.ask("ana", broken.toString()) instanceof ServerFrame.Failed failed) {
        seen.add(failed.code());
      }
      backend.clock.advance(Duration.ofMillis(1));
    }
    assertThat(seen)
        .containsExactlyInAnyOrder(
            ErrorCode.INVALID_FRAME,
            ErrorCode.INVALID_FIELD,
            ErrorCode.UNKNOWN_ACTION,
            ErrorCode.CHAT_NOT_FOUND);
  }

  @Test
  void frameThatIsNoText_isInvalid() {
    var event = Backend.event("MESSAGE", "ana");
    assertFailed(Backend.frameOf(backend.answer(event)), ErrorCode.INVALID_FRAME);
    event.setIsBase64Encoded(true);
    event.setBody(Base64.getEncoder().encodeToString(new byte[] {(byte) 0xff}));
    assertFailed(Backend.frameOf(backend.answer(event)), ErrorCode.INVALID_FRAME);
    event.setBody(Base64.getEncoder().encodeToString(CHATS.getBytes(UTF_8)));
    assertThat(Backend.frameOf(backend.answer(event))).isInstanceOf(ServerFrame.Chats.class);
  }

  @Test
  void expiredToken_answersEveryFrame() {
    backend.clock.advance(Duration.between(Backend.NOW, Backend.TOKEN_EXPIRES_AT).minusMillis(1));
    assertThat(backend.ask("ana", CHATS)).isInstanceOf(ServerFrame.Chats.class);

    backend.clock.advance(Duration.ofMillis(1));
    for (String body :
        List.of(
            CHATS,
            "{\"action\":\"none\",\"requestId\":\"r1\"}",
            "garbage",
            "{\"action\":\"join\",\"requestId\":\"r1\",\"chatId\":\"lobby\"}")) {
      ServerFrame answer = backend.ask("ana", body);
      assertFailed(answer, ErrorCode.TOKEN_EXPIRED);
      assertThat(answer).asString().contains(body.equals("garbage") ? "=null" : "requestId=r1");
    }
  }

  @Test
  void userWhoSendsTooMuch_isToldSo_andOthersAreNot() {
    Backend slow = new Backend(10, 5);
    for (int i = 0; i < 5; i++) {
      assertThat(slow.ask("ana", CHATS)).isInstanceOf(ServerFrame.Chats.class);
    }
    assertFailed(slow.ask("ana", CHATS), ErrorCode.RATE_LIMITED);
    assertFailed(slow.ask("ana", "garbage"), ErrorCode.RATE_LIMITED);
    assertThat(slow.ask("bob", CHATS)).isInstanceOf(ServerFrame.Chats.class);

    slow.clock.advance(Duration.ofMillis(100));
    assertThat(slow.ask("ana", CHATS)).isInstanceOf(ServerFrame.Chats.class);
    assertFailed(slow.ask("ana", CHATS), ErrorCode.RATE_LIMITED);
  }

  @Test
  void subscribe_costsOneToken_howeverManyChats() {
    Backend slow = new Backend(1, 2);
    slow.chat("lobby", "open", "ana");
    assertThat(slow.ask("ana", "{\"action\":\"subscribe\",\"chatIds\":[\"lobby\",\"b\",\"c\"]}"))
        .isInstanceOf(ServerFrame.SubscribeAccepted.class);
  }

  @Test
  void faultOfOurs_isToldWithoutDetails_andLoggedWithoutText() {
    for (Throwable bug :
        List.of(
            new IllegalStateException("bug: secret text"),
            new StackOverflowError("secret text"),
            new NoClassDefFoundError("secret text"))) {
      backend.bug = bug;
      ServerFrame answer = backend.ask("ana", CHATS);
      assertThat(answer)
          .isEqualTo(
              new ServerFrame.Failed(
                  "r1",
                  ErrorCode.INTERNAL,
                  "a fault of ours, logged as " + FakeContext.REQUEST_ID,
                  null));
      assertThat(backend.context.log)
          .last()
          .asString()
          .contains(
              "\"level\":\"ERROR\"",
              "\"event\":\"internal\"",
              "\"action\":\"chats\"",
              "\"clientRequestId\":\"r1\"",
              bug.getClass().getName(),
              "dev.confab.ingest.ChatActions")
          .doesNotContain("secret");
    }
  }

  @Test
  void outOfMemory_endsTheEnvironment() {
    backend.bug = new OutOfMemoryError();
    assertThatThrownBy(() -> backend.ask("ana", CHATS)).isInstanceOf(OutOfMemoryError.class);
  }
}
