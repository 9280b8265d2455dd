package dev.confab.table;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The table in memory: stores that pass the same contract tests as those on DynamoDB, for tests and
 * for a simulation. It has no threads and no clock; indexes never lag behind.
 *
 * <p>Safe for use by several threads: one call at a time. It outlives the consumers that use it, as
 * the real one does: give a restarted consumer the same table.
 */
public final class InMemoryTable implements ChatTable {
  private final InMemoryMessages messages = new InMemoryMessages(this);
  private final InMemorySubscriptions subscriptions = new InMemorySubscriptions(this);
  private final InMemoryMembers members = new InMemoryMembers(this);
  private final InMemoryChats chats = new InMemoryChats(this, members, messages);
  private final InMemoryConnections connections = new InMemoryConnections(this);
  private final InMemoryUsers users = new InMemoryUsers(this);

  private volatile Faults faults = Faults.NONE;

  @Override
  public Messages messages() {
    return messages;
  }

  @Override
  public Subscriptions subscriptions() {
    return subscriptions;
  }

  @Override
  public Members members() {
    return members;
  }

  @Override
  public Chats chats() {
    return chats;
  }

  @Override
  public Connections connections() {
    return connections;
  }

  @Override
  public Users users() {
    return users;
  }

  /** From now on, calls fail as these say; {@link Faults#NONE} at first. */
  public void fail(Faults faults) {
    this.faults = faults;
  }

  Faults faults() {
    return faults;
  }

  synchronized <T extends @Nullable Object> T call(TableCall call, Supplier<T> action) {
    Faults.Fault fault = faults.next(call);
    if (fault == Faults.Fault.NOT_DONE) {
      throw new TableUnavailableException(call + " was not done");
    }
    T answer = action.get();
    if (fault == Faults.Fault.DONE_UNANSWERED) {
      throw new TableUnavailableException(call + " was not answered");
    }
    return answer;
  }
}
