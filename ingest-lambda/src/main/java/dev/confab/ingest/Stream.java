package dev.confab.ingest;

import dev.confab.events.ChatEvent;
import dev.confab.events.Position;
import java.util.List;

/**
 * The stream of what happens in chats. A record's partition is its chat, so that a chat has one
 * order: that in which its records were taken. One call is one try. Thread-safe.
 *
 * <pre>{@code
 * switch (stream.put(event)) {
 *   case Stream.Taken(Position position) -> ...
 *   case Stream.Unknown(String reason) -> ... // try again, marked as a resend
 * }
 * }</pre>
 *
 * <p>A fault that no retry mends (no such stream, no permission) is an exception.
 */
public interface Stream {

  /** Of one {@link #putAll}: what Kinesis takes in one PutRecords. */
  int MAX_EVENTS = 500;

  /** What became of an event. */
  sealed interface Put {}

  /** It is on the stream. */
  record Taken(Position position) implements Put {}

  /**
   * It may or may not be on the stream: a time-out says nothing. A throttled one is told as this
   * too, since whoever asks does the same.
   *
   * @param reason for the log
   */
  record Unknown(String reason) implements Put {}

  /** Puts one event. */
  Put put(ChatEvent event);

  /**
   * Puts events of different chats, in no order.
   *
   * @param events 1 to {@value #MAX_EVENTS}
   * @return what became of each, in the order of {@code events}
   */
  List<Put> putAll(List<ChatEvent> events);
}
