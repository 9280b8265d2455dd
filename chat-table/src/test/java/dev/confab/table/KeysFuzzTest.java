package dev.confab.table;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Cursor;
import dev.confab.events.Position;
import dev.confab.events.SentCursor;
import dev.confab.events.Timestamps;
import dev.confab.events.UserId;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever people call themselves and their chats: two things never share a key, a key never reads
 * as one of another kind, and a range holds just what it is a range of.
 */
class KeysFuzzTest {
  private enum Kind {
    USER,
    CHAT,
    MEMBER,
    MESSAGE,
    SUBSCRIPTION,
    CONNECTION,
    MEMBER_IN_INDEX,
    MESSAGE_IN_INDEX,
    CONNECTION_IN_INDEX
  }

  /**
   * A thing that an item is about.
   *
   * @param ids those that name it, and no others
   */
  private record Thing(Kind kind, List<Object> ids, Key key) {}

  /** One line each: what names any kind of thing. */
  private record Names(
      String user, String chat, String connection, String position, String sentAt) {
    static Names of(String[] lines, int from) {
      return new Names(
          line(lines, from),
          line(lines, from + 1),
          line(lines, from + 2),
          line(lines, from + 3),
          line(lines, from + 4));
    }

    private static String line(String[] lines, int number) {
      return number < lines.length ? lines[number] : "";
    }
  }

