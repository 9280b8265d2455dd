package dev.confab.load.check;

import dev.confab.events.ChatEvent.MessageSent;
import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Entry;
import dev.confab.events.UserId;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares a run with what the README promises. The stream is the ground truth: what lies there has
 * to be in the table or in the queue, in that order, and in the views of those who may see it.
 * Pure.
 *
 * <p>A try to send whose outcome nobody told is counted and held to nothing: it may be on the
 * stream or not.
 */
public final class Checker {
  private final History history;
  private final Truth truth;
  private final Letters letters;
  private final Report.Builder report = new Report.Builder();

  private Checker(History history) {
    this.history = history;
    this.truth = new Truth(history.stream(), history.shards());
    this.letters = new Letters(history.letters());
  }

  /** Checks a run that has come to rest. */
  public static Report check(History history) {
    return new Checker(history).check();
  }

  private Report check() {
    truth.notAscending().forEach(what -> report.add(Finding.MISORDERED, what));
    checkSends();
    TableCheck table = new TableCheck(history, truth, letters, report);
    table.check();
    letters.check(truth, report);
    new FrameCheck(truth, table, report).check(history.connections());
    new MembershipCheck(report).check(history.connections());
    new ViewCheck(history, truth, report).check();
    for (History.Progress progress : history.progress()) {
      if (progress.lag() > 0) {
        report.add(
            Finding.LAGGING,
            "%s: %d records of %s are not passed"
                .formatted(progress.stage(), progress.lag(), progress.shardId()));
      }
    }
    return report.build(counts());
  }

  private record Said(
      ChatId chatId, UserId senderId, ClientMessageId clientMessageId, String text) {}

  private void checkSends() {
    Set<Said> said = new HashSet<>();
    for (History.Send send : history.sends()) {
      said.add(new Said(send.chatId(), send.senderId(), send.clientMessageId(), send.text()));
      if (send.acked() != null) {
        Truth.Place place = truth.chain(send.chatId()).get(send.acked());
        if (place == null || !isOf(send, place.sent())) {
          report.add(
              Finding.LOST,
              "%s of %s was acked at %s, where the stream doesn't have it"
                  .formatted(send.clientMessageId(), send.chatId(), send.acked()));
        }
      }
    }
    for (NavigableMap<?, Truth.Place> chain : truth.chains().values()) {
      for (Truth.Place place : chain.values()) {
        MessageSent sent = place.sent();
        if (sent != null
            && !said.contains(
                new Said(place.chatId(), sent.senderId(), sent.clientMessageId(), sent.text()))) {
          report.add(
              Finding.INVENTED,
              "nobody sent what lies at %s of %s".formatted(place.position(), place.chatId()));
        }
      }
    }
  }

  private static boolean isOf(History.Send send, @Nullable MessageSent sent) {
    return sent != null
        && sent.senderId().equals(send.senderId())
        && sent.clientMessageId().equals(send.clientMessageId())
        && sent.text().equals(send.text());
  }

  private Report.Counts counts() {
    long acked = history.sends().stream().filter(send -> send.acked() != null).count();
    return new Report.Counts(
        history.sends().size(),
        acked,
        history.sends().size() - acked,
        history.stream().size(),
        truth.chains().values().stream().mapToLong(NavigableMap::size).sum(),
        entries(Entry.Posted.class),
        entries(Entry.Duplicate.class),
        entries(Entry.Parked.class),
        history.letters().stream().filter(History.Letter::isInQueue).count(),
        history.connections().stream()
            .mapToLong(connection -> frames(connection.exchanges()))
            .sum(),
        history.views().size());
  }

  private static long frames(List<History.Exchange> exchanges) {
    return exchanges.stream().filter(History.Got.class::isInstance).count();
  }

  private long entries(Class<? extends Entry> kind) {
    return history.table().values().stream().flatMap(List::stream).filter(kind::isInstance).count();
  }
}
