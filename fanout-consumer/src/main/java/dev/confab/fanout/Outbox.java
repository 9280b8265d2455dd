package dev.confab.fanout;

import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one batch has for one connection, over all chats, in the order it is to be sent, and how far
 * that has come. Handed from thread to thread, used by one at a time.
 */
final class Outbox {
  private final ConnectionId connectionId;
  private final Deque<Frame> waiting = new ArrayDeque<>();
  private final List<Frame> refused = new ArrayList<>();
  private int failures;
  private @Nullable Failure failure;
  private @Nullable ChatId goneIn;

  /**
   * Why frames still wait.
   *
   * @param count tries that failed
   * @param reason of the last one
   */
  record Failure(String errorClass, String reason, int count, Instant firstAt, Instant lastAt) {}

  Outbox(ConnectionId connectionId) {
    this.connectionId = connectionId;
  }

  ConnectionId connectionId() {
    return connectionId;
  }

  void add(Frame frame) {
    waiting.add(frame);
  }

  /** The frame to send now, null when there is none. */
  @Nullable Frame next() {
    return waiting.peek();
  }

  /** The next frame needs no further try: it was sent, or its subscription has run out. */
  void drop() {
    waiting.remove();
  }

  /** No try can deliver the next frame; those after it are not affected. */
  void refuse(String errorClass, String reason, Instant now) {
    refused.add(waiting.remove());
    note(errorClass, reason, now);
  }

  /** The next frame could not be delivered now. */
  void fail(String errorClass, String reason, Instant now) {
    failures++;
    note(errorClass, reason, now);
  }

  private void note(String errorClass, String reason, Instant now) {
    Failure before = failure;
    failure =
        before == null
            ? new Failure(errorClass, reason, 1, now, now)
            : new Failure(errorClass, reason, before.count() + 1, before.firstAt(), now);
  }

  /** The connection is no more: nothing is left to send. */
  void gone() {
    Frame answered = waiting.peek();
    goneIn = answered == null ? null : answered.chatId();
    waiting.clear();
    refused.clear();
  }

  /** The chat whose frame found the connection gone, null if none did. */
  @Nullable ChatId goneIn() {
    return goneIn;
  }

  /** Tries that failed since {@link #startAgain}. */
  int failures() {
    return failures;
  }

  /** Gives the connection its whole budget again. */
  void startAgain() {
    failures = 0;
  }

  boolean isWaiting() {
    return !waiting.isEmpty();
  }

  /** What was not delivered, refused frames included, in no order that matters. */
  List<Frame> undelivered() {
    List<Frame> all = new ArrayList<>(refused);
    all.addAll(waiting);
    return all;
  }

  /** Why, null if nothing failed. */
  @Nullable Failure failure() {
    return failure;
  }
}
