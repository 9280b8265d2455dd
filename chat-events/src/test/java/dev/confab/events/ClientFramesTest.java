package dev.confab.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientFramesTest {

  private static ClientFrame valid(String text) {
    return ((ClientFrames.Valid) ClientFrames.parse(text)).frame();
  }

  private static ClientFrames.Invalid invalid(String text) {
    return (ClientFrames.Invalid) ClientFrames.parse(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hi",
        "[]",
        "{",
        "{\"action\":\"join\"} x",
        "{\"action\":\"join\",\"action\":\"leave\"}",
        "{\"action\":\"join\",\"chatId\":\"\uD800\"}"
      })
  void whatIsNoStrictObject_isAnInvalidFrame(String text) {
    assertThat(invalid(text).code()).isEqualTo(ErrorCode.INVALID_FRAME);
    assertThat(invalid(text).requestId()).isNull();
  }

  @Test
  void aRawLoneSurrogate_isRefused_andNotReadAsAQuestionMark() {
    String frame =
        "{\"action\":\"sendMessage\",\"chatId\":\"lobby\",\"clientMessageId\":\"c\",\"text\":\"\uD800\"}";

    assertThat(invalid(frame))
        .isEqualTo(
            new ClientFrames.Invalid(
                ErrorCode.INVALID_FRAME, "the frame is not well-formed Unicode", null));
  }

  @Test
  void anEscapedLoneSurrogate_isRefused() {
    assertThat(
            invalid(
                "{\"action\":\"sendMessage\",\"requestId\":\"r\",\"chatId\":\"lobby\","
                    + "\"clientMessageId\":\"c\",\"text\":\"\\ud800\"}"))
        .isEqualTo(
            new ClientFrames.Invalid(
                ErrorCode.INVALID_FIELD, "text is not well-formed Unicode", "r"));
  }

  @Test
  void anUnknownAction_echoesTheRequestId() {
    assertThat(invalid("{\"action\":\"dance\",\"requestId\":\"r-1\"}"))
        .isEqualTo(
            new ClientFrames.Invalid(ErrorCode.UNKNOWN_ACTION, "there is no such action", "r-1"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "{\"requestId\":\"r\"} ~ action is missing",
        "{\"action\":7,\"requestId\":\"r\"} ~ action must be a string",
        "{\"action\":\"join\",\"requestId\":\"r\"} ~ chatId is missing",
        "{\"action\":\"join\",\"requestId\":\"r\",\"chatId\":\"a b\"} ~ chatId: chatId has a character that is not allowed at 1",
        "{\"action\":\"createChat\",\"requestId\":\"r\",\"chatId\":\"a\"} ~ access is missing",
        "{\"action\":\"createChat\",\"requestId\":\"r\",\"chatId\":\"a\",\"access\":\"Open\"} ~ access: must be open or members",
        "{\"action\":\"createChat\",\"requestId\":\"r\",\"chatId\":\"a\",\"access\":\"open\",\"title\":\"\"} ~ title must not be empty",
        "{\"action\":\"members\",\"requestId\":\"r\",\"chatId\":\"a\",\"limit\":0} ~ limit must be 1 to 100",
        "{\"action\":\"members\",\"requestId\":\"r\",\"chatId\":\"a\",\"limit\":101} ~ limit must be 1 to 100",
        "{\"action\":\"members\",\"requestId\":\"r\",\"chatId\":\"a\",\"limit\":4294967297} ~ limit must be 1 to 100",
        "{\"action\":\"history\",\"requestId\":\"r\",\"chatId\":\"a\",\"after\":\"START\",\"before\":\"0011-00000000\"} ~ give after or before, not both",
        "{\"action\":\"history\",\"requestId\":\"r\",\"chatId\":\"a\",\"before\":\"START\"} ~ before: not a position of this stream",
        "{\"action\":\"subscribe\",\"requestId\":\"r\"} ~ chatIds is missing",
        "{\"action\":\"subscribe\",\"requestId\":\"r\",\"all\":false} ~ chatIds is missing",
        "{\"action\":\"subscribe\",\"requestId\":\"r\",\"chatIds\":[]} ~ chatIds is empty; to subscribe to every chat, give all",
        "{\"action\":\"subscribe\",\"requestId\":\"r\",\"all\":true,\"chatIds\":[\"a\"]} ~ give all or chatIds, not both",
        "{\"action\":\"sync\",\"requestId\":\"r\"} ~ cursors is missing",
        "{\"action\":\"sync\",\"requestId\":\"r\",\"cursors\":{}} ~ cursors must hold 1 to 50 entries",
        "{\"action\":\"sync\",\"requestId\":\"r\",\"cursors\":{\"a#\":\"START\"}} ~ cursors: chatId has a character that is not allowed at 1",
        "{\"action\":\"sync\",\"requestId\":\"r\",\"cursors\":{\"a\":null}} ~ a is missing"
      })
  void aBadField_isNamed(String frame, String message) {
    assertThat(invalid(frame))
        .isEqualTo(new ClientFrames.Invalid(ErrorCode.INVALID_FIELD, message, "r"));
  }

  @Test
  void aBadRequestId_isNotEchoed() {
    for (String id : List.of("7", "\"\"", "\"" + "r".repeat(65) + '"', "\"a\\u0000\"", "{}")) {
      ClientFrames.Invalid invalid = invalid("{\"action\":\"dance\",\"requestId\":" + id + "}");

      assertThat(invalid.code()).isEqualTo(ErrorCode.INVALID_FIELD);
      assertThat(invalid.requestId()).isNull();
    }
    assertThat(valid("{\"action\":\"chats\",\"requestId\":null}").requestId()).isNull();
  }

  @Test
  void aFrame_isLimitedTo32000Bytes() {
    String frame = "{\"action\":\"chats\",\"limit\":50,\"pad\":\"\"}";
    int room = ClientFrame.MAX_FRAME_BYTES - frame.length();

    assertThat(valid(frame.replace("\"\"", '"' + "x".repeat(room) + '"')))
        .isEqualTo(new ClientFrame.Chats(null, null, 50));
    assertThat(invalid(frame.replace("\"\"", '"' + "x".repeat(room + 1) + '"')))
        .isEqualTo(
            new ClientFrames.Invalid(
                ErrorCode.INVALID_FRAME, "the frame is larger than 32000 bytes", null));
  }

  @Test
  void aTextOf16KiB_fitsAFrame_unlessMostOfItNeedsEscapes() {
    String quotes = "\"".repeat(ChatEvent.MessageSent.MAX_TEXT_BYTES);
    String letters = "é".repeat(ChatEvent.MessageSent.MAX_TEXT_BYTES / 2);

    assertThat(ClientFrames.parse(ClientFrames.encode(send(letters))))
        .isEqualTo(new ClientFrames.Valid(send(letters)));
    assertThat(invalid(ClientFrames.encode(send(quotes))).code())
        .isEqualTo(ErrorCode.INVALID_FRAME);
  }

  private static ClientFrame send(String text) {
    return new ClientFrame.SendMessage(null, Samples.LOBBY, Samples.C17, text, false);
  }

  @Test
  void whatAClientMayLeaveOut_hasADefault() {
    assertThat(valid("{\"action\":\"history\",\"chatId\":\"lobby\"}"))
        .isEqualTo(new ClientFrame.History(null, Samples.LOBBY, null, null, 50));
    assertThat(valid("{\"action\":\"chats\"}")).isEqualTo(new ClientFrame.Chats(null, null, 50));
  }

  @Test
  void chatsNamedTwice_areSubscribedOnce_andAtMost200() {
    assertThat(valid("{\"action\":\"subscribe\",\"chatIds\":[\"b\",\"a\",\"b\"]}"))
        .isEqualTo(new ClientFrame.Subscribe(null, List.of(new ChatId("b"), new ChatId("a"))));
    assertThat(ClientFrames.parse(subscribe(200))).isInstanceOf(ClientFrames.Valid.class);
    assertThat(invalid(subscribe(201)).message())
        .isEqualTo("chatIds must hold at most 200 entries");
  }

  private static String subscribe(int chats) {
    return IntStream.range(0, chats)
        .mapToObj(i -> "\"chat-" + i + '"')
        .collect(Collectors.joining(",", "{\"action\":\"subscribe\",\"chatIds\":[", "]}"));
  }

  @Test
  void sync_isLimitedTo50Chats() {
    assertThat(ClientFrames.parse(sync(50))).isInstanceOf(ClientFrames.Valid.class);
    assertThat(invalid(sync(51)).code()).isEqualTo(ErrorCode.INVALID_FIELD);
  }

  private static String sync(int chats) {
    return IntStream.range(0, chats)
        .mapToObj(i -> "\"chat-" + i + "\":\"START\"")
        .collect(Collectors.joining(",", "{\"action\":\"sync\",\"cursors\":{", "}}"));
  }

  @Test
  void everyAction_isAlphanumeric_sinceItNamesARoute() {
    for (ClientFrame frame : Samples.clientFrames().values()) {
      assertThat(ClientFrames.actionOf(frame)).matches("[a-zA-Z0-9]+");
    }
  }

  @Test
  void limits_holdInTheRecordsToo() {
    assertThatIllegalArgumentException().isThrownBy(() -> new ClientFrame.Chats(null, null, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new ClientFrame.History(null, Samples.LOBBY, Cursor.start(), Samples.FIRST, 1));
  }
}
