package dev.confab.replay;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.confab.events.ChatId;
import dev.confab.events.DeadLetter;
import dev.confab.events.JsonText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps account of what became of every letter: in the audit file, on the screen, and in the totals
 * that the exit code comes from. Thread-safe.
 */
final class Ledger {
  /** As many letters as are shown for each reason to leave them. */
  private static final int SHOWN_A_REASON = 10;

  private static final int MAX_DETAIL_CHARS = 160;

  /**
   * A letter with which something was done.
   *
   * @param place where the stream has it
   */
  record Done(Received received, Deed deed, Records.@Nullable Taken place) {}

  private final Audit audit;
  private final Report report;
  private final boolean isDryRun;
  private final Map<Deed, Map<Stage, Long>> done = new EnumMap<>(Deed.class);
  private final Map<Why, Long> left = new EnumMap<>(Why.class);
  private final Set<ChatId> chats = new HashSet<>();
  private long passedOver;

  /**
   * @param isDryRun nothing is really done: letters are counted and shown, not audited one by one
   */
  Ledger(Audit audit, Report report, boolean isDryRun) {
    this.audit = audit;
    this.report = report;
    this.isDryRun = isDryRun;
  }

  /** Hears what was done, or in a dry run would be. */
  synchronized void done(List<Done> letters) {
    if (!isDryRun) {
      audit.write(letters.stream().map(this::fields).toList());
    }
    for (Done letter : letters) {
      done.computeIfAbsent(letter.deed(), _ -> new EnumMap<>(Stage.class))
          .merge(letter.received().queue().stage(), 1L, Long::sum);
      if (letter.received().content() instanceof Received.Ours(DeadLetter ours)) {
        ChatId chat = Filter.chatOf(ours);
        if (chat != null) {
          chats.add(chat);
        }
      }
      report.tell(fields(letter));
    }
  }

  /** Hears of a letter that stays. */
  synchronized void left(Received received, Why why, String detail) {
    JsonText.Fields fields = fields(received, why, detail);
    if (!isDryRun) {
      audit.write(fields);
    }
    report.tell(fields);
    long before = left.merge(why, 1L, Long::sum) - 1;
    if (before < SHOWN_A_REASON) {
      String reason = Plain.line(why.text() + ": " + detail, MAX_DETAIL_CHARS);
      report.say("%s  %s  %s".formatted(isDryRun ? "would leave" : "left", name(received), reason));
    } else if (before == SHOWN_A_REASON) {
      report.say("…  more like it (--json tells of each)");
    }
  }

  synchronized void passedOver() {
    passedOver++;
  }

  private JsonText.Fields fields(Done letter) {
    return json -> {
      json.writeStringField("type", "letter");
      json.writeStringField("result", letter.deed().word(isDryRun));
      writeLetter(json, letter.received());
      Records.Taken place = letter.place();
      if (place != null) {
        json.writeStringField("toShardId", place.shardId());
        json.writeStringField("toSequenceNumber", place.sequenceNumber());
      }
    };
  }

  private static JsonText.Fields fields(Received received, Why why, String detail) {
    return json -> {
      json.writeStringField("type", "letter");
      json.writeStringField("result", "left");
      json.writeStringField("why", why.word());
      json.writeStringField("detail", detail);
      writeLetter(json, received);
    };
  }

  private static void writeLetter(JsonGenerator json, Received received) throws IOException {
    json.writeStringField("stage", received.queue().stage().word());
    json.writeStringField("queue", received.queue().name());
    json.writeStringField("messageId", received.message().id());
    if (received.content() instanceof Received.Ours(DeadLetter letter)) {
      LetterFields.write(json, letter);
    }
  }

  private static String name(Received received) {
    String stage = received.queue().stage().word();
    if (!(received.content() instanceof Received.Ours(DeadLetter letter))) {
      return stage + "  message " + received.message().id();
    }
    ChatId chat = Filter.chatOf(letter);
    return "%s  %s  %s  %s"
        .formatted(
            stage,
            Plain.line(letter.failure().errorClass()),
            chat == null ? "no chat" : "chat " + chat,
            LetterFields.firstOf(letter));
  }

  /** How many letters something was done with. */
  synchronized long total() {
    return done.values().stream()
        .flatMap(stages -> stages.values().stream())
        .mapToLong(Long::longValue)
        .sum();
  }

  /** In a few words. */
  synchronized String soFar() {
    return "%s done, %,d left".formatted(count(total()), totalLeft());
  }

  synchronized long totalLeft() {
    return left.values().stream().mapToLong(Long::longValue).sum();
  }

  /** What to exit with after a command that went through. */
  synchronized int exitCode() {
    if (left.containsKey(Why.UNRECOVERABLE)) {
      return Exit.UNRECOVERABLE;
    }
    return left.isEmpty() ? Exit.DONE : Exit.LETTERS_LEFT;
  }

  /** The totals, for people. */
  synchronized void sum() {
    List<String> lines = new ArrayList<>();
    done.forEach(
        (deed, stages) ->
            lines.add(
                "%s (%s)"
                    .formatted(
                        deed.text(
                            count(stages.values().stream().mapToLong(Long::longValue).sum()),
                            isDryRun),
                        stages.entrySet().stream()
                            .map(
                                stage ->
                                    "%s %,d".formatted(stage.getKey().word(), stage.getValue()))
                            .collect(Collectors.joining(", ")))));
    if (!chats.isEmpty()) {
      lines.add("of " + Plain.count(chats.size(), "chat"));
    }
    left.forEach(
        (why, letters) ->
            lines.add(
                "%s %s: %s; %s"
                    .formatted(
                        isDryRun ? "would leave" : "left",
                        count(letters),
                        why.text(),
                        why.remedy())));
    if (passedOver > 0) {
      lines.add("passed over %s that the filters don't mean".formatted(count(passedOver)));
    }
    if (lines.isEmpty()) {
      lines.add("no letters were looked at");
    }
    lines.forEach(report::say);
  }

  /** The totals, for machines. */
  synchronized void writeTotals(JsonGenerator json) throws IOException {
    for (Map.Entry<Deed, Map<Stage, Long>> deed : done.entrySet()) {
      json.writeObjectFieldStart(deed.getKey().word(isDryRun));
      for (Map.Entry<Stage, Long> stage : deed.getValue().entrySet()) {
        json.writeNumberField(stage.getKey().word(), stage.getValue());
      }
      json.writeEndObject();
    }
    json.writeNumberField("chats", chats.size());
    json.writeObjectFieldStart("left");
    for (Map.Entry<Why, Long> reason : left.entrySet()) {
      json.writeNumberField(reason.getKey().word(), reason.getValue());
    }
    json.writeEndObject();
    json.writeNumberField("passedOver", passedOver);
  }

  static String count(long letters) {
    return Plain.count(letters, "letter");
  }
}
