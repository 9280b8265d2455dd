package dev.confab.events;

import org.jspecify.annotations.Nullable;

/** What a record on the stream turned out to be. */
public sealed interface Decoded {

  /** An event of the contract, in the partition of its chat. */
  record Event(ChatEvent event) implements Decoded {}

  /**
   * A well-formed event of a kind that this build doesn't know: consumers are deployed before
   * producers, so someone else put it there. Persist parks it, the fan-out ignores it.
   */
  record UnknownType(String type) implements Decoded {}

  /**
   * Not an event of the contract.
   *
   * @param reason for the dead letter; names the field, holds none of its values
   * @param message what the record says of the message that it holds, where it says it is one and
   *     lies in its chat's partition: that chat's chain gets a placeholder. Null otherwise
   */
  record Malformed(String reason, @Nullable MessageClaim message) implements Decoded {}

  /**
   * What a refused record says of the message it holds.
   *
   * @param senderId absent where the record has none that is valid
   * @param clientMessageId absent where the record has none that is valid
   */
  record MessageClaim(
      ChatId chatId, @Nullable UserId senderId, @Nullable ClientMessageId clientMessageId) {}
}
