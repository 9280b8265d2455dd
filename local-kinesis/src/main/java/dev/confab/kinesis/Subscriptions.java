package dev.confab.kinesis;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The subscriptions under way: one a consumer and shard. Thread-safe. */
final class Subscriptions {
  /**
   * "If you call SubscribeToShard again within 5 seconds of a successful call, you'll get a
   * ResourceInUseException."
   */
  static final long TAKEOVER_MILLIS = 5_000;

  private final Map<Key, Subscription> active = new HashMap<>();
  private final Settings settings;
  private final Duration life;

  /**
   * @param life how long a subscription lasts, by the settings' clock; five minutes in AWS
   */
  Subscriptions(Settings settings, Duration life) {
    this.settings = settings;
    this.life = life;
  }

  private record Key(String consumerArn, int shardIndex) {}

  /** Makes a subscription, in place of an older one. The caller runs it. */
  Subscription open(Input in, StreamLookup lookup) {
    StreamLookup.RegisteredConsumer found =
        lookup.consumerByArn(in.requiredText("ConsumerARN", TextRules.CONSUMER_ARN));
    Shard shard = found.stream().shard(in.requiredText("ShardId", TextRules.SHARD_ID));
    StartingPosition position =
        StartingPosition.read(in.requiredObject("StartingPosition"), "Type", "SequenceNumber");
    long index = position.indexIn(shard);
    Key key = new Key(found.consumer().arn(), shard.info().index());
    return open(key, found, shard, index);
  }

  private synchronized Subscription open(
      Key key, StreamLookup.RegisteredConsumer found, Shard shard, long index) {
    long now = settings.nowMillis();
    String another =
        "Another active subscription exists for this consumer: %s:%s:%s on %s"
            .formatted(
                settings.account(), found.stream().name(), found.consumer().name(), shard.id());
    Subscription existing = active.get(key);
    if (existing != null) {
      if (now - existing.openedMillis() < TAKEOVER_MILLIS) {
        throw ServiceException.inUse(another);
      }
      existing.end(ServiceException.inUse(another));
    }
    Subscription opened =
        new Subscription(settings, found.stream(), shard, index, life, ended -> remove(key, ended));
    active.put(key, opened);
    return opened;
  }

  private synchronized void remove(Key key, Subscription ended) {
    active.remove(key, ended);
  }

  /** The consumer is deregistered: its subscribers are told that it is gone. */
  void endAllOf(ConsumerInfo consumer) {
    ServiceException gone =
        ServiceException.notFound("Consumer " + consumer.arn() + " has been deregistered.");
    snapshot().stream()
        .filter(entry -> entry.getKey().consumerArn().equals(consumer.arn()))
        .forEach(entry -> entry.getValue().end(gone));
  }

  /** Resets the connections of all subscriptions. */
  void dropAll() {
    snapshot().forEach(entry -> entry.getValue().drop());
  }

  private synchronized List<Map.Entry<Key, Subscription>> snapshot() {
    return List.copyOf(active.entrySet());
  }
}
