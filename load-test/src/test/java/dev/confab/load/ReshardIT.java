package dev.confab.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.confab.events.ChatEvent.MessageSent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Decoded;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.local.LocalOptions;
import dev.confab.local.LocalStack;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.Shard;

/** Shards are split and merged while people chat: nothing is lost, each chat keeps its order. */
final class ReshardIT {
  /** Their hash keys spread so that each quarter of the range has three. */
  private static final List<ChatId> CHATS =
      IntStream.range(0, 12).mapToObj(i -> new ChatId("room-" + i)).toList();

  private static final BigInteger QUARTER = BigInteger.ONE.shiftLeft(126);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @ParameterizedTest
  @EnumSource(LocalOptions.Retrieval.class)
  void splitsAndMerges_loseNothing_andKeepEachChatsOrder(LocalOptions.Retrieval retrieval)
      throws Exception {
    LocalOptions options =
        LocalOptions.anyPorts(
            Path.of("../template.yaml"), 2, retrieval, Duration.ofSeconds(3), null);
    try (LocalStack stack = LocalStack.start(options, _ -> {});
        Backdoor backdoor = new Backdoor(stack);
        Person.Crowd crowd = new Person.Crowd(stack)) {
      List<Person> people = gathered(crowd);
      try (Talk talk = new Talk(people, CHATS)) {
        talk.awaitMore();
        split(backdoor, backdoor.openShards().getFirst(), QUARTER);
        talk.awaitMore();
        merge(backdoor, 1); // half of a shard that was split, and one that never was
        talk.awaitMore();
        scaleTo(backdoor, 4);
        merge(backdoor, 2); // children that nobody has begun to read
        talk.awaitMore();
        split(backdoor, backdoor.openShards().getFirst(), QUARTER.shiftRight(1));
        talk.awaitMore();
        talk.end();
      }
      Map<ChatId, List<Posted>> stream = checkStream(backdoor);
      await() // who saw the last message live may have seen it before it was stored
          .atMost(PATIENCE)
          .untilAsserted(
              () -> stream.forEach((chat, posted) -> checkTable(backdoor, chat, posted)));
      people.forEach(person -> checkView(person, stream));
      assertThat(backdoor.depth(Backdoor.PERSIST_DLQ)).isZero();
      assertThat(backdoor.depth(Backdoor.FANOUT_DLQ)).isZero();
      assertThat(backdoor.consumers())
          .as("applications that read by enhanced fan-out")
          .hasSize(retrieval == LocalOptions.Retrieval.FANOUT ? 2 : 0);
    }
  }

  private static List<Person> gathered(Person.Crowd crowd) throws InterruptedException {
    List<Person> people = new ArrayList<>();
    for (String name : List.of("ana", "ben", "cleo", "dan")) {
      people.add(crowd.person(name));
    }
    for (ChatId chat : CHATS) {
      people.getFirst().create(chat);
    }
    people.forEach(person -> person.join(CHATS));
    return people;
  }

  private static void split(Backdoor backdoor, Shard shard, BigInteger secondStart) {
    backdoor
        .kinesis()
        .splitShard(
            split ->
                split
                    .streamName(Backdoor.NAME)
                    .shardToSplit(shard.shardId())
                    .newStartingHashKey(secondStart.toString()));
  }

  /** Merges an open shard, counted from the lowest hash key, with the next. */
  private static void merge(Backdoor backdoor, int number) {
    List<Shard> open = backdoor.openShards();
    backdoor
        .kinesis()
        .mergeShards(
            merge ->
                merge
                    .streamName(Backdoor.NAME)
                    .shardToMerge(open.get(number).shardId())
                    .adjacentShardToMerge(open.get(number + 1).shardId()));
  }

  private static void scaleTo(Backdoor backdoor, int shards) {
    backdoor
        .kinesis()
        .updateShardCount(
            update ->
                update
                    .streamName(Backdoor.NAME)
                    .targetShardCount(shards)
                    .scalingType(ScalingType.UNIFORM_SCALING));
    assertThat(backdoor.openShards()).hasSize(shards);
  }

