package dev.confab.persist;

import dev.confab.events.ChatId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.table.Messages;
import dev.confab.table.Parallel;
import dev.confab.table.TableUnavailableException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The chains of one shard's chats. Those that weren't used for longest are forgotten, and read
 * again when needed in the same way as at first. For one thread.
 */
final class Chains {
  /**
   * Remembered in all, about 200 bytes each: 20 MB a shard, which takes 100 s to fill at the most
   * that a shard takes in.
   */
  static final int MAX_PLACES = 100_000;

  /** Reads of one item: a lease that begins with a thousand chats waits for 32 rounds of them. */
  private static final int SMALL_READS_AT_ONCE = 32;

  /** Reads of up to a thousand messages, 17 MB at the worst. */
  private static final int LARGE_READS_AT_ONCE = 4;

  private static final Logger LOG = LoggerFactory.getLogger(Chains.class);

  private final Messages messages;
  private final Parallel smallReads;
  private final Parallel largeReads;
  private final int maxPlaces;
  private final LinkedHashMap<ChatId, Chain> chains = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * @param maxPlaces {@link #MAX_PLACES}, or fewer for a test
   */
  Chains(Messages messages, Executor executor, int maxPlaces) {
    this.messages = messages;
    this.smallReads = new Parallel(executor, SMALL_READS_AT_ONCE);
    this.largeReads = new Parallel(executor, LARGE_READS_AT_ONCE);
    this.maxPlaces = maxPlaces;
  }

  /**
   * What is needed of a chat.
   *
   * @param first the lowest position about to be placed
   * @param hasResends whether its history is needed too
   */
  record Need(ChatId chatId, Position first, boolean hasResends) {}

  /** A chat's chain, null if it isn't open. */
  @Nullable Chain get(ChatId chatId) {
    return chains.get(chatId);
  }

  /** Forgets a chat of which nothing is open: it is read again when needed. */
  void forget(ChatId chatId) {
    chains.remove(chatId);
  }

  /**
   * Opens the chains of chats. A chat that is new here goes on from the newest entry in the table
   * <em>below</em> the first position about to be placed: the lease's last owner wrote beyond its
   * checkpoint, and what it wrote there is what comes again now.
   *
   * @return the chats whose chain isn't open: the table did not answer, or not in our words
   */
  Set<ChatId> open(List<Need> needs) {
    forgetOldest();
    Set<ChatId> failed = new HashSet<>();
    List<Need> unknown = needs.stream().filter(need -> isUnknown(need, failed)).toList();
    answered(unknown, smallReads, Need::chatId, this::begin, failed)
        .forEach(chain -> chains.put(chain.chatId(), chain));
    List<Chain> withoutHistory =
        needs.stream()
            .filter(Need::hasResends)
            .map(need -> chains.get(need.chatId()))
            .filter(chain -> chain != null && !failed.contains(chain.chatId()))
            .filter(chain -> !chain.knowsHistory())
            .toList();
    answered(withoutHistory, largeReads, Chain::chatId, this::history, failed)
        .forEach(history -> history.chain().addHistory(history.newestFirst()));
    return failed;
  }

  /** A record that comes again, below what is known, begins the chain anew once nothing is open. */
  private boolean isUnknown(Need need, Set<ChatId> failed) {
    Chain chain = chains.get(need.chatId());
    if (chain == null) {
      return true;
    }
    if (chain.canPlace(need.first())) {
      return false;
    }
    if (chain.isUnfinished()) {
      failed.add(need.chatId());
      return false;
    }
    return true;
  }

  private Chain begin(Need need) {
    Cursor newestBelow = messages.newestBefore(need.chatId(), need.first());
    return new Chain(need.chatId(), newestBelow, need.first());
  }

  private record History(Chain chain, List<Entry> newestFirst) {}

  private History history(Chain chain) {
    return new History(chain, messages.before(chain.chatId(), chain.first(), Chain.WINDOW));
  }

  /**
   * What the table answers; the chats for which it doesn't go to {@code failed}, and those of which
   * something can't be read. The first sign of an outage ends the reads: more would only wait for
   * time-outs, and nobody asks the lease meanwhile.
   */
  private static <T, R> List<R> answered(
      List<T> arguments,
      Parallel parallel,
      Function<T, ChatId> chatIdOf,
      Function<T, R> read,
      Set<ChatId> failed) {
    AtomicBoolean isDown = new AtomicBoolean();
    List<Optional<R>> answers =
        parallel.map(
            arguments,
            argument -> {
              if (isDown.get()) {
                return Optional.empty();
              }
              try {
                return Optional.of(read.apply(argument));
              } catch (TableUnavailableException later) {
                LOG.warn("can't read chat {}", chatIdOf.apply(argument), later);
                isDown.set(true);
                return Optional.empty();
              } catch (RuntimeException unreadable) {
                LOG.error("can't read chat {}", chatIdOf.apply(argument), unreadable);
                return Optional.empty();
              }
            });
    for (int i = 0; i < answers.size(); i++) {
      if (answers.get(i).isEmpty()) {
        failed.add(chatIdOf.apply(arguments.get(i)));
      }
    }
    return answers.stream().flatMap(Optional::stream).toList();
  }

  /** Never one of which something is open: its place in the chain is known only here. */
  private void forgetOldest() {
    int places = chains.values().stream().mapToInt(chain -> 1 + chain.size()).sum();
    Iterator<Chain> oldestFirst = chains.values().iterator();
    while (places > maxPlaces && oldestFirst.hasNext()) {
      Chain chain = oldestFirst.next();
      if (!chain.isUnfinished()) {
        places -= 1 + chain.size();
        oldestFirst.remove();
      }
    }
  }
}
