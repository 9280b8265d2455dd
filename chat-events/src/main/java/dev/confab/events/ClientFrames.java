package dev.confab.events;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The codec of what clients send: one JSON object a frame. */
public final class ClientFrames {
  private static final int DEFAULT_LIMIT = 50;

  private ClientFrames() {}

  /** What a frame turned out to be. */
  public sealed interface Parsed {}

  /** A frame of the protocol. */
  public record Valid(ClientFrame frame) implements Parsed {}

  /**
   * A frame to answer with an error.
   *
   * @param message for the developer of the client; names the field, holds none of its values
   * @param requestId to echo, where the frame has a valid one
   */
  public record Invalid(ErrorCode code, String message, @Nullable String requestId)
      implements Parsed {}

  /** Reads a frame. Any text gives an answer; nothing is thrown for what it holds. */
  public static Parsed parse(String text) {
    JsonObject json;
    try {
      json = JsonObject.parse(text, ClientFrame.MAX_FRAME_BYTES);
    } catch (InvalidJsonException notJson) {
      return new Invalid(ErrorCode.INVALID_FRAME, "the frame is " + notJson.getMessage(), null);
    }
    String requestId;
    try {
      requestId = requestIdOf(json);
    } catch (InvalidJsonException invalid) {
      return new Invalid(ErrorCode.INVALID_FIELD, messageOf(invalid), null);
    }
    try {
      ClientFrame frame = read(json, requestId);
      return frame == null
          ? new Invalid(ErrorCode.UNKNOWN_ACTION, "there is no such action", requestId)
          : new Valid(frame);
    } catch (InvalidJsonException | IllegalArgumentException invalid) {
      return new Invalid(ErrorCode.INVALID_FIELD, messageOf(invalid), requestId);
    }
  }

  private static @Nullable String requestIdOf(JsonObject json) throws InvalidJsonException {
    String requestId = json.optionalString("requestId");
    if (requestId != null) {
      try {
        Texts.check("requestId", requestId, ClientFrame.MAX_REQUEST_ID_BYTES);
      } catch (IllegalArgumentException invalid) {
        throw new InvalidJsonException(messageOf(invalid), invalid);
      }
    }
    return requestId;
  }

  private static @Nullable ClientFrame read(JsonObject json, @Nullable String requestId)
      throws InvalidJsonException {
    return switch (json.string("action")) {
      case "createChat" ->
          new ClientFrame.CreateChat(
              requestId,
              json.parsed("chatId", ChatId::new),
              json.optionalString("title"),
              json.parsed("access", Access::parse));
      case "addMember" ->
          new ClientFrame.AddMember(
              requestId, json.parsed("chatId", ChatId::new), json.parsed("userId", UserId::new));
      case "removeMember" ->
          new ClientFrame.RemoveMember(
              requestId, json.parsed("chatId", ChatId::new), json.parsed("userId", UserId::new));
      case "members" ->
          new ClientFrame.Members(
              requestId,
              json.parsed("chatId", ChatId::new),
              json.optionalParsed("after", UserId::new),
              limit(json));
      case "chats" ->
          new ClientFrame.Chats(requestId, json.optionalParsed("after", ChatId::new), limit(json));
      case "join" -> new ClientFrame.Join(requestId, json.parsed("chatId", ChatId::new));
      case "leave" -> new ClientFrame.Leave(requestId, json.parsed("chatId", ChatId::new));
      case "subscribe" -> new ClientFrame.Subscribe(requestId, chatIds(json));
      case "sendMessage" ->
          new ClientFrame.SendMessage(
              requestId,
              json.parsed("chatId", ChatId::new),
              json.parsed("clientMessageId", ClientMessageId::new),
              json.string("text"),
              json.flag("resend"));
      case "history" ->
          new ClientFrame.History(
              requestId,
              json.parsed("chatId", ChatId::new),
              json.optionalParsed("after", Cursor::parse),
              json.optionalParsed("before", Position::parse),
              limit(json));
      case "myMessages" ->
          new ClientFrame.MyMessages(
              requestId, json.optionalParsed("before", SentCursor::parse), limit(json));
      case "sync" -> new ClientFrame.Sync(requestId, cursors(json.object("cursors")));
      default -> null;
    };
  }

  private static int limit(JsonObject json) throws InvalidJsonException {
    long limit = json.integer("limit", DEFAULT_LIMIT);
    if (limit < 1 || limit > ClientFrame.MAX_LIMIT) {
      throw new InvalidJsonException("limit must be 1 to " + ClientFrame.MAX_LIMIT);
    }
    return (int) limit;
  }

