package dev.confab.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Pins version 1 of everything on a wire, byte for byte. A file here is never changed: what it
 * shows lies in streams, queues and clients that a newer build must still read.
 */
class GoldenFilesTest {
  static final Path GOLDEN = Path.of("src/test/resources/golden/v1");

  @TestFactory
  Stream<DynamicTest> events() {
    return pinned(
        "events",
        Samples.events(),
        event -> new String(ChatEvents.encode(event), StandardCharsets.UTF_8),
        text ->
            switch (ChatEvents.decode(chatIdIn(text), text.getBytes(StandardCharsets.UTF_8))) {
              case Decoded.Event(ChatEvent event) -> event;
              case Decoded other -> throw new AssertionError(other);
            });
  }

  @TestFactory
  Stream<DynamicTest> clientFrames() {
    return pinned(
        "client-frames",
        Samples.clientFrames(),
        ClientFrames::encode,
        text ->
            switch (ClientFrames.parse(text)) {
              case ClientFrames.Valid(ClientFrame frame) -> frame;
              case ClientFrames.Invalid other -> throw new AssertionError(other);
            });
  }

  @TestFactory
  Stream<DynamicTest> serverFrames() {
    return pinned(
        "server-frames",
        Samples.serverFrames(),
        ServerFrames::encode,
        text -> {
          try {
            return ServerFrames.parse(text);
          } catch (InvalidJsonException refused) {
            throw new AssertionError(refused);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> deadLetters() {
    return pinned(
        "dead-letters",
        Samples.deadLetters(),
        DeadLetterCodec::toJson,
        text -> {
          try {
            return DeadLetterCodec.fromJson(text);
          } catch (InvalidJsonException refused) {
            throw new AssertionError(refused);
          }
        });
  }

  @Test
  void deadLetterBody_isTheJsonInBase64() throws Exception {
    DeadLetter letter = Objects.requireNonNull(Samples.deadLetters().get("push"));
    String body = DeadLetterCodec.encode(letter);

    assertThat(new String(Base64.getDecoder().decode(body), StandardCharsets.UTF_8))
        .isEqualTo(text(GOLDEN.resolve("dead-letters/push.json")));
    assertThat(DeadLetterCodec.decode(body + "\n")).isEqualTo(letter);
  }

  @Test
  void everyKind_isPinned() {
    assertKinds(ChatEvent.class, Samples.events().values());
    assertKinds(ClientFrame.class, Samples.clientFrames().values());
    assertKinds(ServerFrame.class, Samples.serverFrames().values());
    assertKinds(DeadLetter.class, Samples.deadLetters().values());
  }

  private static void assertKinds(Class<?> sealed, Collection<?> samples) {
    assertThat(samples.stream().map(Object::getClass).distinct())
        .as(sealed.getSimpleName())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.<Class<?>>stream(sealed.getPermittedSubclasses())
                .filter(kind -> sealed.isAssignableFrom(kind) && kind.isRecord())
                .collect(Collectors.toList()));
  }

  private static <T> Stream<DynamicTest> pinned(
      String folder,
      Map<String, T> samples,
      Function<T, String> encode,
      Function<String, T> decode) {
    Stream<DynamicTest> each =
        samples.entrySet().stream()
            .map(
                sample ->
                    DynamicTest.dynamicTest(
                        sample.getKey(),
                        () -> {
                          String golden =
                              text(GOLDEN.resolve(folder).resolve(sample.getKey() + ".json"));
                          assertThat(encode.apply(sample.getValue())).isEqualTo(golden);
                          assertThat(decode.apply(golden)).isEqualTo(sample.getValue());
                        }));
    DynamicTest noOthers =
        DynamicTest.dynamicTest(
            "no other files",
            () -> {
              try (Stream<Path> files = Files.list(GOLDEN.resolve(folder))) {
                assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(
                        samples.keySet().stream().map(name -> name + ".json").toList());
              }
            });
    return Stream.concat(each, Stream.of(noOthers));
  }

  private static String chatIdIn(String text) {
    try {
      return JsonObject.parse(text).string("chatId");
    } catch (InvalidJsonException notJson) {
      throw new AssertionError(notJson);
    }
  }

  static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }
}
