package dev.confab.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import dev.confab.load.verify.Proxy.Reaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Some chats in which the second and the fourth of five messages are parked, since the persist of
 * the day can't store them, and the people in those chats.
 */
final class ParkedScene implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** In a text: no table takes it, with what is deployed at first. */
  private static final String UNSPEAKABLE = "unspeakable";

  private static final int CHATS = 3;
  private static final int TEXTS = 5;

  /** In the queue at first, in all. */
  static final int LETTERS = CHATS * 2;

  final List<ChatId> chats;

  /** Saw everything live, also what was parked. */
  final Person ana;

  /** Came when it was parked, and asked for the newest page. */
  final Person ben;

  private final BreakableStack world;
  private final Map<ChatId, Set<Position>> parked = new LinkedHashMap<>();
  private final List<Frames> taps = new ArrayList<>();

  /**
   * Plays it.
   *
   * @param name of its own in this stack
   */
  ParkedScene(BreakableStack world, String name) throws Exception {
    this.world = world;
    chats = IntStream.range(0, CHATS).mapToObj(i -> new ChatId(name + "-" + i)).toList();
    deployPersistThatRefuses();
    ana = world.crowd.person(name + "-ana");
    for (ChatId chat : chats) {
      ana.create(chat);
    }
    ana.join(chats);
    tap(name + "-early");
    for (ChatId chat : chats) {
      ana.send(chat, "said 1"); // the first comes without a prev, and history is asked for it
      ana.awaitTexts(chat, 1);
    }
    for (int i = 2; i <= TEXTS; i++) {
      for (ChatId chat : chats) {
        ana.send(chat, i % 2 == 0 ? UNSPEAKABLE + " " + i : "said " + i);
      }
    }
    for (ChatId chat : chats) {
      ana.awaitTexts(chat, TEXTS);
    }
    awaitParked(0);
    ben = world.crowd.person(name + "-ben");
    ben.join(chats);
    tap(name + "-late");
    for (ChatId chat : chats) {
      assertThat(parkedIn(ben.shown(chat))).as("placeholders").isEqualTo(parked.get(chat));
    }
  }

  /** A connection that has nothing fetched, so that all it gets was pushed. */
  private void tap(String user) throws InterruptedException {
    Frames tap = Frames.connect(world.stack.webSocketUri(), world.stack.tokenFor(user));
    taps.add(tap);
    for (ChatId chat : chats) {
      tap.send(new ClientFrame.Join(null, chat));
      tap.next(ServerFrame.Joined.class);
    }
  }

  /** Waits until each record that is refused lies in the queue, replayed so many times. */
  void awaitParked(int replays) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(world.backdoor.letters(Backdoor.PERSIST_DLQ))
                  .hasSize(LETTERS)
                  .allMatch(letter -> letter.replayCount() == replays);
              for (ChatId chat : chats) {
                List<Map<String, AttributeValue>> items = world.backdoor.messageItems(chat);
                assertThat(items).hasSize(TEXTS);
                assertThat(items.stream().filter(item -> item.containsKey("parked"))).hasSize(2);
              }
            });
    for (ChatId chat : chats) {
      parked.put(chat, parkedIn(chat));
    }
  }

  private Set<Position> parkedIn(ChatId chat) {
    return Set.copyOf(
        world.backdoor.messageItems(chat).stream()
            .filter(item -> item.containsKey("parked"))
            .map(item -> Backdoor.text(item, "SK").substring("MESSAGE#".length()))
            .map(Position::parse)
            .toList());
  }

  private static Set<Position> parkedIn(List<Entry.Shown> shown) {
    return Set.copyOf(
        shown.stream().filter(Entry.Parked.class::isInstance).map(Entry.Shown::position).toList());
  }

  /** The table is as if nothing had failed, everyone sees all, and nobody saw the old as new. */
  void checkRepaired() throws InterruptedException {
    for (ChatId chat : chats) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                assertThat(parkedIn(ben.shown(chat))).isEmpty();
                assertThat(ben.shown(chat)).isEqualTo(ana.shown(chat));
              });
      ana.send(chat, "the last");
    }
    for (Frames tap : taps) {
      awaitLast(tap);
      chats.forEach(chat -> checkPushed(tap, chat));
    }
    assertThat(messages(taps.getLast()).flatMap(frame -> frame.messages().stream()))
        .as("pushed to one who came when it was parked")
        .noneMatch(message -> message.text().contains(UNSPEAKABLE));
    FlawlessTable flawless = FlawlessTable.of(world.backdoor);
    for (ChatId chat : chats) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(world.backdoor.messageItems(chat))
                      .isEqualTo(flawless.messageItems(chat)));
    }
    assertThat(world.backdoor.depth(Backdoor.PERSIST_DLQ)).isZero();
    assertThat(world.backdoor.depth(Backdoor.FANOUT_DLQ)).isZero();
  }

  private void awaitLast(Frames tap) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        messages(tap)
                            .filter(frame -> frame.messages().getLast().text().equals("the last"))
                            .map(ServerFrame.Messages::chatId))
                    .containsExactlyInAnyOrderElementsOf(chats));
  }

  private static Stream<ServerFrame.Messages> messages(Frames tap) {
    return tap.all().stream()
        .filter(ServerFrame.Messages.class::isInstance)
        .map(ServerFrame.Messages.class::cast);
  }

  /** What is pushed goes forward only, is no replay, and tells of each repair. */
  private void checkPushed(Frames tap, ChatId chat) {
    assertThat(messages(tap)).noneMatch(ServerFrame.Messages::replayed);
    List<Entry.Posted> pushed =
        messages(tap)
            .filter(frame -> frame.chatId().equals(chat))
            .flatMap(frame -> frame.messages().stream())
            .toList();
    assertThat(pushed).map(message -> message.position().value()).isSorted();
    assertThat(pushed).map(Entry.Posted::text).doesNotHaveDuplicates();
    assertThat(
            tap.all().stream()
                .filter(ServerFrame.Repaired.class::isInstance)
                .map(ServerFrame.Repaired.class::cast)
                .filter(repaired -> repaired.chatId().equals(chat))
                .map(ServerFrame.Repaired::position))
        .hasSameElementsAs(parked.getOrDefault(chat, Set.of()));
  }

  private void deployPersistThatRefuses() {
    world.table.react(
        call ->
            Set.of("BatchWriteItem", "PutItem").contains(call.operation())
                    && call.body().contains(UNSPEAKABLE)
                ? new Reaction.Answer(
                    400,
                    """
                    {"__type":"com.amazonaws.dynamodb.v20120810#ValidationException",
                     "message":"not with what is deployed"}\
                    """)
                : Reaction.pass(call));
  }

  /** From now on, persist stores everything. */
  void deployPersistThatIsMended() {
    world.table.pass();
  }

  @Override
  public void close() {
    taps.forEach(Frames::close);
  }
}
