package dev.confab.events;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The codec of what clients are told: one JSON object a frame. */
public final class ServerFrames {
  private ServerFrames() {}

  /** The frame, as it is sent. */
  public static String encode(ServerFrame frame) {
    return JsonText.object(
        json -> {
          json.writeStringField("type", typeOf(frame));
          writeFields(json, frame);
        });
  }

  private static String typeOf(ServerFrame frame) {
    return switch (frame) {
      case ServerFrame.ChatCreated _ -> "chatCreated";
      case ServerFrame.MemberAdded _ -> "memberAdded";
      case ServerFrame.MemberRemoved _ -> "memberRemoved";
      case ServerFrame.Members _ -> "members";
      case ServerFrame.Chats _ -> "chats";
      case ServerFrame.Joined _ -> "joined";
      case ServerFrame.Left _ -> "left";
      case ServerFrame.SubscribeAccepted _ -> "subscribed";
      case ServerFrame.Unsubscribed _ -> "unsubscribed";
      case ServerFrame.Sent _ -> "sent";
      case ServerFrame.History _ -> "history";
      case ServerFrame.MyMessages _ -> "myMessages";
      case ServerFrame.Synced _ -> "synced";
      case ServerFrame.Messages _ -> "messages";
      case ServerFrame.Repaired _ -> "repaired";
      case ServerFrame.Failed _ -> "error";
    };
  }

  private static void writeFields(JsonGenerator json, ServerFrame frame) throws IOException {
    switch (frame) {
      case ServerFrame.ChatCreated created -> {
        answer(json, created.requestId(), created.chatId());
        JsonText.optional(json, "title", created.title());
        json.writeStringField("access", created.access().wire());
      }
      case ServerFrame.MemberAdded added -> {
        answer(json, added.requestId(), added.chatId());
        json.writeStringField("userId", added.userId().value());
      }
      case ServerFrame.MemberRemoved removed -> {
        answer(json, removed.requestId(), removed.chatId());
        json.writeStringField("userId", removed.userId().value());
      }
      case ServerFrame.Members members -> {
        answer(json, members.requestId(), members.chatId());
        json.writeArrayFieldStart("members");
        for (ServerFrame.Member member : members.members()) {
          json.writeStartObject();
          json.writeStringField("userId", member.userId().value());
          json.writeStringField("role", member.role().wire());
          JsonText.optional(json, "name", member.name());
          json.writeEndObject();
        }
        json.writeEndArray();
        json.writeBooleanField("hasMore", members.hasMore());
      }
      case ServerFrame.Chats chats -> {
        JsonText.optional(json, "requestId", chats.requestId());
        json.writeArrayFieldStart("chats");
        for (ServerFrame.ChatSummary chat : chats.chats()) {
          json.writeStartObject();
          json.writeStringField("chatId", chat.chatId().value());
          JsonText.optional(json, "title", chat.title());
          json.writeStringField("role", chat.role().wire());
          json.writeStringField("newest", chat.newest().value());
          json.writeEndObject();
        }
        json.writeEndArray();
        json.writeBooleanField("hasMore", chats.hasMore());
      }
      case ServerFrame.Joined joined -> {
        answer(json, joined.requestId(), joined.chatId());
        json.writeStringField("position", joined.position().value());
        prev(json, joined.prev());
        json.writeStringField("expiresAt", Timestamps.format(joined.expiresAt()));
      }
      case ServerFrame.Left left -> answer(json, left.requestId(), left.chatId());
      case ServerFrame.SubscribeAccepted accepted -> writeAccepted(json, accepted);
      case ServerFrame.Unsubscribed unsubscribed -> {
        json.writeStringField("chatId", unsubscribed.chatId().value());
        json.writeStringField("reason", unsubscribed.reason().wire());
      }
      case ServerFrame.Sent sent -> {
        answer(json, sent.requestId(), sent.chatId());
        json.writeStringField("clientMessageId", sent.clientMessageId().value());
        json.writeStringField("position", sent.position().value());
      }
      case ServerFrame.History history -> {
        answer(json, history.requestId(), history.chatId());
        json.writeArrayFieldStart("messages");
        for (Entry.Shown message : history.messages()) {
          json.writeStartObject();
          switch (message) {
            case Entry.Posted posted -> writePosted(json, posted);
            case Entry.Parked parked -> writeParked(json, parked);
          }
          json.writeEndObject();
        }
        json.writeEndArray();
        json.writeStringField("through", history.through().value());
        json.writeBooleanField("hasMore", history.hasMore());
      }
      case ServerFrame.MyMessages mine -> {
        JsonText.optional(json, "requestId", mine.requestId());
        json.writeArrayFieldStart("messages");
        for (ServerFrame.OwnMessage own : mine.messages()) {
          json.writeStartObject();
          json.writeStringField("chatId", own.chatId().value());
          writePosted(json, own.message());
          json.writeEndObject();
        }
        json.writeEndArray();
        SentCursor before = mine.before();
        JsonText.optional(json, "before", before == null ? null : before.value());
      }
      case ServerFrame.Synced synced -> {
        JsonText.optional(json, "requestId", synced.requestId());
        json.writeArrayFieldStart("chats");
        for (ServerFrame.More more : synced.chats()) {
          json.writeStartObject();
          json.writeStringField("chatId", more.chatId().value());
          json.writeStringField("newest", more.newest().value());
          json.writeEndObject();
        }
        json.writeEndArray();
      }
      case ServerFrame.Messages messages -> {
        json.writeStringField("chatId", messages.chatId().value());
        json.writeArrayFieldStart("messages");
        for (Entry.Posted posted : messages.messages()) {
          json.writeStartObject();
          writePosted(json, posted);
          json.writeEndObject();
        }
        json.writeEndArray();
        JsonText.flagged(json, "replayed", messages.replayed());
        if (messages.askWithinMillis() > 0) {
          json.writeNumberField("askWithinMillis", messages.askWithinMillis());
        }
      }
      case ServerFrame.Repaired repaired -> {
        json.writeStringField("chatId", repaired.chatId().value());
        json.writeStringField("position", repaired.position().value());
      }
      case ServerFrame.Failed failed -> {
        json.writeStringField("code", failed.code().name());
        json.writeStringField("message", failed.message());
        json.writeBooleanField("retryable", failed.code().isRetryable());
        JsonText.optional(json, "requestId", failed.requestId());
        ChatId chatId = failed.chatId();
        JsonText.optional(json, "chatId", chatId == null ? null : chatId.value());
      }
    }
  }

