package dev.confab.table;

import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Position;
import dev.confab.events.UserId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Subscriptions in the table. */
final class DynamoDbSubscriptions implements Subscriptions {
  private final TableClient table;

  DynamoDbSubscriptions(TableClient table) {
    this.table = table;
  }

  @Override
  public List<Subscription> of(ChatId chatId, Instant now) {
    return table
        .query(Keys.subscriptions(chatId), false, Integer.MAX_VALUE, notExpired(now))
        .stream()
        .map(DynamoDbSubscriptions::subscriptionOf)
        .toList();
  }

  /** {@link Subscription#isExpired} of whole milliseconds, asked where the items are. */
  private static Condition notExpired(Instant now) {
    return new Condition(
        "#expiresAt > :now",
        Map.of("#expiresAt", Attributes.EXPIRES_AT_MILLIS),
        Map.of(":now", AttributeValue.fromN(Long.toString(now.toEpochMilli()))));
  }

  @Override
  public Change put(ChatId chatId, Subscription changed) {
    Condition older =
        new Condition(
            "attribute_not_exists(#pk) OR #lastChange < :lastChange",
            Map.of("#pk", Attributes.PK, "#lastChange", Attributes.LAST_CHANGE),
            Map.of(":lastChange", AttributeValue.fromS(changed.lastChange().value())));
    return switch (table.putIf(itemOf(chatId, changed), older)) {
      case TableClient.Written.Done() -> new Change.Applied();
      case TableClient.Written.Refused(Item inTable) when inTable != null ->
          new Change.AlreadyApplied(subscriptionOf(inTable));
      case TableClient.Written.Refused _ ->
          throw new IllegalStateException("a condition refused, and no item it was asked of");
      case TableClient.Written.Crossed() ->
          throw new TableUnavailableException("a transaction at a subscription");
    };
  }

  static Item itemOf(ChatId chatId, Subscription subscription) {
    Position until = subscription.until();
    return Item.at(Keys.subscription(chatId, subscription.connectionId()))
        .with(Attributes.USER_ID, subscription.userId().value())
        .with(Attributes.GENERATION, subscription.generation())
        .with(Attributes.SINCE, subscription.since().value())
        .with(Attributes.UNTIL, until == null ? null : until.value())
        .with(Attributes.LAST_CHANGE, subscription.lastChange().value())
        .expiringAt(subscription.expiresAt());
  }

  private static Subscription subscriptionOf(Item item) {
    ConnectionId connectionId = Keys.subscriberOf(item.key());
    return new Subscription(
        connectionId,
        new UserId(item.string(Attributes.USER_ID)),
        item.number(Attributes.GENERATION),
        item.position(Attributes.SINCE),
        item.has(Attributes.UNTIL) ? item.position(Attributes.UNTIL) : null,
        item.position(Attributes.LAST_CHANGE),
        item.expiresAt());
  }
}
