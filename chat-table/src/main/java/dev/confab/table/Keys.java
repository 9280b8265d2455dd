package dev.confab.table;

import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Cursor;
import dev.confab.events.Position;
import dev.confab.events.SentCursor;
import dev.confab.events.Timestamps;
import dev.confab.events.UserId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Every key of the table, of its index, and every range of them that is read. Only ids and
 * positions get in, and none of them can hold the separator, so no two things share a key.
 *
 * <p>The separator also sorts below every character that an id can hold, and every character of a
 * key is ASCII: DynamoDB's order by bytes, Java's by chars and the ids' own are one.
 */
final class Keys {
  static final char SEPARATOR = '#';

  /** What sorts right behind everything that begins with a prefix and the separator. */
  private static final char BEHIND_SEPARATOR = SEPARATOR + 1;

  /** Sorts above every character that a key can hold. */
  private static final char HIGHEST = '~';

  private static final String USER = "USER" + SEPARATOR;
  private static final String CHAT = "CHAT" + SEPARATOR;
  private static final String MEMBER = "MEMBER" + SEPARATOR;
  private static final String MESSAGE = "MESSAGE" + SEPARATOR;
  private static final String CONNECTION = "CONNECTION" + SEPARATOR;
  private static final String METADATA = "METADATA";

  private Keys() {}

  static Key user(UserId userId) {
    return new Key(USER + userId.value(), METADATA);
  }

  static Key chat(ChatId chatId) {
    return new Key(CHAT + chatId.value(), METADATA);
  }

  static Key member(ChatId chatId, UserId userId) {
    return new Key(CHAT + chatId.value(), MEMBER + userId.value());
  }

  static Key message(ChatId chatId, Position position) {
    return new Key(CHAT + chatId.value(), MESSAGE + position.value());
  }

  static Key subscription(ChatId chatId, ConnectionId connectionId) {
    return new Key(CHAT + chatId.value(), CONNECTION + connectionId.value());
  }

  static Key connection(ConnectionId connectionId) {
    return new Key(CONNECTION + connectionId.value(), METADATA);
  }

  /** A membership's key in the index. */
  static Key memberInIndex(UserId userId, ChatId chatId) {
    return new Key(USER + userId.value(), CHAT + chatId.value());
  }

  /** A message's key in the index. */
  static Key messageInIndex(UserId senderId, Instant sentAt, Position position) {
    return new Key(USER + senderId.value(), sent(sentAt, position));
  }

  /** A connection's key in the index. */
  static Key connectionInIndex(UserId userId, ConnectionId connectionId) {
    return new Key(USER + userId.value(), CONNECTION + connectionId.value());
  }

  private static String sent(Instant sentAt, Position position) {
    return MESSAGE + Timestamps.format(sentAt) + SEPARATOR + position.value();
  }

  /**
   * Neighbouring keys of one partition, in the table or in its index.
   *
   * @param from the lowest sort key, inclusive
   * @param to the highest, inclusive
   */
  record Range(boolean isInIndex, String pk, String from, String to) {}

  static Range messagesAfter(ChatId chatId, Cursor after) {
    String from =
        switch (after) {
          case Cursor.Start _ -> MESSAGE;
          case Position position -> justAbove(MESSAGE + position.value());
        };
    return new Range(false, CHAT + chatId.value(), from, end(MESSAGE));
  }

  static Range messagesBefore(ChatId chatId, @Nullable Position before) {
    String to = before == null ? end(MESSAGE) : justBelow(MESSAGE + before.value());
    return new Range(false, CHAT + chatId.value(), MESSAGE, to);
  }

  static Range messagesUpTo(ChatId chatId, Position upTo) {
    return new Range(false, CHAT + chatId.value(), MESSAGE, MESSAGE + upTo.value());
  }

  static Range members(ChatId chatId, @Nullable UserId after) {
    String from = after == null ? MEMBER : justAbove(MEMBER + after.value());
    return new Range(false, CHAT + chatId.value(), from, end(MEMBER));
  }

  static Range subscriptions(ChatId chatId) {
    return new Range(false, CHAT + chatId.value(), CONNECTION, end(CONNECTION));
  }

  static Range sentBy(UserId senderId, @Nullable SentCursor before) {
    String to = before == null ? end(MESSAGE) : justBelow(sent(before.sentAt(), before.position()));
    return new Range(true, USER + senderId.value(), MESSAGE, to);
  }

  static Range chatsOf(UserId userId, @Nullable ChatId after) {
    String from = after == null ? CHAT : justAbove(CHAT + after.value());
    return new Range(true, USER + userId.value(), from, end(CHAT));
  }

  static Range connectionsOf(UserId userId) {
    return new Range(true, USER + userId.value(), CONNECTION, end(CONNECTION));
  }

  private static String end(String prefix) {
    return prefix.substring(0, prefix.length() - 1) + BEHIND_SEPARATOR;
  }

  /** Below every longer key of the same shape too: {@code a#} lies below {@code a-}. */
  private static String justAbove(String key) {
    return key + SEPARATOR;
  }

  /**
   * Only for keys that end in a position: none of them is the beginning of another, and each ends
   * in a digit.
   */
  private static String justBelow(String key) {
    int last = key.length() - 1;
    return key.substring(0, last) + (char) (key.charAt(last) - 1) + HIGHEST;
  }

  /** The chat that an item with this key belongs to. */
  static ChatId chatIdOf(Key key) {
    return new ChatId(idOf(CHAT, key.pk()));
  }

  static Position positionOf(Key message) {
    return Position.parse(idOf(MESSAGE, message.sk()));
  }

  static UserId memberOf(Key member) {
    return new UserId(idOf(MEMBER, member.sk()));
  }

  static ConnectionId subscriberOf(Key subscription) {
    return new ConnectionId(idOf(CONNECTION, subscription.sk()));
  }

  static ConnectionId connectionOf(Key connection) {
    return new ConnectionId(idOf(CONNECTION, connection.pk()));
  }

  static UserId userOf(Key user) {
    return new UserId(idOf(USER, user.pk()));
  }

  private static String idOf(String prefix, String part) {
    if (!part.startsWith(prefix)) {
      throw new IllegalStateException("a key that should begin with " + prefix + ": " + part);
    }
    return part.substring(prefix.length());
  }
}
