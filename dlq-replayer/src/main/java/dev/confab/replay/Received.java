package dev.confab.replay;

import dev.confab.events.DeadLetter;
import dev.confab.events.DeadLetterCodec;
import dev.confab.events.InvalidJsonException;

/** A letter in hand: what lies in a queue, and what it turned out to be. */
record Received(Letters queue, QueueMessage message, Content content) {

  /** What a message in a dead-letter queue is. */
  sealed interface Content {}

  /** A letter of ours. */
  record Ours(DeadLetter letter) implements Content {}

  /**
   * Something else that somebody put there, or a letter of a version that this build doesn't know.
   */
  record NotOurs(String reason) implements Content {}

  static Received of(Letters queue, QueueMessage message) {
    return new Received(queue, message, content(message.body()));
  }

  /** Any body gives an answer. */
  static Content content(String body) {
    try {
      return new Ours(DeadLetterCodec.decode(body));
    } catch (InvalidJsonException notOurs) {
      return new NotOurs(String.valueOf(notOurs.getMessage()));
    }
  }
}