  private static void answer(JsonGenerator json, @Nullable String requestId, ChatId chatId)
      throws IOException {
    JsonText.optional(json, "requestId", requestId);
    json.writeStringField("chatId", chatId.value());
  }

  private static void writeAccepted(JsonGenerator json, ServerFrame.SubscribeAccepted accepted)
      throws IOException {
    JsonText.optional(json, "requestId", accepted.requestId());
    ChatEvents.writeStrings(json, "chatIds", accepted.chatIds(), ChatId::value);
    json.writeArrayFieldStart("failed");
    for (ServerFrame.SubscribeFailed failed : accepted.failed()) {
      json.writeStartObject();
      json.writeStringField("chatId", failed.chatId().value());
      json.writeStringField("code", failed.code().name());
      json.writeBooleanField("retryable", failed.code().isRetryable());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writePosted(JsonGenerator json, Entry.Posted posted) throws IOException {
    json.writeStringField("position", posted.position().value());
    prev(json, posted.prev());
    json.writeStringField("senderId", posted.senderId().value());
    json.writeStringField("clientMessageId", posted.clientMessageId().value());
    json.writeStringField("text", posted.text());
    json.writeStringField("sentAt", Timestamps.format(posted.sentAt()));
    json.writeBooleanField("resend", posted.resend());
  }

  private static void writeParked(JsonGenerator json, Entry.Parked parked) throws IOException {
    json.writeStringField("position", parked.position().value());
    prev(json, parked.prev());
    UserId senderId = parked.senderId();
    JsonText.optional(json, "senderId", senderId == null ? null : senderId.value());
    ClientMessageId id = parked.clientMessageId();
    JsonText.optional(json, "clientMessageId", id == null ? null : id.value());
    json.writeBooleanField("parked", true);
  }

  private static void prev(JsonGenerator json, @Nullable Cursor prev) throws IOException {
    json.writeStringField("prev", prev == null ? null : prev.value());
  }

  /**
   * Reads a frame, for a client.
   *
   * @throws InvalidJsonException if it is no frame of the protocol
   */
  public static ServerFrame parse(String text) throws InvalidJsonException {
    JsonObject json = JsonObject.parse(text);
    try {
      return read(json, json.optionalString("requestId"));
    } catch (IllegalArgumentException outOfRange) {
      throw new InvalidJsonException(String.valueOf(outOfRange.getMessage()), outOfRange);
    }
  }

  private static ServerFrame read(JsonObject json, @Nullable String requestId)
      throws InvalidJsonException {
    String type = json.string("type");
    return switch (type) {
      case "chatCreated" ->
          new ServerFrame.ChatCreated(
              requestId,
              chatId(json),
              json.optionalString("title"),
              json.parsed("access", Access::parse));
      case "memberAdded" -> new ServerFrame.MemberAdded(requestId, chatId(json), userId(json));
      case "memberRemoved" -> new ServerFrame.MemberRemoved(requestId, chatId(json), userId(json));
      case "members" -> readMembers(json, requestId);
      case "chats" -> readChats(json, requestId);
      case "joined" ->
          new ServerFrame.Joined(
              requestId,
              chatId(json),
              position(json, "position"),
              json.optionalParsed("prev", Cursor::parse),
              json.parsed("expiresAt", Timestamps::parse));
      case "left" -> new ServerFrame.Left(requestId, chatId(json));
      case "subscribed" -> readAccepted(json, requestId);
      case "unsubscribed" ->
          new ServerFrame.Unsubscribed(chatId(json), json.parsed("reason", EndReason::parse));
      case "sent" ->
          new ServerFrame.Sent(
              requestId,
              chatId(json),
              json.parsed("clientMessageId", ClientMessageId::new),
              position(json, "position"));
      case "history" -> readHistory(json, requestId);
      case "myMessages" -> readMyMessages(json, requestId);
      case "synced" -> readSynced(json, requestId);
      case "messages" -> readMessages(json);
      case "repaired" -> new ServerFrame.Repaired(chatId(json), position(json, "position"));
      case "error" ->
          new ServerFrame.Failed(
              requestId,
              json.parsed("code", ErrorCode::parse),
              json.string("message"),
              json.optionalParsed("chatId", ChatId::new));
      default -> throw new InvalidJsonException("there is no frame of this type");
    };
  }

  private static ChatId chatId(JsonObject json) throws InvalidJsonException {
    return json.parsed("chatId", ChatId::new);
  }

  private static UserId userId(JsonObject json) throws InvalidJsonException {
    return json.parsed("userId", UserId::new);
  }

  private static Position position(JsonObject json, String name) throws InvalidJsonException {
    return json.parsed(name, Position::parse);
  }

  private static ServerFrame readMembers(JsonObject json, @Nullable String requestId)
      throws InvalidJsonException {
    List<ServerFrame.Member> members = new ArrayList<>();
    for (JsonObject member : json.objects("members")) {
      members.add(
          new ServerFrame.Member(
              userId(member), member.parsed("role", Role::parse), member.optionalString("name")));
    }
    return new ServerFrame.Members(requestId, chatId(json), members, json.flag("hasMore"));
  }

  private static ServerFrame readChats(JsonObject json, @Nullable String requestId)
      throws InvalidJsonException {
    List<ServerFrame.ChatSummary> chats = new ArrayList<>();
    for (JsonObject chat : json.objects("chats")) {
      chats.add(
          new ServerFrame.ChatSummary(
              chatId(chat),
              chat.optionalString("title"),
              chat.parsed("role", Role::parse),
              chat.parsed("newest", Cursor::parse)));
    }
    return new ServerFrame.Chats(requestId, chats, json.flag("hasMore"));
  }

  private static ServerFrame readAccepted(JsonObject json, @Nullable String requestId)
      throws InvalidJsonException {
    List<ServerFrame.SubscribeFailed> failed = new ArrayList<>();
    for (JsonObject refused : json.objects("failed")) {
      failed.add(
          new ServerFrame.SubscribeFailed(
              chatId(refused), refused.parsed("code", ErrorCode::parse)));
    }
    return new ServerFrame.SubscribeAccepted(
        requestId, json.parsedList("chatIds", ChatId::new), failed);
  }

  private static ServerFrame readHistory(JsonObject json, @Nullable String requestId)
      throws InvalidJsonException {
    List<Entry.Shown> messages = new ArrayList<>();
    for (JsonObject message : json.objects("messages")) {
      messages.add(message.flag("parked") ? readParked(message) : readPosted(message));
    }
    return new ServerFrame.History(
        requestId,
        chatId(json),
        messages,
        json.parsed("through", Cursor::parse),
        json.flag("hasMore"));
  }

  private static ServerFrame readMyMessages(JsonObject json, @Nullable String requestId)
      throws InvalidJsonException {
    List<ServerFrame.OwnMessage> messages = new ArrayList<>();
    for (JsonObject message : json.objects("messages")) {
      messages.add(new ServerFrame.OwnMessage(chatId(message), readPosted(message)));
    }
    return new ServerFrame.MyMessages(
        requestId, messages, json.optionalParsed("before", SentCursor::parse));
  }

  private static ServerFrame readSynced(JsonObject json, @Nullable String requestId)
      throws InvalidJsonException {
    List<ServerFrame.More> chats = new ArrayList<>();
    for (JsonObject more : json.objects("chats")) {
      chats.add(new ServerFrame.More(chatId(more), position(more, "newest")));
    }
    return new ServerFrame.Synced(requestId, chats);
  }

  private static ServerFrame readMessages(JsonObject json) throws InvalidJsonException {
    List<Entry.Posted> messages = new ArrayList<>();
    for (JsonObject message : json.objects("messages")) {
      messages.add(readPosted(message));
    }
    return new ServerFrame.Messages(
        chatId(json), messages, json.flag("replayed"), json.count("askWithinMillis", 0));
  }

  private static Entry.Posted readPosted(JsonObject json) throws InvalidJsonException {
    return new Entry.Posted(
        position(json, "position"),
        json.optionalParsed("prev", Cursor::parse),
        json.parsed("senderId", UserId::new),
        json.parsed("clientMessageId", ClientMessageId::new),
        json.string("text"),
        json.parsed("sentAt", Timestamps::parse),
        json.flag("resend"));
  }

  private static Entry.Parked readParked(JsonObject json) throws InvalidJsonException {
    return new Entry.Parked(
        position(json, "position"),
        json.optionalParsed("prev", Cursor::parse),
        json.optionalParsed("senderId", UserId::new),
        json.optionalParsed("clientMessageId", ClientMessageId::new));
  }
}
