package dev.confab.table;

import dev.confab.events.UserId;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Users in the table. */
final class DynamoDbUsers implements Users {
  private final TableClient table;

  DynamoDbUsers(TableClient table) {
    this.table = table;
  }

  @Override
  public boolean put(UserId userId, String name) {
    Condition newOrChanged =
        new Condition(
            "attribute_not_exists(#pk) OR #name <> :name",
            Map.of("#pk", Attributes.PK, "#name", Attributes.NAME),
            Map.of(":name", AttributeValue.fromS(name)));
    Item user = Item.at(Keys.user(userId)).with(Attributes.NAME, name);
    return table.putIf(user, newOrChanged) instanceof TableClient.Written.Done;
  }

  @Override
  public Map<UserId, String> names(Collection<UserId> userIds) {
    Map<UserId, String> names = new HashMap<>();
    for (Item user : table.getAll(userIds.stream().map(Keys::user).toList(), false).values()) {
      names.put(Keys.userOf(user.key()), user.string(Attributes.NAME));
    }
    return names;
  }
}
