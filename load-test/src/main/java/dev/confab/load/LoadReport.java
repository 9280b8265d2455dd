package dev.confab.load;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * What became of a run.
 *
 * @param accepted messages that were acknowledged, or came back
 * @param delivered over all connections, each message once a connection
 * @param expected what {@code delivered} is if nothing is missing: every accepted message at every
 *     connection of its chat
 * @param duplicates over all connections, shown twice
 * @param backwards over all connections, shown after one of a later position
 * @param disagreeing chats in which two connections saw different messages or another order
 * @param firsts as {@code received}, of the first message of each chat, which is in no other figure
 * @param received of those after the warm-up: from when a message was due to be sent until a
 *     connection showed it, in microseconds: waiting behind others counts, so that a stall is not
 *     hidden by sending less
 * @param acknowledged of those after the warm-up: from when a message was due until its sender
 *     heard that it is on the stream
 * @param sendLagMicros how late the generator itself was at worst
 */
record LoadReport(
    Load load,
    int accepted,
    int refused,
    long delivered,
    long expected,
    int duplicates,
    int backwards,
    int parked,
    int disagreeing,
    Histogram firsts,
    Histogram received,
    Histogram acknowledged,
    long sendLagMicros) {

  /** The chats in which not all saw the same in the same order. */
  static int disagreeing(Load load, List<Witness> witnesses) {
    int disagreeing = 0;
    for (int chat = 0; chat < load.chats(); chat++) {
      int first = chat * load.clientsPerChat();
      int[] order = witnesses.get(first).order();
      boolean agree =
          witnesses.subList(first, first + load.clientsPerChat()).stream()
              .allMatch(witness -> Arrays.equals(order, witness.order()));
      disagreeing += agree ? 0 : 1;
    }
    return disagreeing;
  }

  /** Whether every accepted message came to everyone, once, in one order. */
  boolean isFlawless() {
    return accepted == load.messages()
        && delivered == expected
        && duplicates == 0
        && backwards == 0
        && disagreeing == 0;
  }

  void print(PrintStream out) {
    out.printf(
        Locale.ROOT,
        "%d chats × %d connections, %.0f messages/s for %d s after %d s, %d bytes each%n",
        load.chats(),
        load.clientsPerChat(),
        load.messagesPerSecond(),
        load.duration().toSeconds(),
        load.warmUp().toSeconds(),
        load.textBytes());
    out.printf(
        Locale.ROOT,
        "sent          %,d; accepted %,d, refused %,d%n",
        load.messages(),
        accepted,
        refused);
    out.printf(Locale.ROOT, "delivered     %,d of %,d%n", delivered, expected);
    out.printf(Locale.ROOT, "duplicates    %,d%n", duplicates);
    out.printf(
        Locale.ROOT,
        "out of order  %,d; chats whose connections disagree: %,d%n",
        backwards,
        disagreeing);
    out.printf(Locale.ROOT, "placeholders  %,d%n", parked);
    out.printf("send→receive  %s%n", percentiles(received));
    out.printf("send→ack      %s%n", percentiles(acknowledged));
    out.printf("first of each %s%n", percentiles(firsts));
    out.printf(Locale.ROOT, "generator     at most %.1f ms late%n", sendLagMicros / 1e3);
  }

  private static String percentiles(Histogram micros) {
    return String.format(
        Locale.ROOT,
        "p50 %.1f ms, p90 %.1f, p99 %.1f, p99.9 %.1f, max %.1f (%,d samples)",
        micros.getValueAtPercentile(50) / 1e3,
        micros.getValueAtPercentile(90) / 1e3,
        micros.getValueAtPercentile(99) / 1e3,
        micros.getValueAtPercentile(99.9) / 1e3,
        micros.getMaxValue() / 1e3,
        micros.getTotalCount());
  }
}
