package dev.confab.replay;

import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Puts events on the stream until it has taken each, in the partition of its chat. New messages of
 * a chat get there in the order given, one after the other, since Kinesis may take a batch in part
 * and then the rest would overtake; replays may overtake each other, because each names its
 * positions. Thread-safe.
 */
final class Puts {
  /** With nothing taken for so long, the command ends and the letters stay. */
  static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final Duration FIRST_DELAY = Duration.ofMillis(100);
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(5);

  private final Records records;
  private final Hand hand;
  private final Stop stop;
  private final Report report;
  private final Clock clock;
  private final RandomGenerator random;

  Puts(Records records, Hand hand, Stop stop, Report report, Clock clock, RandomGenerator random) {
    this.records = records;
    this.hand = hand;
    this.stop = stop;
    this.report = report;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Puts events. After a stop was requested each is tried once more at most.
   *
   * @return what became of each, in the order given; refused ones only if the stream has taken
   *     nothing for {@link #PATIENCE}, or a stop was requested
   */
  List<Records.Put> put(List<ChatEvent> events) {
    List<Records.NewRecord> all =
        events.stream()
            .map(
                event ->
                    new Records.NewRecord(
                        event.chatId().value(), Bytes.of(ChatEvents.encode(event))))
            .toList();
    Records.@Nullable Put[] results = new Records.@Nullable Put[events.size()];
    List<Integer> waiting = new ArrayList<>(IntStream.range(0, events.size()).boxed().toList());
    Instant lastTaken = clock.instant();
    for (int failures = 0; !waiting.isEmpty(); ) {
      List<Integer> round = round(events, all, waiting);
      String refusal = note(round, tryToPut(round.stream().map(all::get).toList()), results);
      if (waiting.removeIf(i -> results[i] instanceof Records.Taken)) {
        lastTaken = clock.instant();
        failures = 0;
      }
      if (refusal != null && !mayGoOn(++failures, lastTaken, refusal)) {
        break;
      }
    }
    return Arrays.stream(results)
        .map(put -> put == null ? new Records.Refused("not tried: the command is ending") : put)
        .toList();
  }

  /** What is on the stream already must be told of, also where the rest can't go there. */
  private List<Records.Put> tryToPut(List<Records.NewRecord> round) {
    try {
      return records.put(round);
    } catch (CannotGoOnException refused) {
      stop.request();
      return Collections.nCopies(round.size(), new Records.Refused(refused.line()));
    }
  }

  /** What goes out together: as much as one call takes, of new messages one a chat. */
  private static List<Integer> round(
      List<ChatEvent> events, List<Records.NewRecord> all, List<Integer> waiting) {
    List<Integer> round = new ArrayList<>();
    Set<String> ordered = new HashSet<>();
    long bytes = 0;
    for (int i : waiting) {
      Records.NewRecord next = all.get(i);
      bytes += next.bytes();
      if (round.size() == Records.MAX_BATCH || bytes > Records.MAX_BATCH_BYTES) {
        break;
      }
      if (!(events.get(i) instanceof ChatEvent.MessageSent) || ordered.add(next.partitionKey())) {
        round.add(i);
      }
    }
    return round;
  }

  private static @Nullable String note(
      List<Integer> round, List<Records.Put> answers, Records.@Nullable Put[] results) {
    String refusal = null;
    for (int i = 0; i < round.size(); i++) {
      results[round.get(i)] = answers.get(i);
      if (answers.get(i) instanceof Records.Refused(String reason)) {
        refusal = reason;
      }
    }
    return refusal;
  }

  private boolean mayGoOn(int failures, Instant lastTaken, String refusal) {
    if (stop.isRequested() || clock.instant().isAfter(lastTaken.plus(PATIENCE))) {
      return false;
    }
    report.progress(0, 0, "the stream refuses records, trying again: " + Plain.line(refusal));
    long bound =
        Math.min(LONGEST_DELAY.toMillis(), FIRST_DELAY.toMillis() << Math.min(failures, 10));
    return hand.pause(Duration.ofMillis(1 + random.nextLong(bound)));
  }
}
