package dev.confab.ingest;

import dev.confab.events.ChatEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Puts events on the stream, trying again within a frame's time. Thread-safe. */
final class Publisher {
  private final Stream stream;
  private final Retries retries;

  Publisher(Stream stream, Retries retries) {
    this.stream = stream;
    this.retries = retries;
  }

  /**
   * Puts a message. From the second try on it is marked as a resend, since the first may have
   * landed after all: persist then looks for it before it stores a copy.
   */
  Stream.Put send(ChatEvent.MessageSent sent, Instant deadline) {
    ChatEvent.MessageSent next = sent;
    for (int attempt = 1; ; attempt++) {
      Stream.Put put = stream.put(next);
      if (put instanceof Stream.Taken || !retries.again(attempt, deadline)) {
        return put;
      }
      next = resent(sent);
    }
  }

  private static ChatEvent.MessageSent resent(ChatEvent.MessageSent sent) {
    return new ChatEvent.MessageSent(
        sent.chatId(),
        sent.senderId(),
        sent.clientMessageId(),
        sent.text(),
        true,
        sent.sentAt(),
        sent.traceId());
  }

  /** Puts an event that may lie there twice: what it says holds the second time too. */
  Stream.Put publish(ChatEvent event, Instant deadline) {
    return publishAll(List.of(event), deadline).getFirst();
  }

  /**
   * Puts such events of different chats. Only those that failed are tried again.
   *
   * @return what became of each, in the order of {@code events}
   */
  List<Stream.Put> publishAll(List<ChatEvent> events, Instant deadline) {
    List<Stream.Put> puts = new ArrayList<>(stream.putAll(events));
    for (int attempt = 1; ; attempt++) {
      List<Integer> failed = new ArrayList<>();
      for (int i = 0; i < puts.size(); i++) {
        if (puts.get(i) instanceof Stream.Unknown) {
          failed.add(i);
        }
      }
      if (failed.isEmpty() || !retries.again(attempt, deadline)) {
        return puts;
      }
      List<Stream.Put> retried = stream.putAll(failed.stream().map(events::get).toList());
      for (int i = 0; i < retried.size(); i++) {
        puts.set(failed.get(i), retried.get(i));
      }
    }
  }
}
