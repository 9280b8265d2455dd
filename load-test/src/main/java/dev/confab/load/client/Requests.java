package dev.confab.load.client;

import dev.confab.events.ClientFrame;
import dev.confab.events.ServerFrame;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the server was asked on this connection and hasn't answered yet. Not thread-safe. */
final class Requests {
  /** Who asked. */
  enum Purpose {
    /** Whoever uses the client. */
    CALLER,
    /** A chat's view. */
    VIEW,
    /** The upkeep of the connection. */
    UPKEEP
  }

  /**
   * A question.
   *
   * @param view whose it is, for {@link Purpose#VIEW}
   */
  record Asked(String requestId, ClientFrame frame, Purpose purpose, @Nullable ChatView view) {}

  private record Waiting(Asked asked, Instant deadline) {}

  private final Map<String, Waiting> waiting = new LinkedHashMap<>();
  private long count;

  /** Unique for as long as the client lives, so that a late answer can't be taken for another's. */
  String nextId() {
    return Long.toString(++count);
  }

  void add(Asked asked, Instant deadline) {
    waiting.put(asked.requestId(), new Waiting(asked, deadline));
  }

  /** The question that was answered; null if it was given up or is of another connection. */
  @Nullable Asked answered(@Nullable String requestId) {
    Waiting found = requestId == null ? null : waiting.remove(requestId);
    return found == null ? null : found.asked();
  }

  /** A {@code joined} answers a {@code join}, but not a {@code subscribe}. */
  void joined(@Nullable String requestId) {
    Waiting found = requestId == null ? null : waiting.get(requestId);
    if (found != null && found.asked().frame() instanceof ClientFrame.Join) {
      answered(requestId);
    }
  }

  /** As {@link #answered}. An error about one chat of a {@code subscribe} is no answer to it. */
  @Nullable Asked failed(ServerFrame.Failed failed) {
    String requestId = failed.requestId();
    Waiting found = requestId == null ? null : waiting.get(requestId);
    boolean isOfOneChat =
        found != null
            && found.asked().frame() instanceof ClientFrame.Subscribe
            && failed.chatId() != null;
    return isOfOneChat ? null : answered(requestId);
  }

  /** Gives up what should have been answered by now. */
  List<Asked> overdue(Instant now) {
    List<Asked> overdue = new ArrayList<>();
    for (Waiting one : List.copyOf(waiting.values())) {
      if (now.isBefore(one.deadline())) {
        break; // all wait equally long, so that the oldest is the first
      }
      overdue.add(one.asked());
      waiting.remove(one.asked().requestId());
    }
    return overdue;
  }

  @Nullable Instant nextDeadline() {
    return waiting.isEmpty() ? null : waiting.values().iterator().next().deadline();
  }

  /** Gives up everything. */
  List<Asked> clear() {
    List<Asked> all = waiting.values().stream().map(Waiting::asked).toList();
    waiting.clear();
    return all;
  }
}
