package dev.confab.replay;

import dev.confab.events.ChatId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which letters are meant. */
final class Selection {
  @Option(
      names = "--stage",
      paramLabel = "STAGE",
      description = "Only the letters of persist, or of fanout. Default: both, persist's first.")
  @Nullable Stage stage;

  @Option(
      names = "--chat",
      paramLabel = "CHAT",
      description = "Only the letters of this chat; may be given several times.")
  List<ChatId> chats = new ArrayList<>();

  @Option(
      names = "--error",
      paramLabel = "CLASS",
      description =
          "Only letters of this error class, such as Malformed; may be given several times.")
  List<String> errors = new ArrayList<>();

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description =
          "Only what failed last at or after this time: 2026-11-24T02:04:05Z, or so long ago: 90m,"
              + " 2h, 3d.")
  @Nullable Instant since;

  @Option(
      names = "--until",
      paramLabel = "TIME",
      description = "Only what failed last before this time; as --since.")
  @Nullable Instant until;

  List<Stage> stages() {
    return stage == null ? List.of(Stage.values()) : List.of(stage);
  }

  Filter filter() {
    return new Filter(new HashSet<>(chats), new HashSet<>(errors), since, until);
  }
}
