package dev.confab.fanout;

import dev.confab.events.ChatEvent.PushReplay;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Cursor;
import dev.confab.events.DeadLetter.Failure;
import dev.confab.events.DeadLetter.PushLetter;
import dev.confab.events.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The letters about what could not be delivered: one a chat and batch, however many connections
 * failed. It names each connection and each position that one of them missed; a client drops what
 * it has already.
 */
final class PushLetters {
  private static final Logger log = LoggerFactory.getLogger(PushLetters.class);

  private final String shardId;

  PushLetters(String shardId) {
    this.shardId = shardId;
  }

  private record Subject(ChatId chatId, int replayCount) {}

  private static final class Missed {
    private final Set<Position> positions = new TreeSet<>(Cursor::compareTo);
    private final Set<ConnectionId> connections = new LinkedHashSet<>();
    private @Nullable Failure failure;
  }

  /** Letters for all that waits in outboxes that have failed. */
  List<PushLetter> about(Collection<Outbox> failed) {
    Map<Subject, Missed> bySubject = new LinkedHashMap<>();
    for (Outbox outbox : failed) {
      Outbox.Failure why = outbox.failure();
      for (Frame frame : outbox.undelivered()) {
        if (why == null) {
          throw new IllegalStateException("a frame waits in an outbox that never failed");
        }
        if (frame.positions().isEmpty()) {
          // The client asks again, or sees a gap: no letter could bring this frame back in time.
          log.warn(
              "{} missed a {} of {}: {}",
              outbox.connectionId(),
              frame.kind(),
              frame.chatId(),
              why.reason());
          continue;
        }
        Subject subject = new Subject(frame.chatId(), frame.replayCount());
        Missed missed = bySubject.computeIfAbsent(subject, _ -> new Missed());
        missed.positions.addAll(frame.positions());
        missed.connections.add(outbox.connectionId());
        missed.failure = merge(missed.failure, why);
      }
    }
    List<PushLetter> letters = new ArrayList<>();
    bySubject.forEach((subject, missed) -> letters.addAll(split(subject, missed)));
    return letters;
  }

  private static Failure merge(@Nullable Failure before, Outbox.Failure why) {
    Failure one =
        new Failure(why.errorClass(), why.reason(), why.count(), why.firstAt(), why.lastAt());
    if (before == null) {
      return one;
    }
    return new Failure(
        before.errorClass(),
        before.errorText(),
        Math.max(before.attempts(), one.attempts()),
        before.firstFailedAt().isBefore(one.firstFailedAt())
            ? before.firstFailedAt()
            : one.firstFailedAt(),
        before.lastFailedAt().isAfter(one.lastFailedAt())
            ? before.lastFailedAt()
            : one.lastFailedAt());
  }

  /** One letter, or as many as its limits make of it. */
  private List<PushLetter> split(Subject subject, Missed missed) {
    Failure failure = missed.failure;
    if (failure == null) {
      throw new IllegalStateException("messages missed for no reason");
    }
    List<PushLetter> letters = new ArrayList<>();
    for (List<Position> some : chunks(missed.positions, PushReplay.MAX_POSITIONS)) {
      for (List<ConnectionId> few : chunks(missed.connections, PushReplay.MAX_CONNECTIONS)) {
        letters.add(
            new PushLetter(failure, shardId, subject.chatId(), some, few, subject.replayCount()));
      }
    }
    return letters;
  }

  private static <T> List<List<T>> chunks(Set<T> set, int most) {
    List<T> all = List.copyOf(set);
    List<List<T>> chunks = new ArrayList<>();
    for (int from = 0; from < all.size(); from += most) {
      chunks.add(all.subList(from, Math.min(from + most, all.size())));
    }
    return chunks;
  }
}
