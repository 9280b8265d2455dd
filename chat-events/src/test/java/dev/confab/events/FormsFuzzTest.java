package dev.confab.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;

/** Ids, positions, cursors and times: any text is refused as documented, or is its only form. */
class FormsFuzzTest {
  private static final Comparator<Position> AS_THE_STREAM =
      Comparator.comparing((Position position) -> new BigInteger(position.sequenceNumber()))
          .thenComparing(Position::subSequenceNumber);

  private static final Map<String, Function<String, String>> FORMS =
      Map.of(
          "chatId", text -> new ChatId(text).value(),
          "userId", text -> new UserId(text).value(),
          "clientMessageId", text -> new ClientMessageId(text).value(),
          "connectionId", text -> new ConnectionId(text).value(),
          "position", text -> Position.parse(text).value(),
          "cursor", text -> Cursor.parse(text).value(),
          "sent cursor", text -> SentCursor.parse(text).value(),
          "time", text -> Timestamps.format(Timestamps.parse(text)),
          "access", text -> Access.parse(text).wire(),
          "role", text -> Role.parse(text).wire());

  static List<byte[]> seeds() {
    String positions =
        Samples.FIRST.value() + "\n" + Position.of("0", 99_999_999).value() + "\n00112-00000000";
    String others =
        String.join(
            "\n",
            "START",
            new SentCursor(Samples.TIME, Samples.SECOND).value(),
            Timestamps.format(Samples.TIME),
            Samples.AUTH0.value(),
            Samples.CONNECTION.value(),
            "open",
            "owner");
    String wrong = "a#b\n00205-00000000\n0016-00000000\n2026-11-24T02:04:05Z\n+2026-11-24_";
    return List.of(
        Samples.bytes(positions).toArray(),
        Samples.bytes(others).toArray(),
        Samples.bytes(wrong).toArray());
  }

  /** A line is a text to try. */
  @MethodSource("seeds")
  @FuzzTest
  void everyForm(byte[] input) {
    List<Position> positions = new ArrayList<>();
    for (String text : HostileText.of(input).split("\n", -1)) {
      FORMS.forEach(
          (what, form) -> {
            String again = formed(form, text);
            if (again != null) {
              assertThat(again).as(what).isEqualTo(text).matches("[!-~]+").doesNotContain("#");
            }
          });
      if (formed(FORMS.get("position"), text) != null) {
        positions.add(Position.parse(text));
      }
    }
    assertThat(positions.stream().sorted().toList())
        .isEqualTo(positions.stream().sorted(AS_THE_STREAM).toList());
  }

  private static @Nullable String formed(@Nullable Function<String, String> form, String text) {
    try {
      return form == null ? null : form.apply(text);
    } catch (IllegalArgumentException refused) {
      return null;
    }
  }
}
