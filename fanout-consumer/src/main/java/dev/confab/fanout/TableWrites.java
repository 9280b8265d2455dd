package dev.confab.fanout;

import dev.confab.consumer.Lease;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.table.Subscriptions;
import dev.confab.table.Subscriptions.Change;
import dev.confab.table.Subscriptions.Subscription;
import dev.confab.table.TableUnavailableException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The changes that a batch makes to subscriptions, on their way to the table, side by side. They
 * are in memory at once; nothing that follows from a chat's changes leaves before all of them are
 * in the table, or else the next owner wouldn't know of a connection that was told {@code joined}.
 * The first fault ends a batch's writes: when the table is down, one time-out is enough. Called by
 * one thread.
 */
final class TableWrites {
  private static final Logger log = LoggerFactory.getLogger(TableWrites.class);

  private final Subscriptions subscriptions;
  private final SideBySide sideBySide;
  private final Lease lease;

  /** The last change of each connection: it says all that those before it in the batch do. */
  private final Map<Key, Subscription> waiting = new LinkedHashMap<>();

  private volatile @Nullable TableUnavailableException fault;

  private record Key(ChatId chatId, ConnectionId connectionId) {}

  /**
   * What the table holds in a change's place: this change, from an earlier try, or a newer one.
   *
   * @param change what was to be written
   */
  record Held(ChatId chatId, Subscription change, Subscription inTable) {}

  TableWrites(Subscriptions subscriptions, SideBySide sideBySide, Lease lease) {
    this.subscriptions = subscriptions;
    this.sideBySide = sideBySide;
    this.lease = lease;
  }

  /** Begins a batch: the table may be up again. */
  void begin() {
    fault = null;
  }

  private boolean mayGoOn() {
    return fault == null && lease.isHeld();
  }

  void add(ChatId chatId, Subscription change) {
    waiting.put(new Key(chatId, change.connectionId()), change);
  }

  /**
   * Writes a change at once.
   *
   * @return what the table holds then: the change, or what was there first
   * @throws TableUnavailableException if it may not be there
   */
  Subscription put(ChatId chatId, Subscription change) {
    if (!mayGoOn()) {
      throw new TableUnavailableException(reason());
    }
    try {
      Subscription held =
          switch (subscriptions.put(chatId, change)) {
            case Change.Applied() -> change;
            case Change.AlreadyApplied(Subscription inTable) -> inTable;
          };
      waiting.remove(new Key(chatId, change.connectionId())); // an older one
      return held;
    } catch (TableUnavailableException down) {
      fault = down;
      throw down;
    }
  }

  /** Writes what waits; what fails waits on. */
  List<Held> flush() throws InterruptedException {
    Queue<Key> written = new ConcurrentLinkedQueue<>();
    Queue<Held> held = new ConcurrentLinkedQueue<>();
    sideBySide.forEach(
        List.copyOf(waiting.entrySet()),
        this::mayGoOn,
        entry -> {
          Change change = attempt(entry.getKey(), entry.getValue());
          if (change != null) {
            written.add(entry.getKey());
          }
          if (change instanceof Change.AlreadyApplied(Subscription inTable)) {
            held.add(new Held(entry.getKey().chatId(), entry.getValue(), inTable));
          }
        });
    written.forEach(waiting::remove);
    return new ArrayList<>(held);
  }

  /** Returns null when it is to be tried again. */
  private @Nullable Change attempt(Key key, Subscription changed) {
    try {
      return subscriptions.put(key.chatId(), changed);
    } catch (TableUnavailableException down) {
      fault = down;
      return null;
    } catch (RuntimeException never) {
      // Blocking the shard for good would not help: the next owner doesn't know of this one.
      log.error("{} in {} can't be written", key.connectionId(), key.chatId(), never);
      return new Change.Applied();
    }
  }

  /** The chats with a change that is not in the table yet. */
  Set<ChatId> chatsWaiting() {
    Set<ChatId> chats = new HashSet<>();
    waiting.keySet().forEach(key -> chats.add(key.chatId()));
    return chats;
  }

  /** Why they wait. */
  String reason() {
    TableUnavailableException down = fault;
    return down == null ? "the lease moved" : String.valueOf(down.getMessage());
  }

  /**
   * Writes that connections are gone. If that fails, the next owner finds out by a push.
   *
   * @param ended one for each connection and chat
   */
  void writeGone(Map<ChatId, List<Subscription>> ended) throws InterruptedException {
    List<Runnable> puts = new ArrayList<>();
    ended.forEach(
        (chatId, all) ->
            all.forEach(one -> puts.add(() -> attempt(new Key(chatId, one.connectionId()), one))));
    sideBySide.forEach(puts, this::mayGoOn, Runnable::run);
    if (fault != null) {
      log.info("connections that are gone stay subscribed in the table: {}", reason());
    }
  }
}
