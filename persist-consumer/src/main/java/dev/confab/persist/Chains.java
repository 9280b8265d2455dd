package dev.confab.persist;

import dev.confab.events.ChatId;
import dev.confab.events.Position;
import dev.confab.table.Messages;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The chains of the chats that a shard has seen lately. One that is forgotten begins anew from the
 * table, which holds all of it by then.
 */
final class Chains {
  /** About 60 MB at 300 bytes each. */
  static final int MAX_WEIGHT = 200_000;

  private final Map<ChatId, Chain> chains = new LinkedHashMap<>(16, 0.75f, true);
  private final Messages messages;
  private final int maxWeight;

  Chains(Messages messages, int maxWeight) {
    this.messages = messages;
    this.maxWeight = maxWeight;
  }

  /**
   * The chain of a chat.
   *
   * @param first the position about to be given its place, should the chat not be known yet
   * @throws dev.confab.table.TableUnavailableException if the table can't say what lies below
   */
  Chain of(ChatId chatId, Position first) {
    Chain known = chains.get(chatId);
    if (known != null) {
      return known;
    }
    Chain begun = new Chain(chatId, first, messages.newestBefore(chatId, first));
    chains.put(chatId, begun);
    return begun;
  }

  /** The chain of a chat if it is known. */
  @Nullable Chain known(ChatId chatId) {
    return chains.get(chatId);
  }

  /**
   * Forgets those that were longest not used, down to the limit.
   *
   * @param isBusy whether something of the chat is still on its way to the table
   */
  void forget(Predicate<ChatId> isBusy) {
    long weight = chains.values().stream().mapToLong(Chain::weight).sum();
    Iterator<Chain> idlest = chains.values().iterator();
    while (weight > maxWeight && idlest.hasNext()) {
      Chain chain = idlest.next();
      if (!isBusy.test(chain.chatId())) {
        weight -= chain.weight();
        idlest.remove();
      }
    }
  }
}
