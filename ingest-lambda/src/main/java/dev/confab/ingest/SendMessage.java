package dev.confab.ingest;

import dev.confab.events.ChatEvent;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.metrics.Measurements;
import dev.confab.metrics.Metric;
import dev.confab.table.Members;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Puts a member's message on the stream, and does nothing else: whoever stores and pushes it is
 * downstream. Thread-safe.
 */
final class SendMessage {
  /**
   * How long a membership that was seen counts for sending. A removed user may write this long; the
   * fan-out stops them from reading at once. Not being a member is never remembered.
   */
  static final Duration MEMBERSHIP_FOR = Duration.ofSeconds(30);

  static final int MAX_MEMBERSHIPS = 10_000;

  private record Seat(ChatId chatId, UserId userId) {}

  private final Members members;
  private final Publisher publisher;
  private final Clock clock;
  private final BoundedMap<Seat, Instant> seen = new BoundedMap<>(MAX_MEMBERSHIPS);

  SendMessage(Members members, Publisher publisher, Clock clock) {
    this.members = members;
    this.publisher = publisher;
    this.clock = clock;
  }

  /**
   * Sends.
   *
   * @param measured takes how long the stream took, whatever it said
   * @throws StreamUnavailableException if it is unknown whether the message is on the stream
   */
  ServerFrame send(ClientFrame.SendMessage frame, Caller caller, Measurements measured) {
    if (!isMember(frame.chatId(), caller.userId())) {
      return Refusals.chatNotFound(frame.requestId(), frame.chatId());
    }
    var sent =
        new ChatEvent.MessageSent(
            frame.chatId(),
            caller.userId(),
            frame.clientMessageId(),
            frame.text(),
            frame.resend(),
            clock.instant(),
            caller.traceId());
    Instant begun = clock.instant();
    Stream.Put put = publisher.send(sent, caller.deadline());
    measured.addSince(Metric.PUT_LATENCY, begun);
    return switch (put) {
      case Stream.Taken taken ->
          new ServerFrame.Sent(
              frame.requestId(), frame.chatId(), frame.clientMessageId(), taken.position());
      case Stream.Unknown(String reason) -> throw new StreamUnavailableException(reason);
    };
  }

  private boolean isMember(ChatId chatId, UserId userId) {
    Seat seat = new Seat(chatId, userId);
    Instant now = clock.instant(); // before the read: what it sees may be as old as this
    Instant seenAt = seen.get(seat);
    if (seenAt != null && now.isBefore(seenAt.plus(MEMBERSHIP_FOR))) {
      return true;
    }
    Members.Membership membership = members.of(chatId, userId);
    if (membership == null || !membership.isActive()) {
      return false;
    }
    seen.put(seat, now);
    return true;
  }
}
