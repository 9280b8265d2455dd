package dev.confab.table;

import org.junit.jupiter.api.Nested;

/** The stores on DynamoDB do what every table does, against DynamoDB Local. */
class DynamoDbChatTableIT {

  @Nested
  class MessagesOnDynamoDb extends MessagesContract {
    @Override
    protected ChatTable newTable() {
      return LocalDynamoDb.newTable();
    }
  }

  @Nested
  class SubscriptionsOnDynamoDb extends SubscriptionsContract {
    @Override
    protected ChatTable newTable() {
      return LocalDynamoDb.newTable();
    }
  }

  @Nested
  class MembersOnDynamoDb extends MembersContract {
    @Override
    protected ChatTable newTable() {
      return LocalDynamoDb.newTable();
    }
  }

  @Nested
  class ChatsOnDynamoDb extends ChatsContract {
    @Override
    protected ChatTable newTable() {
      return LocalDynamoDb.newTable();
    }
  }

  @Nested
  class ConnectionsOnDynamoDb extends ConnectionsContract {
    @Override
    protected ChatTable newTable() {
      return LocalDynamoDb.newTable();
    }
  }

  @Nested
  class UsersOnDynamoDb extends UsersContract {
    @Override
    protected ChatTable newTable() {
      return LocalDynamoDb.newTable();
    }
  }
}
