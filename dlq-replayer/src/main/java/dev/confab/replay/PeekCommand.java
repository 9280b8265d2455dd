package dev.confab.replay;

import dev.confab.events.Bytes;
import dev.confab.events.DeadLetter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Letters, one by one. */
@Command(
    name = "peek",
    description = {
      "Shows letters and what run would do with each.",
      "",
      "Takes them in hand and gives them back: nothing is consumed. What people wrote is not shown"
          + " unless --show-text is given."
    })
final class PeekCommand implements Callable<Integer> {
  private static final int MAX_SHOWN_CHARS = 2_000;
  private static final int MAX_FIELD_CHARS = 128;

  /** None of them is what a person wrote. */
  private static final List<String> SHOWN_FIELDS =
      List.of("v", "type", "chatId", "senderId", "clientMessageId", "resend", "sentAt", "traceId");

  private final World world;

  @Mixin private final Target target = new Target();
  @Mixin private final Selection selection = new Selection();

  @Option(
      names = "--max",
      paramLabel = "N",
      defaultValue = "10",
      description = "Show at most so many letters of each queue. Default: ${DEFAULT-VALUE}.")
  private int max = 10;

  @Option(names = "--show-text", description = "Show records whole, with what people wrote.")
  private boolean showText;

  @Spec @Nullable CommandSpec spec;

  PeekCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() {
    Options.atLeastOne(spec, "--max", max);
    return Session.run(world, target, Options.args(spec), true, this::work);
  }

  private int work(Session session) {
    Records records = session.services().records();
    Payloads payloads = new Payloads(records);
    Judge judge =
        new Judge(
            new Judge.Wish(
                Filter.all(),
                Judge.Wish.DEFAULT_MAX_REPLAYS,
                false,
                false,
                world.clock().instant()),
            records.shards(),
            payloads);
    boolean isLost = false;
    long shown = 0;
    for (Survey.Found found : session.survey(selection, max)) {
      for (Received received : found.letters()) {
        DeadLetter letter = ((Received.Ours) received.content()).letter();
        Payloads.Payload payload =
            letter instanceof DeadLetter.RecordLetter record ? payloads.of(record) : null;
        show(session.report(), received, letter, payload, judge.judge(received));
        isLost |= payload instanceof Payloads.Lost;
        shown++;
      }
      for (Received other : found.notOurs()) {
        showOther(session.report(), other);
        shown++;
      }
    }
    if (shown == 0) {
      session.report().say("no letters");
    }
    return isLost ? Exit.UNRECOVERABLE : Exit.DONE;
  }

  private void show(
      Report report,
      Received received,
      DeadLetter letter,
      Payloads.@Nullable Payload payload,
      Verdict verdict) {
    String next = next(verdict);
    Object record = payload instanceof Payloads.Whole(Bytes data) ? shownRecord(data) : null;
    report.tell(
        json -> {
          json.writeStringField("type", "letter");
          json.writeStringField("stage", received.queue().stage().word());
          json.writeStringField("queue", received.queue().name());
          json.writeStringField("messageId", received.message().id());
          LetterFields.write(json, letter);
          if (payload instanceof Payloads.Whole(Bytes data)) {
            json.writeNumberField("bytes", data.size());
            json.writeFieldName("record");
            Json.write(json, record);
          } else if (payload instanceof Payloads.Lost(String reason)) {
            json.writeStringField("unrecoverable", reason);
          }
          json.writeStringField("run", next);
        });
    DeadLetter.Failure failure = letter.failure();
    report.say(
        "%s  %s  %s  %s"
            .formatted(
                received.queue().stage().word(),
                Plain.line(failure.errorClass()),
                Filter.chatOf(letter) == null ? "no chat" : "chat " + Filter.chatOf(letter),
                LetterFields.firstOf(letter)));
    report.say("  error   " + Plain.line(failure.errorText(), MAX_SHOWN_CHARS));
    report.say(
        "  failed  %s, last at %s in %s; replayed %s"
            .formatted(
                Plain.count(failure.attempts(), "time"),
                failure.lastFailedAt(),
                Plain.line(shard(letter)),
                Plain.count(letter.replayCount(), "time")));
    report.say("  holds   " + Plain.line(holds(letter, payload, record), MAX_SHOWN_CHARS));
    report.say("  run     " + Plain.line(next));
  }

  private void showOther(Report report, Received other) {
    String reason = ((Received.NotOurs) other.content()).reason();
    report.tell(
        json -> {
          json.writeStringField("type", "not-ours");
          json.writeStringField("stage", other.queue().stage().word());
          json.writeStringField("queue", other.queue().name());
          json.writeStringField("messageId", other.message().id());
          json.writeStringField("reason", reason);
        });
    report.say(
        "%s  message %s is no letter of ours: %s"
            .formatted(other.queue().stage().word(), other.message().id(), Plain.line(reason)));
  }

  private static String shard(DeadLetter letter) {
    return switch (letter) {
      case DeadLetter.RecordLetter record -> record.shardId();
      case DeadLetter.PushLetter push -> push.shardId();
    };
  }

  private static String holds(
      DeadLetter letter, Payloads.@Nullable Payload payload, @Nullable Object record) {
    return switch (letter) {
      case DeadLetter.PushLetter push ->
          "%s that %s missed"
              .formatted(
                  Plain.count(push.positions().size(), "position"),
                  Plain.count(push.connectionIds().size(), "connection"));
      case DeadLetter.RecordLetter about ->
          switch (payload) {
            case Payloads.Whole(Bytes data) ->
                "%,d bytes under key %s%s: %s"
                    .formatted(
                        data.size(),
                        about.partitionKey(),
                        about.payload() instanceof DeadLetter.Pointer ? ", in the stream" : "",
                        record instanceof String text ? text : Json.text(record));
            case Payloads.Lost(String reason) -> "unrecoverable: " + reason;
            case null -> throw new IllegalStateException("a record letter has a payload");
          };
    };
  }

  private static String next(Verdict verdict) {
    return switch (verdict) {
      case Verdict.PutBack _ -> "would replay it";
      case Verdict.PostAsNew _ -> "would post it as a new message";
      case Verdict.PassOver() -> "would pass it over";
      case Verdict.Leave(Why why, String detail) ->
          "would leave it: %s: %s; %s".formatted(why.text(), detail, why.remedy());
    };
  }

  /** A record, without what a person may have written unless that is wanted. */
  private Object shownRecord(Bytes data) {
    Object record = LetterLine.plain(data);
    if (showText) {
      return record == null ? HexFormat.of().formatHex(data.toArray()) : record;
    }
    return switch (record) {
      case null -> "bytes that are no text (--show-text shows them)";
      case Map<?, ?> fields -> redacted(fields);
      default -> "text that is no JSON object (--show-text shows it)";
    };
  }

  private static Map<String, @Nullable Object> redacted(Map<?, ?> fields) {
    Map<String, @Nullable Object> shown = new LinkedHashMap<>();
    List<String> hidden = new ArrayList<>();
    fields.forEach(
        (name, value) -> {
          String field = String.valueOf(name);
          boolean isShort =
              !(value instanceof Map || value instanceof List)
                  && String.valueOf(value).length() <= MAX_FIELD_CHARS;
          if (SHOWN_FIELDS.contains(field) && isShort) {
            shown.put(field, value);
          } else {
            hidden.add(field);
          }
        });
    if (!hidden.isEmpty()) {
      shown.put(
          "hidden",
          hidden.stream().map(Objects::toString).sorted().collect(Collectors.joining(", ")));
    }
    return shown;
  }
}
