package dev.confab.replay;

import dev.confab.events.ChatEvent;

/** What a replay does with a letter. */
sealed interface Verdict {

  /**
   * It goes back to the stage that parked it.
   *
   * @param event a {@link ChatEvent.Replay} or {@link ChatEvent.PushReplay}; the same letter gives
   *     the same event, so that replaying it twice has the effect of once
   */
  record PutBack(ChatEvent event) implements Verdict {}

  /** It is posted as a new message: it gets a new position and is pushed. */
  record PostAsNew(ChatEvent.MessageSent message) implements Verdict {}

  /**
   * It stays in the queue.
   *
   * @param detail for people; holds no text of a message
   */
  record Leave(Why why, String detail) implements Verdict {}

  /** The operator didn't mean it. */
  record PassOver() implements Verdict {}
}
