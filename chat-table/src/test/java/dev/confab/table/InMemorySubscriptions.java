package dev.confab.table;

import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

final class InMemorySubscriptions implements Subscriptions {
  private final InMemoryTable table;
  private final Map<ChatId, SortedMap<ConnectionId, Subscription>> chats = new HashMap<>();

  InMemorySubscriptions(InMemoryTable table) {
    this.table = table;
  }

  private SortedMap<ConnectionId, Subscription> chat(ChatId chatId) {
    return chats.computeIfAbsent(chatId, _ -> new TreeMap<>());
  }

  @Override
  public List<Subscription> of(ChatId chatId, Instant now) {
    return table.call(
        TableCall.SUBSCRIPTIONS_READ,
        () -> chat(chatId).values().stream().filter(held -> !held.isExpired(now)).toList());
  }

  @Override
  public Change put(ChatId chatId, Subscription changed) {
    return table.call(
        TableCall.SUBSCRIPTIONS_PUT,
        () -> {
          Subscription held = chat(chatId).get(changed.connectionId());
          if (held != null && !changed.lastChange().isAfter(held.lastChange())) {
            return new Change.AlreadyApplied(held);
          }
          chat(chatId).put(changed.connectionId(), changed);
          return new Change.Applied();
        });
  }
}
