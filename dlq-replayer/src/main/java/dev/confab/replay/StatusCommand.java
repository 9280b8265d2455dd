package dev.confab.replay;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.confab.events.ChatId;
import dev.confab.events.DeadLetter;
import dev.confab.events.Timestamps;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How many letters there are, how old, and of what kind. */
@Command(
    name = "status",
    description = {
      "Shows how many letters each queue has, the oldest, and what they are.",
      "",
      "Takes a sample in hand and gives it back: nothing is consumed, but while it looks, another"
          + " reader of the queue does not see those letters. SQS counts approximately."
    })
final class StatusCommand implements Callable<Integer> {
  private static final int SHOWN_CHATS = 10;
  private static final String NO_CHAT = "(no chat)";

  private final World world;

  @Mixin private final Target target = new Target();

  @Option(
      names = "--stage",
      paramLabel = "STAGE",
      description = "Only the queue of persist, or of fanout. Default: both.")
  private @Nullable Stage stage;

  @Option(
      names = "--sample",
      paramLabel = "N",
      defaultValue = "100",
      description = "How many letters of each queue to look at. Default: ${DEFAULT-VALUE}.")
  private int sample = 100;

  @Spec @Nullable CommandSpec spec;

  StatusCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() {
    Options.atLeastOne(spec, "--sample", sample);
    return Session.run(world, target, Options.args(spec), true, this::work);
  }

  private int work(Session session) {
    Selection selection = new Selection();
    selection.stage = stage;
    for (Stage each : selection.stages()) {
      Letters queue = session.services().letters(each);
      Letters.Depth depth = queue.depth();
      Survey.Found found = Survey.of(queue, Filter.all(), sample, session.hand(), world.stop());
      show(session.report(), queue, depth, found);
    }
    return Exit.DONE;
  }

  private void show(Report report, Letters queue, Letters.Depth depth, Survey.Found found) {
    List<DeadLetter> letters = found.letters().stream().map(StatusCommand::letter).toList();
    Map<String, Long> errors = count(letters, letter -> letter.failure().errorClass());
    Map<String, Long> chats =
        count(
            letters,
            letter -> {
              ChatId chat = Filter.chatOf(letter);
              return chat == null ? NO_CHAT : chat.value();
            });
    Instant oldest =
        found.letters().stream()
            .map(received -> received.message().sentAt())
            .min(Comparator.naturalOrder())
            .orElse(null);
    report.tell(
        json -> {
          json.writeStringField("type", "queue");
          json.writeStringField("stage", queue.stage().word());
          json.writeStringField("queue", queue.name());
          json.writeNumberField("visible", depth.visible());
          json.writeNumberField("inHand", depth.inHand());
          json.writeNumberField("seen", letters.size() + found.notOurs().size());
          json.writeNumberField("notOurs", found.notOurs().size());
          if (oldest != null) {
            json.writeStringField("oldestSeenSentAt", Timestamps.format(oldest));
          }
          writeCounts(json, "errors", errors);
          writeCounts(json, "chats", chats);
        });
    report.say(
        "%-8s %s: about %s, and %,d in hand elsewhere"
            .formatted(
                queue.stage().word(), queue.name(), Ledger.count(depth.visible()), depth.inHand()));
    if (oldest != null) {
      report.say(
          "  of %s seen, the oldest was sent %s ago"
              .formatted(
                  Ledger.count(letters.size()),
                  Times.text(Duration.between(oldest, world.clock().instant()))));
    }
    byNumber(errors, errors.size()).forEach(line -> report.say("  error  " + line));
    byNumber(chats, SHOWN_CHATS).forEach(line -> report.say("  chat   " + line));
    if (chats.size() > SHOWN_CHATS) {
      report.say("  chat   … and %,d more (--json has all)".formatted(chats.size() - SHOWN_CHATS));
    }
    if (!found.notOurs().isEmpty()) {
      report.say(
          "  not ours: %s; %s"
              .formatted(Ledger.count(found.notOurs().size()), Why.NOT_OURS.remedy()));
    }
  }

  private static DeadLetter letter(Received received) {
    return ((Received.Ours) received.content()).letter();
  }

  private static Map<String, Long> count(
      List<DeadLetter> letters, Function<DeadLetter, String> property) {
    return letters.stream()
        .collect(Collectors.groupingBy(property, TreeMap::new, Collectors.counting()));
  }

  private static List<String> byNumber(Map<String, Long> counts, int max) {
    return counts.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(max)
        .map(entry -> "%,7d  %s".formatted(entry.getValue(), Plain.line(entry.getKey())))
        .toList();
  }

  private static void writeCounts(JsonGenerator json, String name, Map<String, Long> counts)
      throws IOException {
    json.writeObjectFieldStart(name);
    for (Map.Entry<String, Long> count : counts.entrySet()) {
      json.writeNumberField(count.getKey(), count.getValue());
    }
    json.writeEndObject();
  }
}
