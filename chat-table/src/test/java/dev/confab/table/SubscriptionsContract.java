package dev.confab.table;

import static dev.confab.table.Samples.ANA;
import static dev.confab.table.Samples.BEN;
import static dev.confab.table.Samples.LOBBY;
import static dev.confab.table.Samples.NOON;
import static dev.confab.table.Samples.position;
import static dev.confab.table.Samples.subscription;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.confab.events.Access;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Position;
import dev.confab.events.Role;
import dev.confab.table.Subscriptions.Change;
import dev.confab.table.Subscriptions.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link Subscriptions} does. */
public abstract class SubscriptionsContract {
  private static final Instant LATER = NOON.plus(Duration.ofHours(2));

  private ChatTable table;
  private Subscriptions subscriptions;

  protected abstract ChatTable newTable();

  @BeforeEach
  void setUp() {
    table = newTable();
    subscriptions = table.subscriptions();
  }

  @Test
  void ofAChat_holdsGoingOnAndEnded_inTheOrderOfTheirIds() {
    Subscription ended = subscription("L0SM9cOFvHcCIhw=", 3, 7, LATER);
    Subscription goesOn =
        new Subscription(new ConnectionId("+/-_z="), BEN, 9, position(4), null, position(4), LATER);
    assertThat(subscriptions.put(LOBBY, ended)).isEqualTo(new Change.Applied());
    assertThat(subscriptions.put(LOBBY, goesOn)).isEqualTo(new Change.Applied());
    subscriptions.put(new ChatId("lobby2"), subscription("x", 1, null, LATER));

    assertThat(subscriptions.of(LOBBY, NOON)).containsExactly(goesOn, ended);
    assertThat(subscriptions.of(new ChatId("hall"), NOON)).isEmpty();
  }

  @Test
  void nothingElseInTheTable_isASubscription() {
    table.chats().create(new Chats.Chat(LOBBY, null, Access.OPEN, ANA));
    table.members().add(LOBBY, BEN, Role.MEMBER);
    Samples.write(table.messages(), LOBBY, Samples.chain(0, 2));
    table.connections().put(new Connections.Connection(new ConnectionId("c"), ANA, NOON, LATER));

    assertThat(subscriptions.of(LOBBY, NOON)).isEmpty();
  }

  @Test
  void aNewerChange_isApplied() {
    subscriptions.put(LOBBY, subscription("c", 3, null, LATER));
    Subscription ended = subscription("c", 3, 7, LATER);
    Subscription again = subscription("c", 9, null, LATER.plusMillis(1));

    assertThat(subscriptions.put(LOBBY, ended)).isEqualTo(new Change.Applied());
    assertThat(subscriptions.of(LOBBY, NOON)).containsExactly(ended);
    assertThat(subscriptions.put(LOBBY, again)).isEqualTo(new Change.Applied());
    assertThat(subscriptions.of(LOBBY, NOON)).containsExactly(again);
  }

  @Test
  void aLateWrite_doesNotBringBackWhatEnded() {
    Subscription ended = subscription("c", 3, 7, LATER);
    subscriptions.put(LOBBY, ended);

    assertThat(subscriptions.put(LOBBY, subscription("c", 3, null, LATER)))
        .isEqualTo(new Change.AlreadyApplied(ended));
    assertThat(subscriptions.put(LOBBY, subscription("c", 6, null, LATER)))
        .isEqualTo(new Change.AlreadyApplied(ended));

    assertThat(subscriptions.of(LOBBY, NOON)).containsExactly(ended);
  }

  @Test
  void theSameChangeAgain_isAppliedAlready() {
    Subscription subscribed = subscription("c", 3, null, LATER);
    subscriptions.put(LOBBY, subscribed);

    assertThat(subscriptions.put(LOBBY, subscribed))
        .isEqualTo(new Change.AlreadyApplied(subscribed));
  }

  @Test
  void changesAreOrderedAsTheStreamIs() {
    Subscription nine = at(Position.of("9", 0));
    Subscription ten = at(Position.of("10", 0));
    Subscription tenOne = at(Position.of("10", 1));

    subscriptions.put(LOBBY, nine);
    assertThat(subscriptions.put(LOBBY, ten)).isEqualTo(new Change.Applied());
    assertThat(subscriptions.put(LOBBY, nine)).isEqualTo(new Change.AlreadyApplied(ten));
    assertThat(subscriptions.put(LOBBY, tenOne)).isEqualTo(new Change.Applied());
    assertThat(subscriptions.put(LOBBY, ten)).isEqualTo(new Change.AlreadyApplied(tenOne));
  }

  private static Subscription at(Position position) {
    return new Subscription(new ConnectionId("c"), ANA, 1, position, null, position, LATER);
  }

  @Test
  void whatExpired_isLeftOut_toTheMillisecond() {
    Instant expiry = Instant.parse("2026-11-24T14:00:00.500Z");
    Subscription subscription = subscription("c", 3, null, expiry.plusNanos(999_999));
    subscriptions.put(LOBBY, subscription);
    subscriptions.put(LOBBY, subscription("d", 3, 4, expiry));

    assertThat(subscription.expiresAt()).isEqualTo(expiry);
    assertThat(subscriptions.of(LOBBY, expiry.minusMillis(1))).hasSize(2);
    assertThat(subscriptions.of(LOBBY, expiry.minusNanos(1))).hasSize(2);
    assertThat(subscriptions.of(LOBBY, expiry)).isEmpty();
    assertThat(subscriptions.of(LOBBY, expiry.plusMillis(1))).isEmpty();
  }

  @Test
  void whatExpired_stillRefusesALateWrite() {
    Subscription ended = subscription("c", 3, 7, NOON);
    subscriptions.put(LOBBY, ended);

    assertThat(subscriptions.put(LOBBY, subscription("c", 3, null, LATER)))
        .isEqualTo(new Change.AlreadyApplied(ended));
  }

  @Test
  void many_areReadWhole() {
    List<Subscription> many =
        IntStream.range(0, 300)
            .mapToObj(n -> subscription("c" + (1000 + n), 3, n % 2 == 0 ? null : 4, LATER))
            .toList();
    many.forEach(subscription -> subscriptions.put(LOBBY, subscription));

    assertThat(subscriptions.of(LOBBY, NOON)).isEqualTo(many);
  }

  @Test
  void anInterval_coversWhatLiesInside() {
    Subscription goesOn = subscription("c", 3, null, LATER);
    Subscription ended = subscription("c", 3, 7, LATER);

    assertThat(goesOn.covers(position(3))).isFalse();
    assertThat(goesOn.covers(position(4))).isTrue();
    assertThat(goesOn.covers(position(99))).isTrue();
    assertThat(ended.covers(position(6))).isTrue();
    assertThat(ended.covers(position(7))).isFalse();
    assertThat(ended.covers(position(8))).isFalse();
  }

  @Test
  void anIntervalThatEndsBeforeItBegins_cannotBe() {
    assertThatIllegalArgumentException().isThrownBy(() -> subscription("c", 3, 2, LATER));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Subscription(
                    new ConnectionId("c"), ANA, 1, position(3), null, position(2), LATER));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Subscription(
                    new ConnectionId("c"), ANA, 1, position(3), position(5), position(4), LATER));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Subscription(
                    new ConnectionId("c"), ANA, 0, position(3), null, position(3), LATER));
  }
}
