package dev.confab.table;

import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.UserId;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Things to put in a table. */
final class Samples {
  static final ChatId LOBBY = new ChatId("lobby");
  static final UserId ANA = new UserId("ana");
  static final UserId BEN = new UserId("ben");
  static final UserId CLEO = new UserId("cleo");
  static final Instant NOON = Instant.parse("2026-11-24T12:00:00.123Z");

  private static final BigInteger FIRST_SEQUENCE_NUMBER =
      new BigInteger("49590338271490256608559692538361571095921575989136588898");

  private Samples() {}

  /** The nth position of a stream, counted from 0. */
  static Position position(int n) {
    return Position.of(FIRST_SEQUENCE_NUMBER.add(BigInteger.valueOf(n)).toString(), 0);
  }

  /** A cursor at the nth position; start for a negative one. */
  static Cursor cursor(int n) {
    return n < 0 ? Cursor.start() : position(n);
  }

  /** A message of Ana's at a position, after the one before it. */
  static Entry.Posted posted(int n) {
    return posted(n, n - 1);
  }

  static Entry.Posted posted(int n, int prev) {
    return posted(n, prev, "text " + n);
  }

  static Entry.Posted posted(int n, int prev, String text) {
    return new Entry.Posted(
        position(n),
        cursor(prev),
        ANA,
        new ClientMessageId("c-" + n),
        text,
        NOON.plusMillis(n),
        false);
  }

  static Entry.Posted postedBy(UserId sender, int n, Instant sentAt) {
    return new Entry.Posted(
        position(n), cursor(n - 1), sender, new ClientMessageId("c-" + n), "hi", sentAt, false);
  }

  static Entry.Parked parked(int n, int prev) {
    return new Entry.Parked(position(n), cursor(prev), ANA, new ClientMessageId("c-" + n));
  }

  static Entry.Duplicate duplicate(int n, int prev, int of) {
    return new Entry.Duplicate(position(n), cursor(prev), position(of));
  }

  /** Messages at positions {@code from} to {@code to}, exclusive. */
  static List<Entry> chain(int from, int to) {
    List<Entry> chain = new ArrayList<>();
    for (int n = from; n < to; n++) {
      chain.add(posted(n));
    }
    return chain;
  }

  /** Writes entries, whatever their number. */
  static void write(Messages messages, ChatId chatId, List<? extends Entry> entries) {
    for (int from = 0; from < entries.size(); from += Messages.MAX_BATCH) {
      List<Messages.Stored> batch =
          entries.subList(from, Math.min(from + Messages.MAX_BATCH, entries.size())).stream()
              .map(entry -> new Messages.Stored(chatId, entry))
              .toList();
      Messages.BatchOutcome outcome = messages.writeBatch(batch);
      if (!outcome.equals(new Messages.BatchOutcome.Written(List.of()))) {
        throw new AssertionError(outcome);
      }
    }
  }

  static Subscriptions.Subscription subscription(
      String connectionId, int since, @Nullable Integer until, Instant expiresAt) {
    return new Subscriptions.Subscription(
        new ConnectionId(connectionId),
        ANA,
        1,
        position(since),
        until == null ? null : position(until),
        position(until == null ? since : until),
        expiresAt);
  }
}
