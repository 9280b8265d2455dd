package dev.confab.load.check;

import dev.confab.events.ChatEvent.MessageSent;
import dev.confab.events.ChatEvents;
import dev.confab.events.Decoded;

/** Messages that a replay posted anew, since their record lay in the wrong place. */
final class NewCopies {
  private NewCopies() {}

  /** Whether a message is what a misplaced record held. */
  static boolean isCopy(Truth.Place place, byte[] misplaced) {
    return place.sent() != null
        && ChatEvents.decode(place.chatId().value(), misplaced)
            instanceof Decoded.Event(MessageSent sent)
        && sent.senderId().equals(place.sent().senderId())
        && sent.clientMessageId().equals(place.sent().clientMessageId())
        && sent.text().equals(place.sent().text());
  }
}
