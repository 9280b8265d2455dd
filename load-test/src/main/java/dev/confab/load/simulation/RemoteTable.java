package dev.confab.load.simulation;

import dev.confab.events.ChatId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.Role;
import dev.confab.events.SentCursor;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.table.ChatTable;
import dev.confab.table.Chats;
import dev.confab.table.Members;
import dev.confab.table.Messages;
import dev.confab.table.Subscriptions;
import dev.confab.table.TableUnavailableException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The table as one process reaches it: calls take time, fail, or are done and not answered; a batch
 * is not atomic, is done in any order, and in part. Between any two effects the process may die.
 */
final class RemoteTable extends ForwardingTable {
  private final World world;
  private final Life life;
  private final ChatTable table;

  RemoteTable(World world, Life life) {
    super(world.table);
    this.world = world;
    this.life = life;
    this.table = world.table;
  }

  private <T extends @Nullable Object> T write(Supplier<T> action) {
    life.stepToAWrite();
    return call(action);
  }

  private <T extends @Nullable Object> T call(Supplier<T> action) {
    life.step();
    Faults faults = world.faults;
    if (faults.isDown(Faults.Service.TABLE, world.fibers.instant())
        || world.chance.of(faults.likelihood(faults.notDone))) {
      throw new TableUnavailableException("throttled");
    }
    T answer = action.get();
    life.step();
    if (world.chance.of(faults.likelihood(faults.unanswered))) {
      throw new TableUnavailableException("not answered");
    }
    return answer;
  }

  @Override
  public Messages messages() {
    return new RemoteMessages();
  }

  @Override
  public Subscriptions subscriptions() {
    return new RemoteSubscriptions();
  }

  @Override
  public Members members() {
    return new RemoteMembers();
  }

  @Override
  public Chats chats() {
    return new RemoteChats();
  }

  private final class RemoteMessages extends ForwardingMessages {
    private final Messages messages = table.messages();

    RemoteMessages() {
      super(table.messages());
    }

    @Override
    public BatchOutcome writeBatch(List<Stored> items) {
      life.stepToAWrite();
      Faults faults = world.faults;
      if (faults.isDown(Faults.Service.TABLE, world.fibers.instant())
          || world.chance.of(faults.likelihood(faults.notDone))) {
        return new BatchOutcome.Unavailable("throttled");
      }
      String refused = refused(items);
      if (refused != null) {
        return new BatchOutcome.Refused(refused);
      }
      Set<Stored> left = new HashSet<>();
      for (Stored item : world.chance.shuffled(items)) {
        if (world.chance.of(faults.likelihood(faults.unprocessed))) {
          left.add(item);
        } else {
          world.write(life, item);
          if (world.chance.of(0.1)) {
            life.step(); // others see a part of it, and it may stay one
          }
        }
      }
      if (!left.isEmpty()) {
        world.note(Incident.PARTIAL_BATCH);
      }
      life.step();
      return world.chance.of(faults.likelihood(faults.unanswered))
          ? new BatchOutcome.Unavailable("not answered")
          : new BatchOutcome.Written(items.stream().filter(left::contains).toList());
    }

    private @Nullable String refused(List<Stored> items) {
      Set<List<Object>> keys = new HashSet<>();
      for (Stored item : items) {
        if (!keys.add(List.of(item.chatId(), item.entry().position()))) {
          return "two items with one key";
        }
        if (life.isRefused(item.entry())) {
          return "an item that it doesn't take";
        }
      }
      return null;
    }

    @Override
    public boolean placeholder(ChatId chatId, Entry.Parked parked) {
      return write(
          () -> {
            boolean isNew = messages.placeholder(chatId, parked);
            world.trace.add(
                "%s placeholder %s %s %s".formatted(life.name(), chatId, parked.position(), isNew));
            return isNew;
          });
    }

