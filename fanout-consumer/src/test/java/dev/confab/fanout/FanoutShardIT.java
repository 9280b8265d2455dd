package dev.confab.fanout;

import static dev.confab.fanout.FanoutWorld.LOBBY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.consumer.Outcome;
import dev.confab.consumer.StreamRecord;
import dev.confab.events.ChatEvent;
import dev.confab.events.ConnectionId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.table.ChatTable;
import dev.confab.table.DynamoDbChatTable;
import dev.confab.table.LocalDynamoDb;
import dev.confab.table.Messages;
import dev.confab.table.Subscriptions.Subscription;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** What the fan-out keeps in the table, on DynamoDB. */
class FanoutShardIT {
  private final FanoutWorld world = new FanoutWorld(LocalDynamoDb.newTable());

  private Subscription inTable(String connection) {
    return world.table.subscriptions().of(LOBBY, world.time.instant()).stream()
        .filter(one -> one.connectionId().equals(new ConnectionId(connection)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aSubscription_outlivesItsOwner() throws Exception {
    world.subscriber("bob", "b1");
    world.takeOver();
    world.process(world.say("c-1"));
    assertThat(world.texts("b1")).containsExactly("text of c-1");
  }

  @Test
  void aBatchThatComesAgain_endsTheSame() throws Exception {
    world.member(LOBBY, "bob");
    world.pushes.connect(new ConnectionId("b1"));
    StreamRecord[] batch = {
      world.record(world.subscribe(LOBBY, "bob", "b1")),
      world.say("held"),
      world.record(world.removed(LOBBY, "bob", 1)),
      world.say("not-held")
    };
    world.process(batch);
    Subscription ended = inTable("b1");
    List<ServerFrame> before = world.received("b1");
    world.takeOver();
    world.process(batch);
    assertThat(inTable("b1")).isEqualTo(ended);
    assertThat(ended.until()).isEqualTo(batch[2].position());
    assertThat(world.received("b1").subList(before.size(), world.received("b1").size()))
        .isEqualTo(before);
  }

  @Test
  void aZombie_cannotBringBackAnEndedInterval() throws Exception {
    world.subscriber("bob", "b1");
    FanoutWorld.Owner zombie = world.owner();
    StreamRecord subscribed = world.record(world.subscribe(LOBBY, "bob", "b1"));
    StreamRecord removed = world.record(world.removed(LOBBY, "bob", 1));
    world.takeOver();
    world.process(subscribed, removed);
    Subscription ended = inTable("b1");
    zombie.offer(List.of(subscribed)); // it wakes up and goes on
    assertThat(inTable("b1")).isEqualTo(ended);
    zombie.offer(List.of(world.say("c-1")));
    assertThat(world.texts("b1")).as("the zombie took the table's word").isEmpty();
  }

  @Test
  void aConnectionThatIsGone_isEndedForTheNextOwnerToo() throws Exception {
    world.subscriber("bob", "b1");
    world.pushes.disconnect(new ConnectionId("b1"));
    StreamRecord message = world.say("c-1");
    world.process(message);
    assertThat(inTable("b1").until()).isEqualTo(message.position());
    world.takeOver();
    int posts = world.pushes.posts().size();
    world.process(world.say("c-2"));
    assertThat(world.pushes.posts()).hasSize(posts);
  }

  @Test
  void aRemovedUser_isRefused() throws Exception {
    world.member(LOBBY, "bob");
    world.table.members().leave(LOBBY, new UserId("bob"));
    world.pushes.connect(new ConnectionId("b1"));
    world.process(world.record(world.subscribe(LOBBY, "bob", "b1")));
    assertThat(world.received("b1")).singleElement().isInstanceOf(ServerFrame.Failed.class);
  }

  @Test
  void aPushLettersReplay_readsWhatIsStored() throws Exception {
    world.subscriber("bob", "b1");
    StreamRecord message = world.say("c-1");
    world.process(message);
    Entry.Posted posted =
        Entry.Posted.of(message.position(), Cursor.start(), world.message("c-1", "text of c-1"));
    world.table.messages().writeBatch(List.of(new Messages.Stored(LOBBY, posted)));
    world.process(
        world.record(
            new ChatEvent.PushReplay(
                LOBBY, List.of(message.position()), List.of(new ConnectionId("b1")), 1)));
    assertThat(world.received("b1").getLast())
        .isEqualTo(new ServerFrame.Messages(LOBBY, List.of(posted), true));
  }

  @Test
  void aTableThatIsNotThere_isWaitedFor() throws Exception {
    try (DynamoDbClient nowhere =
        DynamoDbClient.builder()
            .endpointOverride(URI.create("http://localhost:1"))
            .region(Region.US_EAST_1)
            .httpClientBuilder(ApacheHttpClient.builder())
            .build()) {
      ChatTable unreachable =
          new DynamoDbChatTable(
              nowhere, "chats", Runnable::run, Duration.ofMillis(200), Duration.ofMillis(400));
      FanoutWorld alone = new FanoutWorld(unreachable);
      assertThat(alone.offer(List.of(alone.say("c-1"))).getFirst())
          .isInstanceOf(Outcome.Retry.class);
    }
  }
}
