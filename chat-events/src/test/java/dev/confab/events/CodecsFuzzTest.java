package dev.confab.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever anyone sends, every codec gives one of the answers that it documents, and what it
 * accepts it can write and read again. An exception that a codec does not document fails the test
 * by itself.
 */
class CodecsFuzzTest {
  private static final Path GOLDEN = Path.of("src", "test", "resources", "golden", "v1");

  /** What we word ourselves. A value of the input would sooner or later bring in something else. */
  private static final Pattern OUR_WORDS = Pattern.compile("[A-Za-z0-9 ,.:;()_-]{1,200}");

  static List<byte[]> clientFrames() throws IOException {
    return golden("client-frames");
  }

  static List<byte[]> serverFrames() throws IOException {
    return golden("server-frames");
  }

  static List<byte[]> events() throws IOException {
    return golden("events");
  }

  static List<byte[]> deadLetters() throws IOException {
    return golden("dead-letters");
  }

  static List<byte[]> everyJson() throws IOException {
    return Stream.of(clientFrames(), serverFrames(), events(), deadLetters())
        .flatMap(List::stream)
        .toList();
  }

  private static List<byte[]> golden(String folder) throws IOException {
    try (Stream<Path> files = Files.list(GOLDEN.resolve(folder))) {
      List<byte[]> contents = new ArrayList<>();
      for (Path file : files.sorted().toList()) {
        contents.add(Files.readAllBytes(file));
      }
      return contents;
    }
  }

  @MethodSource("clientFrames")
  @FuzzTest
  void clientFrame(byte[] input) {
    String text = HostileText.of(input);
    switch (ClientFrames.parse(text)) {
      case ClientFrames.Valid(ClientFrame frame) -> {
        String encoded = ClientFrames.encode(frame);
        assertThat(ClientFrames.parse(encoded)).isEqualTo(new ClientFrames.Valid(frame));
        assertThat(encoded.getBytes(UTF_8).length).isLessThanOrEqualTo(ClientFrame.MAX_FRAME_BYTES);
      }
      case ClientFrames.Invalid(ErrorCode code, String message, String requestId) -> {
        assertThat(code)
            .isIn(ErrorCode.INVALID_FRAME, ErrorCode.UNKNOWN_ACTION, ErrorCode.INVALID_FIELD);
        assertThat(message).matches(OUR_WORDS);
        if (requestId != null) {
          Texts.check("requestId", requestId, ClientFrame.MAX_REQUEST_ID_BYTES);
        }
      }
    }
  }

  @MethodSource("serverFrames")
  @FuzzTest
  void serverFrame(byte[] input) {
    ServerFrame frame;
    try {
      frame = ServerFrames.parse(HostileText.of(input));
    } catch (InvalidJsonException refused) {
      assertThat(refused.getMessage()).matches(OUR_WORDS);
      return;
    }
    assertThat(parsed(ServerFrames.encode(frame))).isEqualTo(frame);
  }

  private static ServerFrame parsed(String encoded) {
    try {
      return ServerFrames.parse(encoded);
    } catch (InvalidJsonException notReadAgain) {
      throw new AssertionError(encoded, notReadAgain);
    }
  }

  @MethodSource("events")
  @FuzzTest
  void streamRecord(byte[] data) {
    for (String partitionKey : Arrays.asList(chatIdIn(data), "lobby", "another", "")) {
      switch (ChatEvents.decode(partitionKey, data)) {
        case Decoded.Event(ChatEvent event) -> {
          assertThat(event.chatId().value()).isEqualTo(partitionKey);
          byte[] encoded = ChatEvents.encode(event);
          assertThat(ChatEvents.decode(partitionKey, encoded)).isEqualTo(new Decoded.Event(event));
        }
        case Decoded.UnknownType(String type) -> assertThat(type).isNotNull();
        case Decoded.Malformed(String reason, Decoded.MessageClaim claim) -> {
          assertThat(reason).matches(OUR_WORDS);
          if (claim != null) {
            assertThat(claim.chatId().value()).isEqualTo(partitionKey);
          }
        }
      }
    }
  }

  /** Most of the codec lies behind the check that it is the partition key. */
  private static String chatIdIn(byte[] data) {
    try {
      String chatId = JsonObject.parse(data, Integer.MAX_VALUE).optionalString("chatId");
      return chatId == null ? "" : chatId;
    } catch (InvalidJsonException none) {
      return "";
    }
  }

  @MethodSource("deadLetters")
  @FuzzTest
  void deadLetter(byte[] input) {
    String text = HostileText.of(input);
    DeadLetter letter;
    try {
      letter = DeadLetterCodec.fromJson(text);
    } catch (InvalidJsonException refused) {
      assertThat(refused.getMessage()).matches(OUR_WORDS);
      assertNoBody(text);
      return;
    }
    try {
      assertThat(DeadLetterCodec.fromJson(DeadLetterCodec.toJson(letter))).isEqualTo(letter);
      assertThat(DeadLetterCodec.decode(DeadLetterCodec.encode(letter))).isEqualTo(letter);
    } catch (InvalidJsonException notReadAgain) {
      throw new AssertionError(text, notReadAgain);
    }
  }

  private static void assertNoBody(String text) {
    try {
      DeadLetter letter = DeadLetterCodec.decode(text);
      assertThat(DeadLetterCodec.decode(DeadLetterCodec.encode(letter))).isEqualTo(letter);
    } catch (InvalidJsonException notBase64) {
      assertThat(notBase64.getMessage()).matches(OUR_WORDS);
    }
  }

  @MethodSource("everyJson")
  @FuzzTest
  void json(byte[] input) {
    JsonObject json;
    try {
      json = JsonObject.parse(input, ChatEvent.MAX_EVENT_BYTES);
    } catch (InvalidJsonException refused) {
      assertThat(refused.getMessage()).matches(OUR_WORDS);
      return;
    }
    for (String name : json.names()) {
      long answers =
          JSON_READERS.stream().filter(reader -> isAnswered(() -> reader.read(json, name))).count();
      // Most values are of one type; whole numbers are two, an empty list is a list of anything.
      assertThat(answers).isBetween(0L, 3L);
      if (!json.has(name)) {
        assertThat(isAnswered(() -> json.string(name))).isFalse();
      }
    }
  }

  private interface JsonReader {
    Object read(JsonObject json, String name) throws InvalidJsonException;
  }

  private interface Reading {
    Object read() throws InvalidJsonException;
  }

  private static final List<JsonReader> JSON_READERS =
      List.of(
          JsonObject::string,
          JsonObject::integer,
          JsonObject::count,
          JsonObject::object,
          JsonObject::objects,
          (json, name) -> json.parsedList(name, text -> text));

  private static boolean isAnswered(Reading reading) {
    try {
      return reading.read() != null;
    } catch (InvalidJsonException refused) {
      return false;
    }
  }
}
