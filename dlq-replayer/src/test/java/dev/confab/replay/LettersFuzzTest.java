package dev.confab.replay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.confab.events.Bytes;
import dev.confab.events.ChatEvents;
import dev.confab.events.DeadLetter;
import dev.confab.events.DeadLetterCodec;
import dev.confab.events.Decoded;
import dev.confab.events.InvalidJsonException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What lies in a dead-letter queue is what nobody could make sense of, and what an operator edits
 * is anything: each gets an answer, and what was not edited comes back as it was.
 */
class LettersFuzzTest {
  private static final Instant NOW = Instant.parse("2026-11-24T02:04:05.123Z");
  private static final byte[] MAGIC = {(byte) 0xf3, (byte) 0x89, (byte) 0x9a, (byte) 0xc2};
  private static final int CHECKSUM_BYTES = 16;

  private final Letters queue = emptyQueue();

  private static Letters emptyQueue() {
    return new InMemoryLetters(Stage.PERSIST, Clock.fixed(NOW, ZoneOffset.UTC));
  }

  static List<byte[]> values() {
    return utf8(
        "{\"v\":1,\"text\":\"hello\",\"n\":[1.50,1e2,-0,12345678901234567890,true,null]}",
        "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
        "{\"a\":100e2147483647,\"b\":1e-2147483647,\"c\":0e999999999}",
        "1e99999999999",
        "11150e62",
        "-12345678901234567890123456789012345678901234567890123456789e5");
  }

  static List<byte[]> lines() {
    DeadLetter.RecordLetter letter = TestLetters.letter("lobby", 1);
    DeadLetter.RecordLetter pointer = TestLetters.pointer("lobby", 2, TestLetters.utf8("big"));
    return utf8(
        line(letter, ((DeadLetter.Inline) letter.payload()).data()),
        line(letter, ((DeadLetter.Inline) letter.payload()).data()).replace("text 1", "better"),
        line(pointer, TestLetters.utf8("big")),
        line(TestLetters.push("lobby", 3), null));
  }

  static List<byte[]> records() {
    return utf8(
        "{\"v\":1,\"type\":\"message\",\"chatId\":\"lobby\",\"text\":\"hello\"}",
        "hello",
        "\"hello\"",
        "{\"v\":1e2147483647,\"text\":\"\\ud800\"}");
  }

  static List<byte[]> messages() {
    return List.of(
        new byte[] {0, 3 << 3 | 2, 100, 3 << 3 | 2, 50, 1, 2, 3},
        new byte[] {0, 1 << 3 | 2, 1, 'k', 3 << 3 | 2, 5, 8, 0, 3 << 3 | 2, 1, 'x'},
        new byte[] {1, 3 << 3 | 2, 3, 3 << 3 | 2, 1, 'x', 3 << 3 | 2, 2, 3 << 3 | 2, 0, 9 << 3, 7});
  }

  private static List<byte[]> utf8(String... texts) {
    return Arrays.stream(texts).map(text -> text.getBytes(UTF_8)).toList();
  }

  private static String line(DeadLetter letter, @Nullable Bytes data) {
    return line(emptyQueue(), DeadLetterCodec.encode(letter), data);
  }

  private static String line(Letters queue, String body, @Nullable Bytes data) {
    QueueMessage message = new QueueMessage("m-1", "h-1", body, NOW);
    return LetterLine.write(
        Received.of(queue, message), data == null ? null : new Payloads.Whole(data));
  }

  /** A value that can be read can be written, and is the same one again. */
  @MethodSource("values")
  @FuzzTest
  void json(byte[] input) {
    Object value;
    try {
      value = Json.parse(new String(input, UTF_8));
    } catch (InvalidJsonException refused) {
      return;
    }
    String text = Json.text(value);
    try {
      assertThat(Json.parse(text)).isEqualTo(value);
    } catch (InvalidJsonException notReadAgain) {
      throw new AssertionError(text, notReadAgain);
    }
  }

  /** A line of a file that an operator has edited. */
  @MethodSource("lines")
  @FuzzTest
  void editedLine(byte[] input) {
    try {
      switch (LetterLine.read(new String(input, UTF_8), NOW)) {
        case LetterLine.Unedited(Stage _, String body) ->
            assertThat(Received.content(body)).isInstanceOf(Received.Ours.class);
        case LetterLine.Edited(Stage _, DeadLetter.RecordLetter _, var message) -> {
          assertThat(message.resend()).isTrue();
          assertThat(ChatEvents.decode(message.chatId().value(), ChatEvents.encode(message)))
              .isEqualTo(new Decoded.Event(message));
        }
      }
    } catch (InvalidJsonException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
  }

  /** The input as a record, as the record of a letter, and as whatever else lies in the queue. */
  @MethodSource("records")
  @FuzzTest
  void exportedRecord(byte[] input) throws InvalidJsonException {
    Bytes data = Bytes.of(input);
    Object plain = LetterLine.plain(data);
    if (plain instanceof Map<?, ?> fields) {
      assertThat(Json.parse(Json.text(fields))).isEqualTo(fields);
    }
    String body = DeadLetterCodec.encode(TestLetters.letter("lobby", 1, "Malformed", data));
    String line = line(queue, body, data);
    assertThat(line).doesNotContain("\n", "\r");
    assertThat(LetterLine.read(line, NOW)).isEqualTo(new LetterLine.Unedited(Stage.PERSIST, body));

    DeadLetter.RecordLetter pointer = TestLetters.pointer("lobby", 1, data);
    String fetched = line(queue, DeadLetterCodec.encode(pointer), data);
    assertThat(LetterLine.read(fetched, NOW))
        .isEqualTo(new LetterLine.Unedited(Stage.PERSIST, DeadLetterCodec.encode(pointer)));

    assertThat(line(queue, new String(input, UTF_8), null)).doesNotContain("\n", "\r");
  }

  /** The first byte is the index of the part, the rest the message or the whole. */
  @MethodSource("messages")
  @FuzzTest
  void partOfAnAggregate(byte[] input) {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    byte[] whole = Arrays.copyOf(MAGIC, MAGIC.length + rest.length + CHECKSUM_BYTES);
    System.arraycopy(rest, 0, whole, MAGIC.length, rest.length);
    for (byte[] bytes : List.of(rest, whole)) {
      Optional<Bytes> part = Aggregate.part(Bytes.of(bytes), input[0] & 0xFF);
      part.ifPresent(found -> assertThat(indexOf(bytes, found.toArray())).isNotNegative());
    }
    assertThat(Aggregate.part(Bytes.of(whole), Long.MAX_VALUE)).isEmpty();
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int i = 0; i + part.length <= bytes.length; i++) {
      if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    return -1;
  }
}
