package dev.confab.table;

import dev.confab.events.UserId;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

final class InMemoryUsers implements Users {
  private final InMemoryTable table;
  private final Map<UserId, String> names = new HashMap<>();

  InMemoryUsers(InMemoryTable table) {
    this.table = table;
  }

  @Override
  public boolean put(UserId userId, String name) {
    return table.call(TableCall.USERS_PUT, () -> !name.equals(names.put(userId, name)));
  }

  @Override
  public Map<UserId, String> names(Collection<UserId> userIds) {
    return table.call(
        TableCall.USERS_READ,
        () -> {
          Map<UserId, String> found = new HashMap<>();
          for (UserId userId : userIds) {
            String name = names.get(userId);
            if (name != null) {
              found.put(userId, name);
            }
          }
          return found;
        });
  }
}
