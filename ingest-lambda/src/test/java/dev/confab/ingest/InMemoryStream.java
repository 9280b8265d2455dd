package dev.confab.ingest;

import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.Decoded;
import dev.confab.events.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A stream in memory: one shard, in the order of the puts, with faults on demand. */
final class InMemoryStream implements Stream {
  /** What goes wrong with an event. */
  enum Fault {
    NONE,
    /** Throttled: it is not on the stream. */
    NOT_TAKEN,
    /** A time-out: it is on the stream, but nobody learns. */
    TAKEN_UNANSWERED
  }

  /** The events on the stream, as a consumer reads them. */
  final List<ChatEvent> events = new ArrayList<>();

  /** How many events each call held. */
  final List<Integer> calls = new ArrayList<>();

  /** For the events to come, one each; none where it is empty. */
  final Deque<Fault> faults = new ArrayDeque<>();

  private long lastSequenceNumber = 1_000_000;

  /** From now on every event meets this. */
  void failAlways(Fault fault) {
    faults.clear();
    for (int i = 0; i < 10_000; i++) {
      faults.add(fault);
    }
  }

  @Override
  public synchronized Put put(ChatEvent event) {
    calls.add(1);
    return putOne(event);
  }

  @Override
  public synchronized List<Put> putAll(List<ChatEvent> some) {
    if (some.isEmpty() || some.size() > MAX_EVENTS) {
      throw new IllegalArgumentException("1 to " + MAX_EVENTS + " events at a time");
    }
    calls.add(some.size());
    return some.stream().map(this::putOne).toList();
  }

  private Put putOne(ChatEvent event) {
    Fault fault = faults.isEmpty() ? Fault.NONE : faults.removeFirst();
    if (fault == Fault.NOT_TAKEN) {
      return new Unknown("ProvisionedThroughputExceededException 400");
    }
    events.add(read(event));
    Position position = Position.of(Long.toString(++lastSequenceNumber), 0);
    return fault == Fault.NONE ? new Taken(position) : new Unknown("Read timed out");
  }

  private static ChatEvent read(ChatEvent event) {
    String partitionKey = event.chatId().value();
    if (ChatEvents.decode(partitionKey, ChatEvents.encode(event))
        instanceof Decoded.Event(ChatEvent decoded)) {
      return decoded;
    }
    throw new IllegalArgumentException("no consumer would read " + event);
  }
}
