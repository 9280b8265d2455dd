package dev.confab.fanout;

import dev.confab.consumer.DeadLetters;
import dev.confab.consumer.ShardCounts;
import dev.confab.consumer.ShardStart;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.DeadLetter;
import dev.confab.events.DeadLetter.PushLetter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what a batch has to its connections, or into the dead-letter queue. What could be neither
 * pushed nor parked yet waits here for the next call: the batch isn't done until nothing does. Used
 * by one thread.
 */
final class Delivery {
  private static final Logger log = LoggerFactory.getLogger(Delivery.class);

  /** How long a batch waits for an endpoint that is down before it is parked. */
  static final Duration PATIENCE = Duration.ofMinutes(1);

  private final PushRounds rounds;
  private final Pushes pushes;
  private final RateShare rate;
  private final ShardCounts counts;
  private final DeadLetters deadLetters;
  private final PushLetters letters;
  private final Clock clock;
  private final Map<ChatId, ChatFrames> added = new LinkedHashMap<>();
  private final Map<ConnectionId, Outbox> outboxes = new LinkedHashMap<>();
  private final List<PushLetter> unsent = new ArrayList<>();
  private @Nullable Instant silentSince;

  Delivery(ShardStart start, FanoutStage.Ports ports, RateShare rate) {
    this.rounds = new PushRounds(start, ports, rate);
    this.pushes = ports.pushes();
    this.rate = rate;
    this.counts = start.counts();
    this.deadLetters = ports.deadLetters();
    this.letters = new PushLetters(start.shardId());
    this.clock = ports.clock();
  }

  /**
   * How far it came.
   *
   * @param waiting the ids of the chats whose events are not done; each is to be offered again
   * @param reason why, for the log
   * @param gone connections that are no more, and the chat whose push found out
   */
  record Settled(Set<String> waiting, String reason, Map<ConnectionId, ChatId> gone) {}

  /**
   * Where a chat's next frames go. They wait from here on: an event that was applied is not applied
   * again, even if a fault ends the call in which it was.
   */
  ChatFrames framesOf(ChatId chatId) {
    return added.computeIfAbsent(chatId, ChatFrames::new);
  }

  /** Adds a letter about messages that can't even be tried. */
  void park(PushLetter letter) {
    unsent.add(letter);
  }

  /**
   * Pushes and parks what waits, as far as that goes now.
   *
   * @param heldBack chats whose frames must not leave yet
   */
  Settled settle(Set<ChatId> heldBack) throws InterruptedException {
    sort(heldBack);
    Map<ConnectionId, ChatId> gone = new LinkedHashMap<>();
    String stopped = pushAll(gone);
    if (stopped != null) {
      return new Settled(chatsWaiting(), stopped, gone);
    }
    unsent.addAll(letters.about(outboxes.values()));
    outboxes.clear();
    silentSince = null;
    String refused = sendLetters();
    return new Settled(chatsWaiting(), refused == null ? "" : refused, gone);
  }

  /** Small chats first: they should not wait until a big one has had its part of the rate. */
  private void sort(Set<ChatId> heldBack) {
    List<ChatFrames> ready =
        added.values().stream()
            .filter(chat -> !heldBack.contains(chat.chatId()))
            .sorted(Comparator.comparingInt(ChatFrames::connections))
            .toList();
    for (ChatFrames chat : ready) {
      chat.forEach(
          (connection, frame) -> outboxes.computeIfAbsent(connection, Outbox::new).add(frame));
      added.remove(chat.chatId());
    }
  }

  /** Returns null when what still waits is to be parked, else why it is to be tried again. */
  private @Nullable String pushAll(Map<ConnectionId, ChatId> gone) throws InterruptedException {
    if (outboxes.isEmpty()) {
      return null;
    }
    String silence = silentSince == null ? null : silence();
    if (silence != null) {
      return patience(silence);
    }
    outboxes.values().forEach(Outbox::startAgain);
    PushRounds.Result result = rounds.deliver(List.copyOf(outboxes.values()));
    for (Outbox outbox : outboxes.values()) {
      ChatId chatId = outbox.goneIn();
      if (chatId != null) {
        gone.put(outbox.connectionId(), chatId);
      }
    }
    outboxes.values().removeIf(outbox -> outbox.undelivered().isEmpty());
    return switch (result) {
      case PushRounds.Ended() -> null;
      case PushRounds.LeaseMoved() -> "the lease moved";
      case PushRounds.NoAnswer() -> {
        String reason = silence();
        if (reason != null) {
          yield patience(reason);
        }
        rounds.blame(outboxes.values());
        yield null;
      }
    };
  }

  /**
   * Asks the endpoint about a connection. If it knows, it is up, and the fault is with each of
   * those that failed: a single slow client must not look like an outage. So it is asked about one
   * that is none of them, if there is any: what it answers about such a client may be 429 or 403
   * too, and says nothing of the others.
   *
   * @return why it doesn't know, null if it does
   */
  private @Nullable String silence() throws InterruptedException {
    rate.take(counts);
    ConnectionId served = rounds.lastServed();
    ConnectionId asked =
        served == null || outboxes.containsKey(served)
            ? outboxes.keySet().iterator().next()
            : served;
    return switch (pushes.probe(asked)) {
      case Pushes.Connected(), Pushes.Gone(), Pushes.Refused _ -> null;
      case Pushes.Unknown(String reason) -> reason;
    };
  }

  /** Returns null when the wait is over. */
  private @Nullable String patience(String silence) {
    Instant now = clock.instant();
    Instant since = silentSince;
    if (since == null) {
      log.warn("@connections does not answer: {}", silence);
      since = now;
      silentSince = now;
    }
    String reason = "@connections has not answered since " + since + ": " + silence;
    if (now.isBefore(since.plus(PATIENCE))) {
      return reason;
    }
    for (Outbox outbox : outboxes.values()) {
      if (outbox.failure() == null) { // came while the others waited
        outbox.fail("Failed", reason, now);
      }
    }
    return null;
  }

  /** Returns why some were refused, null if all are in the queue. */
  private @Nullable String sendLetters() {
    if (unsent.isEmpty()) {
      return null;
    }
    List<DeadLetter> sending = List.copyOf(unsent);
    return switch (deadLetters.send(sending)) {
      case DeadLetters.Taken() -> {
        unsent.clear();
        yield null;
      }
      case DeadLetters.Refused(List<DeadLetter> refused, String reason) -> {
        unsent.removeIf(letter -> !refused.contains(letter));
        yield "the dead-letter queue refused " + refused.size() + " letters: " + reason;
      }
    };
  }

  private Set<String> chatsWaiting() {
    Set<String> chats = new HashSet<>();
    added.keySet().forEach(chatId -> chats.add(chatId.value()));
    for (Outbox outbox : outboxes.values()) {
      outbox.undelivered().forEach(frame -> chats.add(frame.chatId().value()));
    }
    unsent.forEach(letter -> chats.add(letter.chatId().value()));
    return chats;
  }
}