    /** A read and a conditional write, as on DynamoDB: another's may come between. */
    @Override
    public Repair repair(
        ChatId chatId,
        Position position,
        Supplier<? extends Cursor> prevWhenAbsent,
        Function<? super Cursor, ? extends Entry> entry) {
      for (int look = 1; look <= 3; look++) {
        Entry there = at(chatId, List.of(position)).get(position);
        Cursor known = there == null ? null : there.prev();
        Cursor prev = known == null ? prevWhenAbsent.get() : known;
        Entry replayed = entry.apply(prev);
        if (there != null && !(there instanceof Entry.Parked)) {
          return there.equals(replayed)
              ? new Repair.Repaired(replayed)
              : new Repair.Occupied(there);
        }
        if (life.isRefused(replayed)) {
          return new Repair.Refused("an item that it doesn't take");
        }
        boolean isDone = write(() -> put(chatId, there, replayed));
        if (isDone) {
          return new Repair.Repaired(replayed);
        }
      }
      throw new TableUnavailableException("what is at " + position + " kept changing");
    }

    private boolean put(ChatId chatId, @Nullable Entry seen, Entry replayed) {
      Position position = replayed.position();
      Entry now = messages.at(chatId, List.of(position)).get(position);
      boolean isUnchanged = seen == null ? now == null : now instanceof Entry.Parked;
      if (isUnchanged) {
        world.write(life, new Stored(chatId, replayed));
      }
      return isUnchanged;
    }

    @Override
    public List<Entry> after(ChatId chatId, Cursor after, int limit) {
      return call(() -> messages.after(chatId, after, limit));
    }

    @Override
    public List<Entry> before(ChatId chatId, @Nullable Position before, int limit) {
      return call(() -> messages.before(chatId, before, limit));
    }

    @Override
    public List<Entry> upTo(ChatId chatId, Position upTo, int limit) {
      return call(() -> messages.upTo(chatId, upTo, limit));
    }

    @Override
    public Cursor newest(ChatId chatId) {
      return call(() -> messages.newest(chatId));
    }

    @Override
    public Cursor newestBefore(ChatId chatId, Position exclusive) {
      return call(() -> messages.newestBefore(chatId, exclusive));
    }

    @Override
    public Map<Position, Entry> at(ChatId chatId, Collection<Position> positions) {
      return call(() -> messages.at(chatId, positions));
    }

    @Override
    public List<ServerFrame.OwnMessage> of(UserId sender, @Nullable SentCursor before, int limit) {
      return call(() -> messages.of(sender, before, limit));
    }
  }

  private final class RemoteSubscriptions implements Subscriptions {
    private final Subscriptions subscriptions = table.subscriptions();

    @Override
    public List<Subscription> of(ChatId chatId, Instant now) {
      return call(() -> subscriptions.of(chatId, now));
    }

    @Override
    public Change put(ChatId chatId, Subscription changed) {
      if (!world.faults.isOver() && world.ambushes.remove(changed.userId())) {
        life.freezeUntilItIsAZombie();
      }
      return write(
          () -> {
            Change change = subscriptions.put(chatId, changed);
            world.trace.add(
                "%s subscription %s %s %s"
                    .formatted(life.name(), chatId, changed, change instanceof Change.Applied));
            return change;
          });
    }
  }

  private final class RemoteMembers implements Members {
    private final Members members = table.members();

    @Override
    public @Nullable Membership of(ChatId chatId, UserId userId) {
      return call(() -> members.of(chatId, userId));
    }

    @Override
    public List<Membership> in(ChatId chatId, @Nullable UserId after, int limit) {
      return call(() -> members.in(chatId, after, limit));
    }

    @Override
    public List<Membership> of(UserId userId, @Nullable ChatId after, int limit) {
      return call(() -> members.of(userId, after, limit));
    }

    @Override
    public Membership add(ChatId chatId, UserId userId, Role role) {
      return write(() -> members.add(chatId, userId, role));
    }

    @Override
    public Join join(ChatId chatId, UserId userId) {
      return write(() -> members.join(chatId, userId));
    }

    @Override
    public Removal remove(ChatId chatId, UserId userId, UserId owner) {
      return write(() -> members.remove(chatId, userId, owner));
    }

    @Override
    public Leave leave(ChatId chatId, UserId userId) {
      return write(() -> members.leave(chatId, userId));
    }
  }

  private final class RemoteChats implements Chats {
    private final Chats chats = table.chats();

    @Override
    public Creation create(Chat chat) {
      return write(() -> chats.create(chat));
    }

    @Override
    public @Nullable Chat of(ChatId chatId) {
      return call(() -> chats.of(chatId));
    }

    @Override
    public List<ServerFrame.ChatSummary> summaries(List<Members.Membership> memberships) {
      return call(() -> new ArrayList<>(chats.summaries(memberships)));
    }
  }
}