  private static List<ChatId> chatIds(JsonObject json) throws InvalidJsonException {
    if (json.flag("all")) {
      if (json.has("chatIds")) {
        throw new InvalidJsonException("give all or chatIds, not both");
      }
      return List.of();
    }
    List<ChatId> chatIds = json.parsedList("chatIds", ChatId::new);
    if (chatIds.isEmpty()) {
      throw new InvalidJsonException("chatIds is empty; to subscribe to every chat, give all");
    }
    return chatIds.stream().distinct().toList();
  }

  private static Map<ChatId, Cursor> cursors(JsonObject json) throws InvalidJsonException {
    Map<ChatId, Cursor> cursors = new LinkedHashMap<>();
    for (String name : json.names()) {
      ChatId chatId;
      try {
        chatId = new ChatId(name);
      } catch (IllegalArgumentException notAnId) {
        throw new InvalidJsonException("cursors: " + messageOf(notAnId), notAnId);
      }
      cursors.put(chatId, json.parsed(name, Cursor::parse));
    }
    return cursors;
  }

  /** The frame, as a client sends it. */
  public static String encode(ClientFrame frame) {
    return JsonText.object(
        json -> {
          json.writeStringField("action", actionOf(frame));
          JsonText.optional(json, "requestId", frame.requestId());
          switch (frame) {
            case ClientFrame.CreateChat create -> {
              json.writeStringField("chatId", create.chatId().value());
              JsonText.optional(json, "title", create.title());
              json.writeStringField("access", create.access().wire());
            }
            case ClientFrame.AddMember add -> {
              json.writeStringField("chatId", add.chatId().value());
              json.writeStringField("userId", add.userId().value());
            }
            case ClientFrame.RemoveMember remove -> {
              json.writeStringField("chatId", remove.chatId().value());
              json.writeStringField("userId", remove.userId().value());
            }
            case ClientFrame.Members members -> {
              json.writeStringField("chatId", members.chatId().value());
              JsonText.optional(json, "after", valueOf(members.after()));
              json.writeNumberField("limit", members.limit());
            }
            case ClientFrame.Chats chats -> {
              ChatId after = chats.after();
              JsonText.optional(json, "after", after == null ? null : after.value());
              json.writeNumberField("limit", chats.limit());
            }
            case ClientFrame.Join join -> json.writeStringField("chatId", join.chatId().value());
            case ClientFrame.Leave leave -> json.writeStringField("chatId", leave.chatId().value());
            case ClientFrame.Subscribe subscribe -> {
              if (subscribe.all()) {
                json.writeBooleanField("all", true);
              } else {
                ChatEvents.writeStrings(json, "chatIds", subscribe.chatIds(), ChatId::value);
              }
            }
            case ClientFrame.SendMessage send -> {
              json.writeStringField("chatId", send.chatId().value());
              json.writeStringField("clientMessageId", send.clientMessageId().value());
              json.writeStringField("text", send.text());
              JsonText.flagged(json, "resend", send.resend());
            }
            case ClientFrame.History history -> {
              json.writeStringField("chatId", history.chatId().value());
              Cursor after = history.after();
              JsonText.optional(json, "after", after == null ? null : after.value());
              Position before = history.before();
              JsonText.optional(json, "before", before == null ? null : before.value());
              json.writeNumberField("limit", history.limit());
            }
            case ClientFrame.MyMessages mine -> {
              SentCursor before = mine.before();
              JsonText.optional(json, "before", before == null ? null : before.value());
              json.writeNumberField("limit", mine.limit());
            }
            case ClientFrame.Sync sync -> {
              json.writeObjectFieldStart("cursors");
              for (Map.Entry<ChatId, Cursor> cursor : sync.cursors().entrySet()) {
                json.writeStringField(cursor.getKey().value(), cursor.getValue().value());
              }
              json.writeEndObject();
            }
          }
        });
  }

  private static @Nullable String valueOf(@Nullable UserId userId) {
    return userId == null ? null : userId.value();
  }

  /** The frame's {@code action}, which is also the name of its route. */
  public static String actionOf(ClientFrame frame) {
    return switch (frame) {
      case ClientFrame.CreateChat _ -> "createChat";
      case ClientFrame.AddMember _ -> "addMember";
      case ClientFrame.RemoveMember _ -> "removeMember";
      case ClientFrame.Members _ -> "members";
      case ClientFrame.Chats _ -> "chats";
      case ClientFrame.Join _ -> "join";
      case ClientFrame.Leave _ -> "leave";
      case ClientFrame.Subscribe _ -> "subscribe";
      case ClientFrame.SendMessage _ -> "sendMessage";
      case ClientFrame.History _ -> "history";
      case ClientFrame.MyMessages _ -> "myMessages";
      case ClientFrame.Sync _ -> "sync";
    };
  }

  private static String messageOf(Exception invalid) {
    String message = invalid.getMessage();
    return message == null ? invalid.getClass().getSimpleName() : message;
  }
}
