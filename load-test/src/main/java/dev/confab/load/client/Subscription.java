package dev.confab.load.client;

import java.time.Instant;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Whether this connection receives a chat, and when to ask for it. Not thread-safe. */
final class Subscription {
  private enum State {
    NONE,
    ASKED,
    JOINED
  }

  private final Backoff backoff;
  private State state = State.NONE;
  private boolean joins;
  private Instant when = Instant.MIN;

  /**
   * @param joins whether membership is to be asked for too
   */
  Subscription(boolean joins, RandomGenerator random) {
    this.joins = joins;
    this.backoff = new Backoff(Rules.SUBSCRIBE_PAUSE, Rules.MAX_PAUSE, 0.5, random);
  }

  boolean joins() {
    return joins;
  }

  /** When to ask, or to give up waiting for {@code joined}; null once it has come. */
  @Nullable Instant due() {
    return state == State.JOINED ? null : when;
  }

  /** Whether to ask now. */
  boolean isDue(Instant now) {
    if (state == State.ASKED && !now.isBefore(when)) {
      failed(now);
    }
    return state == State.NONE && !now.isBefore(when);
  }

  /** It was asked for. Its {@code joined} may have overtaken the answer that says so. */
  void asked(Instant now) {
    if (state == State.NONE) {
      state = State.ASKED;
      when = now.plus(Rules.JOINED_TIMEOUT);
    }
  }

  /** The user is a member, whether or not this connection receives the chat. */
  void admitted() {
    joins = false;
  }

  void joined() {
    state = State.JOINED;
    admitted();
    backoff.reset();
  }

  void failed(Instant now) {
    state = State.NONE;
    when = now.plus(backoff.next());
  }

  void connected(Instant now) {
    state = State.NONE;
    when = now;
    backoff.reset();
  }

  void disconnected() {
    state = State.NONE;
  }
}
