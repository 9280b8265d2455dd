package dev.confab.table;

import org.junit.jupiter.api.Nested;

/** The table in memory does what every table does. */
class InMemoryTableTest {

  @Nested
  class MessagesInMemory extends MessagesContract {
    @Override
    protected ChatTable newTable() {
      return new InMemoryTable();
    }
  }

  @Nested
  class SubscriptionsInMemory extends SubscriptionsContract {
    @Override
    protected ChatTable newTable() {
      return new InMemoryTable();
    }
  }

  @Nested
  class MembersInMemory extends MembersContract {
    @Override
    protected ChatTable newTable() {
      return new InMemoryTable();
    }
  }

  @Nested
  class ChatsInMemory extends ChatsContract {
    @Override
    protected ChatTable newTable() {
      return new InMemoryTable();
    }
  }

  @Nested
  class ConnectionsInMemory extends ConnectionsContract {
    @Override
    protected ChatTable newTable() {
      return new InMemoryTable();
    }
  }

  @Nested
  class UsersInMemory extends UsersContract {
    @Override
    protected ChatTable newTable() {
      return new InMemoryTable();
    }
  }
}
