package dev.confab.table;

import static dev.confab.table.Samples.NOON;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Cursor;
import dev.confab.events.Position;
import dev.confab.events.SentCursor;
import dev.confab.events.UserId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeysTest {
  private static final Position POSITION = Position.of("4959", 7);

  /** Ids that would forge a key, if anything could. */
  private static final List<String> HOSTILE =
      List.of(
          "METADATA",
          "CHAT",
          "USER",
          "MEMBER",
          "MESSAGE",
          "CONNECTION",
          "CHAT-",
          "-",
          "_",
          "a",
          "a-",
          "aa",
          "a-a",
          "START",
          "0044959-00000007",
          "004",
          "USER-a",
          "MESSAGE-0044959",
          "null");

  private final ChatId lobby = new ChatId("lobby");
  private final UserId ana = new UserId("auth0|ana");
  private final ConnectionId connection = new ConnectionId("L0S+/9=");

  @Test
  void keysAreThoseOfTheDesign() {
    assertThat(Keys.user(ana)).isEqualTo(new Key("USER#auth0|ana", "METADATA"));
    assertThat(Keys.chat(lobby)).isEqualTo(new Key("CHAT#lobby", "METADATA"));
    assertThat(Keys.member(lobby, ana)).isEqualTo(new Key("CHAT#lobby", "MEMBER#auth0|ana"));
    assertThat(Keys.message(lobby, POSITION))
        .isEqualTo(new Key("CHAT#lobby", "MESSAGE#0044959-00000007"));
    assertThat(Keys.subscription(lobby, connection))
        .isEqualTo(new Key("CHAT#lobby", "CONNECTION#L0S+/9="));
    assertThat(Keys.connection(connection)).isEqualTo(new Key("CONNECTION#L0S+/9=", "METADATA"));
    assertThat(Keys.memberInIndex(ana, lobby)).isEqualTo(new Key("USER#auth0|ana", "CHAT#lobby"));
    assertThat(Keys.messageInIndex(ana, NOON, POSITION))
        .isEqualTo(new Key("USER#auth0|ana", "MESSAGE#2026-11-24T12:00:00.123Z#0044959-00000007"));
    assertThat(Keys.connectionInIndex(ana, connection))
        .isEqualTo(new Key("USER#auth0|ana", "CONNECTION#L0S+/9="));
  }

  @Test
  void aKey_saysWhoseItIs() {
    assertThat(Keys.chatIdOf(Keys.member(lobby, ana))).isEqualTo(lobby);
    assertThat(Keys.memberOf(Keys.member(lobby, ana))).isEqualTo(ana);
    assertThat(Keys.positionOf(Keys.message(lobby, POSITION))).isEqualTo(POSITION);
    assertThat(Keys.subscriberOf(Keys.subscription(lobby, connection))).isEqualTo(connection);
    assertThat(Keys.connectionOf(Keys.connection(connection))).isEqualTo(connection);
    assertThat(Keys.userOf(Keys.user(ana))).isEqualTo(ana);
    assertThatIllegalStateException().isThrownBy(() -> Keys.positionOf(Keys.member(lobby, ana)));
  }

  @Test
  void noTwoThings_shareAKey() {
    Map<Key, String> inTable = new HashMap<>();
    Map<Key, String> inIndex = new HashMap<>();
    List<Position> positions = positions();
    List<Instant> times = List.of(NOON, NOON.plusMillis(1), Instant.EPOCH);
    for (String id : HOSTILE) {
      put(inTable, Keys.user(new UserId(id)), "user " + id);
      put(inTable, Keys.chat(new ChatId(id)), "chat " + id);
      put(inTable, Keys.connection(new ConnectionId(id)), "connection " + id);
      for (String other : HOSTILE) {
        String both = id + " " + other;
        ChatId chatId = new ChatId(id);
        UserId userId = new UserId(other);
        ConnectionId connectionId = new ConnectionId(other);
        put(inTable, Keys.member(chatId, userId), "member " + both);
        put(inTable, Keys.subscription(chatId, connectionId), "subscription " + both);
        put(inIndex, Keys.memberInIndex(userId, chatId), "member " + both);
        put(inIndex, Keys.connectionInIndex(new UserId(id), connectionId), "connection " + both);
      }
      for (Position position : positions) {
        put(inTable, Keys.message(new ChatId(id), position), "message " + id + position);
        for (Instant sentAt : times) {
          put(
              inIndex,
              Keys.messageInIndex(new UserId(id), sentAt, position),
              "message " + id + sentAt + position);
        }
      }
    }
  }

  private static void put(Map<Key, String> keys, Key key, String thing) {
    assertThat(keys.put(key, thing)).as("%s is the key of two things", key).isNull();
  }

  @Test
  void theSeparator_sortsBelowWhatEveryIdCanHold_andTheHighestAbove() {
    List<Function<String, ?>> forms =
        List.of(ChatId::new, UserId::new, ConnectionId::new, Position::parse);
    for (char c = 0; c < 0x300; c++) {
      char held = c;
      boolean isHeld = forms.subList(0, 3).stream().anyMatch(form -> isAccepted(form, "a" + held));
      if (isHeld || (c >= '0' && c <= '9')) {
        assertThat(c).isGreaterThan(Keys.SEPARATOR).isLessThan('~');
      }
    }
  }

  private static boolean isAccepted(Function<String, ?> form, String id) {
    try {
      return form.apply(id) != null;
    } catch (IllegalArgumentException refused) {
      return false;
    }
  }

  @Test
  void rangesOfMessages_holdWhatTheySay() {
    List<Position> positions = positions();
    for (Position bound : positions) {
      Keys.Range after = Keys.messagesAfter(lobby, bound);
      Keys.Range before = Keys.messagesBefore(lobby, bound);
      Keys.Range upTo = Keys.messagesUpTo(lobby, bound);
      for (Position position : positions) {
        Key key = Keys.message(lobby, position);
        int order = position.compareTo(bound);
        assertThat(isIn(after, key)).as("%s after %s", position, bound).isEqualTo(order > 0);
        assertThat(isIn(before, key)).as("%s before %s", position, bound).isEqualTo(order < 0);
        assertThat(isIn(upTo, key)).as("%s up to %s", position, bound).isEqualTo(order <= 0);
      }
      assertHoldsNoOtherKind(after);
      assertHoldsNoOtherKind(before);
      assertHoldsNoOtherKind(upTo);
      assertThat(isIn(Keys.messagesAfter(lobby, Cursor.start()), Keys.message(lobby, bound)))
          .isTrue();
      assertThat(isIn(Keys.messagesBefore(lobby, null), Keys.message(lobby, bound))).isTrue();
    }
    assertHoldsNoOtherKind(Keys.messagesAfter(lobby, Cursor.start()));
    assertHoldsNoOtherKind(Keys.messagesBefore(lobby, null));
  }

  private void assertHoldsNoOtherKind(Keys.Range ofMessages) {
    assertThat(isIn(ofMessages, Keys.chat(lobby))).isFalse();
    assertThat(isIn(ofMessages, Keys.message(new ChatId("lobby-"), POSITION))).isFalse();
    for (String id : HOSTILE) {
      assertThat(isIn(ofMessages, Keys.member(lobby, new UserId(id)))).isFalse();
      assertThat(isIn(ofMessages, Keys.subscription(lobby, new ConnectionId(id)))).isFalse();
    }
  }

  @Test
  void rangesOfMembersAndSubscriptions_holdOnlyThem() {
    Keys.Range members = Keys.members(lobby, null);
    Keys.Range subscriptions = Keys.subscriptions(lobby);
    for (String id : HOSTILE) {
      Key member = Keys.member(lobby, new UserId(id));
      Key subscription = Keys.subscription(lobby, new ConnectionId(id));
      assertThat(isIn(members, member)).isTrue();
      assertThat(isIn(members, subscription)).isFalse();
      assertThat(isIn(subscriptions, subscription)).isTrue();
      assertThat(isIn(subscriptions, member)).isFalse();
      for (String after : HOSTILE) {
        assertThat(isIn(Keys.members(lobby, new UserId(after)), member))
            .isEqualTo(id.compareTo(after) > 0);
      }
    }
    assertThat(isIn(members, Keys.chat(lobby))).isFalse();
    assertThat(isIn(members, Keys.message(lobby, POSITION))).isFalse();
  }

  @Test
  void rangesOfAUser_holdOneKindEach() {
    Keys.Range chats = Keys.chatsOf(ana, null);
    Keys.Range sent = Keys.sentBy(ana, null);
    Keys.Range connections = Keys.connectionsOf(ana);
    Key message = Keys.messageInIndex(ana, NOON, POSITION);
    assertThat(isIn(sent, message)).isTrue();
    assertThat(isIn(chats, message)).isFalse();
    assertThat(isIn(connections, message)).isFalse();
    for (String id : HOSTILE) {
      Key chat = Keys.memberInIndex(ana, new ChatId(id));
      Key connected = Keys.connectionInIndex(ana, new ConnectionId(id));
      assertThat(List.of(isIn(chats, chat), isIn(sent, chat), isIn(connections, chat)))
          .containsExactly(true, false, false);
      assertThat(
              List.of(isIn(chats, connected), isIn(sent, connected), isIn(connections, connected)))
          .containsExactly(false, false, true);
      for (String after : HOSTILE) {
        assertThat(isIn(Keys.chatsOf(ana, new ChatId(after)), chat))
            .isEqualTo(id.compareTo(after) > 0);
      }
    }
  }

  @Test
  void whatWasSentBefore_isBeforeByTimeThenByPosition() {
    List<SentCursor> sent = new ArrayList<>();
    for (Position position : positions()) {
      for (int millis = -1; millis <= 1; millis++) {
        sent.add(new SentCursor(NOON.plusMillis(millis), position));
      }
    }
    for (SentCursor bound : sent) {
      Keys.Range before = Keys.sentBy(ana, bound);
      for (SentCursor cursor : sent) {
        int bySentAt = cursor.sentAt().compareTo(bound.sentAt());
        int order = bySentAt == 0 ? cursor.position().compareTo(bound.position()) : bySentAt;
        assertThat(isIn(before, Keys.messageInIndex(ana, cursor.sentAt(), cursor.position())))
            .isEqualTo(order < 0);
      }
    }
  }

  private static List<Position> positions() {
    List<Position> positions = new ArrayList<>();
    for (String number : List.of("0", "9", "10", "19", "90", "100")) {
      for (int sub : new int[] {0, 9, 10, 90, 99_999_999}) {
        positions.add(Position.of(number, sub));
      }
    }
    Random random = new Random(7);
    IntStream.range(0, 8)
        .mapToObj(_ -> "1" + random.nextLong(Long.MAX_VALUE))
        .forEach(number -> positions.add(Position.of(number, random.nextInt(100))));
    return positions;
  }

  /** As DynamoDB compares: bytes of UTF-8, unsigned. */
  private static boolean isIn(Keys.Range range, Key key) {
    return range.pk().equals(key.pk())
        && compare(range.from(), key.sk()) <= 0
        && compare(key.sk(), range.to()) <= 0;
  }

  private static int compare(String one, String other) {
    return Arrays.compareUnsigned(one.getBytes(UTF_8), other.getBytes(UTF_8));
  }
}