  /** A message as it lies on the stream. */
  private record Posted(Position position, MessageSent sent) {}

  /**
   * Each chat's messages in the order of the stream, which nothing but the order of records in
   * shards and of shards in their line decides; checks that positions compare in that order too,
   * and that every reshard was one of chats in use.
   */
  private static Map<ChatId, List<Posted>> checkStream(Backdoor backdoor) {
    Map<ChatId, List<Posted>> posted = new LinkedHashMap<>();
    Map<ChatId, Set<String>> shardsOf = new LinkedHashMap<>();
    backdoor
        .records()
        .forEach(
            (shardId, records) -> {
              for (Posted one : messages(records)) {
                posted.computeIfAbsent(one.sent().chatId(), _ -> new ArrayList<>()).add(one);
                shardsOf
                    .computeIfAbsent(one.sent().chatId(), _ -> new LinkedHashSet<>())
                    .add(shardId);
              }
            });
    assertThat(posted).containsOnlyKeys(CHATS);
    posted.forEach((chat, all) -> assertThat(positions(all)).as("%s", chat).isSorted());
    assertThat(shardsOf.values()).allSatisfy(shards -> assertThat(shards).hasSizeGreaterThan(2));
    assertThat(shardsOf.values().stream().flatMap(Set::stream))
        .as("the shards that the test waited for served messages")
        .containsAll(backdoor.openShards().stream().map(Shard::shardId).toList())
        .contains("shardId-000000000002", "shardId-000000000003") // of the first split
        .contains("shardId-000000000004"); // of the merge
    return posted;
  }

  private static List<Posted> messages(List<Record> records) {
    List<Posted> messages = new ArrayList<>();
    for (Record record : records) {
      if (ChatEvents.decode(record.partitionKey(), record.data().asByteArray())
          instanceof Decoded.Event(MessageSent sent)) {
        messages.add(new Posted(Position.of(record.sequenceNumber(), 0), sent));
      }
    }
    return messages;
  }

  private static List<String> positions(List<Posted> posted) {
    return posted.stream().map(one -> one.position().value()).toList();
  }

  /** The table has what the stream has, in its order, in one chain, each message once. */
  private static void checkTable(Backdoor backdoor, ChatId chat, List<Posted> posted) {
    List<Map<String, AttributeValue>> items = backdoor.messageItems(chat);
    assertThat(items.stream().map(item -> Backdoor.text(item, "SK").substring("MESSAGE#".length())))
        .as("%s", chat)
        .isEqualTo(positions(posted));
    assertThat(items.stream().map(item -> Backdoor.text(item, "prev")))
        .isEqualTo(
            Stream.concat(Stream.of("START"), positions(posted).stream())
                .limit(posted.size())
                .toList());
    assertThat(items).noneMatch(item -> item.containsKey("parked"));
    assertThat(
            items.stream()
                .filter(item -> !item.containsKey("duplicateOf"))
                .map(item -> Backdoor.text(item, "clientMessageId")))
        .doesNotHaveDuplicates()
        .containsExactlyElementsOf(
            new LinkedHashSet<>(
                posted.stream().map(one -> one.sent().clientMessageId().value()).toList()));
  }

  /** A client's view has every message once, in the stream's order, and never lacked one. */
  private static void checkView(Person person, Map<ChatId, List<Posted>> stream) {
    stream.forEach(
        (chat, posted) -> {
          Map<ClientMessageId, String> firsts = new LinkedHashMap<>();
          posted.forEach(
              one -> firsts.putIfAbsent(one.sent().clientMessageId(), one.position().value()));
          assertThat(person.shown(chat).stream().map(entry -> entry.position().value()))
              .as("%s", chat)
              .containsExactlyElementsOf(firsts.values());
        });
    assertThat(person.everShown())
        .doesNotHaveDuplicates()
        .hasOnlyElementsOfType(Entry.Posted.class);
  }
}
