package dev.confab.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatEventsTest {
  private static final String MESSAGE =
      new String(ChatEvents.encode(Samples.message()), StandardCharsets.UTF_8);
  private static final Decoded.MessageClaim FULL_CLAIM =
      new Decoded.MessageClaim(Samples.LOBBY, Samples.ANA, Samples.C17);

  private static Decoded decode(String json) {
    return ChatEvents.decode("lobby", json.getBytes(StandardCharsets.UTF_8));
  }

  private static String with(String field, String otherwise) {
    assertThat(MESSAGE).contains(field);
    return MESSAGE.replace(field, otherwise);
  }

  private static Decoded.Malformed malformed(String json) {
    return (Decoded.Malformed) decode(json);
  }

  @Test
  void fieldsOfANewerProducer_areIgnored() {
    String newer = with("\"v\":1,", "\"v\":1,\"mood\":{\"happy\":[1,2.5,null]},");

    assertThat(decode(newer)).isEqualTo(new Decoded.Event(Samples.message()));
  }

  @Test
  void whatAProducerMayLeaveOut_hasADefault() {
    String short_ =
        with(",\"resend\":false", "").replace(",\"traceId\":\"" + Samples.TRACE + '"', "");

    assertThat(decode(short_))
        .isEqualTo(
            new Decoded.Event(
                new ChatEvent.MessageSent(
                    Samples.LOBBY, Samples.ANA, Samples.C17, "hello", false, Samples.TIME, null)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "hello", "null"})
  void whatIsNotAnObject_isMalformed_andClaimsNothing(String data) {
    assertThat(malformed(data).message()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"v\":2",
        "\"v\":0",
        "\"v\":\"1\"",
        "\"v\":1.0",
        "\"v\":null",
        "\"w\":1",
        "\"v\":18446744073709551617"
      })
  void anotherVersion_isMalformed_andClaimsItsMessage(String version) {
    assertThat(malformed(with("\"v\":1", version)).message()).isEqualTo(FULL_CLAIM);
  }

  @Test
  void anUnknownType_isNotMalformed() {
    assertThat(decode("{\"v\":1,\"type\":\"poll\",\"chatId\":\"lobby\"}"))
        .isEqualTo(new Decoded.UnknownType("poll"));
    assertThat(decode("{\"v\":1,\"type\":\"Message\",\"chatId\":\"lobby\"}"))
        .isEqualTo(new Decoded.UnknownType("Message"));
  }

  @Test
  void anUnknownType_ofAnotherVersionOrChat_isMalformed() {
    assertThat(decode("{\"v\":2,\"type\":\"poll\",\"chatId\":\"lobby\"}"))
        .isInstanceOf(Decoded.Malformed.class);
    assertThat(decode("{\"v\":1,\"type\":\"poll\",\"chatId\":\"other\"}"))
        .isInstanceOf(Decoded.Malformed.class);
    assertThat(decode("{\"v\":1,\"type\":\"poll\"}")).isInstanceOf(Decoded.Malformed.class);
    assertThat(decode("{\"v\":1,\"chatId\":\"lobby\"}")).isInstanceOf(Decoded.Malformed.class);
    assertThat(decode("{\"v\":1,\"type\":7,\"chatId\":\"lobby\"}"))
        .isInstanceOf(Decoded.Malformed.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"other", "LOBBY", "lobby ", "", "lobby#"})
  void anotherPartitionKey_isMalformed_andClaimsNothing(String key) {
    Decoded decoded = ChatEvents.decode(key, ChatEvents.encode(Samples.message()));

    assertThat(decoded)
        .isEqualTo(new Decoded.Malformed("the partition key is not the chatId", null));
  }

  @Test
  void aClaim_keepsWhatIsValid() {
    assertClaim(with("\"hello\"", "\"\""), "ana", "c-17");
    assertClaim(with("\"ana\"", "\"a#b\""), null, "c-17");
    assertClaim(with("\"c-17\"", "17"), "ana", null);
    assertClaim("{\"v\":1,\"type\":\"message\",\"chatId\":\"lobby\"}", null, null);
    assertClaim("{\"type\":\"message\",\"chatId\":\"lobby\",\"senderId\":null}", null, null);
  }

  private static void assertClaim(String json, @Nullable String sender, @Nullable String id) {
    assertThat(malformed(json).message())
        .isEqualTo(
            new Decoded.MessageClaim(
                Samples.LOBBY,
                sender == null ? null : new UserId(sender),
                id == null ? null : new ClientMessageId(id)));
  }

  @Test
  void whatDoesNotSayItIsAMessageOfThisChat_claimsNothing() {
    assertThat(malformed(with("\"message\"", "7").replace("\"v\":1", "\"v\":2")).message())
        .isNull();
    assertThat(malformed(with("\"v\":1", "\"v\":2").replace("\"lobby\"", "\"other\"")).message())
        .isNull();
    assertThat(malformed(with("\"v\":1", "\"v\":2").replace("\"lobby\"", "\"lob#by\"")).message())
        .isNull();
    assertThat(malformed("{\"v\":1,\"type\":\"repaired\",\"chatId\":\"lobby\"}").message())
        .isNull();
    assertThat(malformed(MESSAGE + "x").message()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "\"hello\" ~ \"\" ~ text must not be empty",
        "\"hello\" ~ null ~ text is missing",
        "\"hello\" ~ 5 ~ text must be a string",
        "\"hello\" ~ \"a\\u0000b\" ~ text has a control character at 1",
        "\"hello\" ~ \"a\\r\\n\" ~ text has a control character at 1",
        "\"hello\" ~ \"\\ud800\" ~ text is not well-formed Unicode",
        "\"hello\" ~ \"\\udc4b\\ud83d\" ~ text is not well-formed Unicode",
        "\"ana\" ~ \"\\ud800\" ~ senderId is not well-formed Unicode",
        "\"c-17\" ~ \"a/b\" ~ clientMessageId: clientMessageId has a character that is not allowed at 1",
        "\"resend\":false ~ \"resend\":\"false\" ~ resend must be true or false",
        "1-67891233-abcdef012345678912345678 ~ \\ud800 ~ traceId is not well-formed Unicode",
        "1-67891233-abcdef012345678912345678 ~ \\u0007 ~ traceId has a control character at 0",
        ".123Z ~ Z ~ sentAt: a time must look like 2026-11-24T02:04:05.123Z, with three fraction digits"
      })
  void aBadField_isNamed(String field, String otherwise, String reason) {
    assertThat(decode(with(field, otherwise)))
        .isInstanceOfSatisfying(
            Decoded.Malformed.class,
            malformed -> {
              assertThat(malformed.reason()).isEqualTo(reason);
              assertThat(malformed.message()).isNotNull();
            });
  }

  @Test
  void duplicateKeys_areMalformed() {
    assertThat(decode(with("\"v\":1", "\"v\":1,\"chatId\":\"other\"")))
        .isInstanceOf(Decoded.Malformed.class);
  }

  @Test
  void bytesThatAreNotUtf8_areMalformed() {
    byte[] latin1 = with("hello", "h\u00e9llo").getBytes(StandardCharsets.ISO_8859_1);

    assertThat(ChatEvents.decode("lobby", latin1))
        .isEqualTo(new Decoded.Malformed("not well-formed UTF-8", null));
  }

  @Test
  void text_isLimitedTo16KiBOfUtf8() {
    int max = ChatEvent.MessageSent.MAX_TEXT_BYTES;

    assertThat(decode(with("hello", "\u00e9".repeat(max / 2)))).isInstanceOf(Decoded.Event.class);
    assertThat(malformed(with("hello", "\u00e9".repeat(max / 2) + "a")))
        .isEqualTo(
            new Decoded.Malformed("text has more than " + max + " bytes of UTF-8", FULL_CLAIM));
  }

  @Test
  void anEvent_isLimitedTo128KiB_andClaimsItsMessageBeyond() {
    String padded = with("\"v\":1", "\"v\":1,\"pad\":\"\"");
    int room = ChatEvent.MAX_EVENT_BYTES - padded.length();

    assertThat(decode(padded.replace("\"pad\":\"\"", "\"pad\":\"" + "x".repeat(room) + '"')))
        .isEqualTo(new Decoded.Event(Samples.message()));
    assertThat(decode(padded.replace("\"pad\":\"\"", "\"pad\":\"" + "x".repeat(room + 1) + '"')))
        .isEqualTo(new Decoded.Malformed("larger than 131072 bytes", FULL_CLAIM));
    assertThat(malformed("{\"pad\":\"" + "x".repeat(1024 * 1024) + "\"}").message()).isNull();
  }

  @Test
  void aReplay_carriesTheLargestEvent_andNoLargerOne() {
    byte[] largest = new byte[ChatEvent.MAX_EVENT_BYTES];
    ChatEvent replay =
        new ChatEvent.Replay(
            new ChatId("c".repeat(64)),
            Position.of("9".repeat(129), 99_999_999),
            Integer.MAX_VALUE,
            Bytes.of(largest));

    assertThat(ChatEvents.decode("c".repeat(64), ChatEvents.encode(replay)))
        .isEqualTo(new Decoded.Event(replay));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new ChatEvent.Replay(
                    Samples.LOBBY,
                    Samples.FIRST,
                    1,
                    Bytes.of(new byte[ChatEvent.MAX_EVENT_BYTES + 1])));
  }

  @Test
  void theLargestPushReplay_fitsAnEvent() {
    ChatEvent largest =
        new ChatEvent.PushReplay(
            new ChatId("c".repeat(64)),
            Collections.nCopies(
                ChatEvent.PushReplay.MAX_POSITIONS, Position.of("9".repeat(129), 99_999_999)),
            Collections.nCopies(
                ChatEvent.PushReplay.MAX_CONNECTIONS, new ConnectionId("A".repeat(128))),
            Integer.MAX_VALUE);

    assertThat(ChatEvents.encode(largest)).hasSizeLessThanOrEqualTo(ChatEvent.MAX_EVENT_BYTES);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new ChatEvent.PushReplay(Samples.LOBBY, List.of(), List.of(Samples.CONNECTION), 1));
  }

  @Test
  void theRequestIdOfASubscription_isLimited_sinceAFrameEchoesIt() {
    String json =
        new String(
            ChatEvents.encode(Samples.events().getOrDefault("subscribed", Samples.message())),
            StandardCharsets.UTF_8);

    assertThat(decode(json.replace("r-1", "r".repeat(64)))).isInstanceOf(Decoded.Event.class);
    assertThat(decode(json.replace("r-1", "r".repeat(65)))).isInstanceOf(Decoded.Malformed.class);
  }

  @Test
  void anyBytes_giveAnAnswer() {
    Random random = new Random(11);
    byte[] message = ChatEvents.encode(Samples.message());
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = message.clone();
      for (int flips = random.nextInt(1, 6); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      Decoded decoded = ChatEvents.decode("lobby", bytes);
      if (decoded instanceof Decoded.Event(ChatEvent event)) {
        assertThat(ChatEvents.decode("lobby", ChatEvents.encode(event))).isEqualTo(decoded);
      }
    }
  }
}