  static List<byte[]> seeds() {
    String ana = "auth0|ana\nlobby\nL0S+/9=\n0044959-00000007\n2026-11-24T12:00:00.123Z";
    return List.of(
        (ana + "\n" + ana).getBytes(UTF_8),
        (ana + "\nMEMBER\nCHAT-\nMETADATA\n0044959-00000008\n2026-11-24T12:00:00.124Z")
            .getBytes(UTF_8),
        ("a\na\na\n0011-00000000\n2026-11-24T12:00:00.123Z\n"
                + "a#b\na#MEMBER\na#\n00210-00000000\n2026-11-24T12:00:00.123Z")
            .getBytes(UTF_8),
        ("a\na\na\n0011-00000000\n2026-11-24T12:00:00.123Z\n"
                + "a!\na-\na+\n0012-00000000\n9999-12-31T23:59:59.999Z")
            .getBytes(UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void twoThings(byte[] input) {
    String[] lines = new String(input, UTF_8).split("\n", -1);
    Names first = Names.of(lines, 0);
    Names second = Names.of(lines, 5);
    for (Kind kind : Kind.values()) {
      Thing one = thing(kind, first);
      if (one == null) {
        continue;
      }
      assertReadsAsItself(one);
      for (Kind other : Kind.values()) {
        Thing two = thing(other, second);
        if (two != null) {
          assertReadsAsItself(two);
          boolean isSame = one.kind() == two.kind() && one.ids().equals(two.ids());
          assertThat(one.key().equals(two.key())).as("%s and %s", one, two).isEqualTo(isSame);
          assertRangesHoldTheirOwn(one, two);
        }
      }
    }
  }

  private static @Nullable Thing thing(Kind kind, Names names) {
    try {
      return switch (kind) {
        case USER -> new Thing(kind, List.of(user(names)), Keys.user(user(names)));
        case CHAT -> new Thing(kind, List.of(chat(names)), Keys.chat(chat(names)));
        case MEMBER ->
            new Thing(
                kind, List.of(chat(names), user(names)), Keys.member(chat(names), user(names)));
        case MESSAGE ->
            new Thing(
                kind,
                List.of(chat(names), position(names)),
                Keys.message(chat(names), position(names)));
        case SUBSCRIPTION ->
            new Thing(
                kind,
                List.of(chat(names), connection(names)),
                Keys.subscription(chat(names), connection(names)));
        case CONNECTION ->
            new Thing(kind, List.of(connection(names)), Keys.connection(connection(names)));
        case MEMBER_IN_INDEX ->
            new Thing(
                kind,
                List.of(user(names), chat(names)),
                Keys.memberInIndex(user(names), chat(names)));
        case MESSAGE_IN_INDEX ->
            new Thing(
                kind,
                List.of(user(names), sentAt(names), position(names)),
                Keys.messageInIndex(user(names), sentAt(names), position(names)));
        case CONNECTION_IN_INDEX ->
            new Thing(
                kind,
                List.of(user(names), connection(names)),
                Keys.connectionInIndex(user(names), connection(names)));
      };
    } catch (IllegalArgumentException refusedByAnId) {
      return null;
    }
  }

  private static UserId user(Names names) {
    return new UserId(names.user());
  }

  private static ChatId chat(Names names) {
    return new ChatId(names.chat());
  }

  private static ConnectionId connection(Names names) {
    return new ConnectionId(names.connection());
  }

  private static Position position(Names names) {
    return Position.parse(names.position());
  }

  private static Instant sentAt(Names names) {
    return Timestamps.parse(names.sentAt());
  }

  private static void assertReadsAsItself(Thing thing) {
    List<Object> ids = thing.ids();
    Object last = ids.getLast();
    Key key = thing.key();
    boolean isOfChat = key.pk().startsWith("CHAT#");
    assertThat(read(Keys::chatIdOf, key)).isEqualTo(isOfChat ? ids.getFirst() : null);
    assertThat(read(Keys::userOf, key))
        .isEqualTo(key.pk().startsWith("USER#") ? ids.getFirst() : null);
    assertThat(read(Keys::connectionOf, key))
        .isEqualTo(thing.kind() == Kind.CONNECTION ? last : null);
    assertThat(read(Keys::positionOf, key)).isEqualTo(thing.kind() == Kind.MESSAGE ? last : null);
    assertThat(read(Keys::memberOf, key)).isEqualTo(thing.kind() == Kind.MEMBER ? last : null);
    boolean isSubscriber =
        thing.kind() == Kind.SUBSCRIPTION || thing.kind() == Kind.CONNECTION_IN_INDEX;
    assertThat(read(Keys::subscriberOf, key)).isEqualTo(isSubscriber ? last : null);
    assertThat(separators(key.pk())).isEqualTo(1);
    assertThat(separators(key.sk()))
        .isEqualTo(
            switch (thing.kind()) {
              case USER, CHAT, CONNECTION -> 0;
              case MESSAGE_IN_INDEX -> 2;
              default -> 1;
            });
  }

  private static @Nullable Object read(Function<Key, Object> as, Key key) {
    try {
      return as.apply(key);
    } catch (IllegalStateException | IllegalArgumentException ofAnotherKind) {
      return null;
    }
  }

  private static long separators(String part) {
    return part.chars().filter(c -> c == Keys.SEPARATOR).count();
  }

  /** What ranges that the first thing names say of the second. */
  private static void assertRangesHoldTheirOwn(Thing one, Thing two) {
    boolean isSameFirst = one.ids().getFirst().equals(two.ids().getFirst());
    switch (one.kind()) {
      case MEMBER -> {
        ChatId chatId = (ChatId) one.ids().getFirst();
        UserId userId = (UserId) one.ids().getLast();
        boolean isOfChat = isSameFirst && two.kind() == Kind.MEMBER;
        assertHolds(Keys.members(chatId, null), two, isOfChat);
        assertHolds(
            Keys.members(chatId, userId),
            two,
            isOfChat && ((UserId) two.ids().getLast()).compareTo(userId) > 0);
      }
      case MESSAGE -> {
        ChatId chatId = (ChatId) one.ids().getFirst();
        Position position = (Position) one.ids().getLast();
        boolean isOfChat = isSameFirst && two.kind() == Kind.MESSAGE;
        int order = isOfChat ? ((Position) two.ids().getLast()).compareTo(position) : 0;
        assertHolds(Keys.messagesAfter(chatId, Cursor.start()), two, isOfChat);
        assertHolds(Keys.messagesAfter(chatId, position), two, isOfChat && order > 0);
        assertHolds(Keys.messagesBefore(chatId, null), two, isOfChat);
        assertHolds(Keys.messagesBefore(chatId, position), two, isOfChat && order < 0);
        assertHolds(Keys.messagesUpTo(chatId, position), two, isOfChat && order <= 0);
      }
      case SUBSCRIPTION ->
          assertHolds(
              Keys.subscriptions((ChatId) one.ids().getFirst()),
              two,
              isSameFirst && two.kind() == Kind.SUBSCRIPTION);
      case MEMBER_IN_INDEX -> {
        UserId userId = (UserId) one.ids().getFirst();
        ChatId chatId = (ChatId) one.ids().getLast();
        boolean isOfUser = isSameFirst && two.kind() == Kind.MEMBER_IN_INDEX;
        assertHolds(Keys.chatsOf(userId, null), two, isOfUser);
        assertHolds(
            Keys.chatsOf(userId, chatId),
            two,
            isOfUser && ((ChatId) two.ids().getLast()).compareTo(chatId) > 0);
      }
      case MESSAGE_IN_INDEX -> {
        UserId userId = (UserId) one.ids().getFirst();
        boolean isOfUser = isSameFirst && two.kind() == Kind.MESSAGE_IN_INDEX;
        assertHolds(Keys.sentBy(userId, null), two, isOfUser);
        assertHolds(Keys.sentBy(userId, sent(one)), two, isOfUser && isSentBefore(two, one));
      }
      case CONNECTION_IN_INDEX ->
          assertHolds(
              Keys.connectionsOf((UserId) one.ids().getFirst()),
              two,
              isSameFirst && two.kind() == Kind.CONNECTION_IN_INDEX);
      case USER, CHAT, CONNECTION -> {} // looked up, never listed
    }
  }

  private static SentCursor sent(Thing message) {
    return new SentCursor((Instant) message.ids().get(1), (Position) message.ids().get(2));
  }

  private static boolean isSentBefore(Thing message, Thing other) {
    int byTime = sent(message).sentAt().compareTo(sent(other).sentAt());
    return byTime == 0
        ? sent(message).position().compareTo(sent(other).position()) < 0
        : byTime < 0;
  }

  private static void assertHolds(Keys.Range range, Thing thing, boolean expected) {
    boolean isInIndex =
        switch (thing.kind()) {
          case MEMBER_IN_INDEX, MESSAGE_IN_INDEX, CONNECTION_IN_INDEX -> true;
          default -> false;
        };
    Key key = thing.key();
    boolean holds =
        range.isInIndex() == isInIndex
            && range.pk().equals(key.pk())
            && range.from().compareTo(key.sk()) <= 0
            && range.to().compareTo(key.sk()) >= 0;
    assertThat(holds).as("%s in %s", thing, range).isEqualTo(expected);
  }
}
