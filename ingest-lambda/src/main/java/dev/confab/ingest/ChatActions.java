package dev.confab.ingest;

import dev.confab.events.ChatEvent;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.EndReason;
import dev.confab.events.ErrorCode;
import dev.confab.events.Role;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.table.Chats;
import dev.confab.table.Members;
import dev.confab.table.Users;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Chats and who is in them. Every membership is read from the table, consistently; none is
 * remembered. Thread-safe.
 *
 * <p>Every method throws {@link dev.confab.table.TableUnavailableException}, and those that put an
 * event {@link StreamUnavailableException}: the same frame again ends the same.
 */
final class ChatActions {
  private final Chats chats;
  private final Members members;
  private final Users users;
  private final Publisher publisher;
  private final Clock clock;

  ChatActions(Chats chats, Members members, Users users, Publisher publisher, Clock clock) {
    this.chats = chats;
    this.members = members;
    this.users = users;
    this.publisher = publisher;
    this.clock = clock;
  }

  ServerFrame createChat(ClientFrame.CreateChat frame, Caller caller) {
    var chat = new Chats.Chat(frame.chatId(), frame.title(), frame.access(), caller.userId());
    return switch (chats.create(chat)) {
      case CREATED, SAME ->
          new ServerFrame.ChatCreated(
              frame.requestId(), frame.chatId(), frame.title(), frame.access());
      case TAKEN ->
          Refusals.refused(
              frame.requestId(),
              ErrorCode.CHAT_EXISTS,
              "there is another chat of this id",
              frame.chatId());
    };
  }

  ServerFrame addMember(ClientFrame.AddMember frame, Caller caller) {
    ServerFrame refusal = ownersOnly(frame.requestId(), frame.chatId(), caller);
    if (refusal != null) {
      return refusal;
    }
    members.add(frame.chatId(), frame.userId(), Role.MEMBER);
    return new ServerFrame.MemberAdded(frame.requestId(), frame.chatId(), frame.userId());
  }

  /**
   * Marks the member removed, then says so on the stream. If that fails, or the environment dies in
   * between, the same frame again says it again, of the same generation.
   */
  ServerFrame removeMember(ClientFrame.RemoveMember frame, Caller caller) {
    ServerFrame refusal = ownersOnly(frame.requestId(), frame.chatId(), caller);
    if (refusal != null) {
      return refusal;
    }
    if (frame.userId().equals(caller.userId())) {
      return Refusals.refused(
          frame.requestId(),
          ErrorCode.INVALID_FIELD,
          "userId is your own: to leave a chat, send leave",
          frame.chatId());
    }
    return switch (members.remove(frame.chatId(), frame.userId(), caller.userId())) {
      case Members.Removal.Removed(long generation) -> {
        end(frame.chatId(), frame.userId(), generation, EndReason.REMOVED, caller);
        yield new ServerFrame.MemberRemoved(frame.requestId(), frame.chatId(), frame.userId());
      }
      case Members.Removal.NeverMember() ->
          Refusals.refused(
              frame.requestId(),
              ErrorCode.MEMBER_NOT_FOUND,
              "the user is no member of the chat",
              frame.chatId());
      case Members.Removal.NotOwner() -> Refusals.notOwner(frame.requestId(), frame.chatId());
    };
  }

  /** As {@link #removeMember}, of oneself. */
  ServerFrame leave(ClientFrame.Leave frame, Caller caller) {
    return switch (members.leave(frame.chatId(), caller.userId())) {
      case Members.Leave.Left(long generation) -> {
        end(frame.chatId(), caller.userId(), generation, EndReason.LEFT, caller);
        yield new ServerFrame.Left(frame.requestId(), frame.chatId());
      }
      case Members.Leave.NotMember() -> Refusals.chatNotFound(frame.requestId(), frame.chatId());
      case Members.Leave.LastOwner() ->
          Refusals.refused(
              frame.requestId(),
              ErrorCode.LAST_OWNER,
              "you are the last owner and others remain",
              frame.chatId());
    };
  }

  private void end(ChatId chatId, UserId userId, long generation, EndReason reason, Caller caller) {
    var removed =
        new ChatEvent.MemberRemoved(
            chatId, userId, generation, reason, clock.instant(), caller.traceId());
    if (publisher.publish(removed, caller.deadline()) instanceof Stream.Unknown(String why)) {
      throw new StreamUnavailableException(why);
    }
  }

  ServerFrame members(ClientFrame.Members frame, Caller caller) {
    ChatId chatId = frame.chatId();
    Members.Membership own = members.of(chatId, caller.userId());
    if (own == null || !own.isActive()) {
      return Refusals.chatNotFound(frame.requestId(), chatId);
    }
    List<Members.Membership> found = members.in(chatId, frame.after(), frame.limit() + 1);
    List<Members.Membership> page = Pages.first(found, frame.limit());
    Map<UserId, String> names = users.names(page.stream().map(Members.Membership::userId).toList());
    List<ServerFrame.Member> listed =
        page.stream().map(member -> member(member, names.get(member.userId()))).toList();
    List<ServerFrame.Member> fitting =
        Pages.fitting(
            listed, part -> new ServerFrame.Members(frame.requestId(), chatId, part, false));
    return new ServerFrame.Members(
        frame.requestId(), chatId, fitting, fitting.size() < found.size());
  }

  private static ServerFrame.Member member(Members.Membership member, @Nullable String name) {
    return new ServerFrame.Member(member.userId(), member.role(), name);
  }

  /** Needs no check: it asks the table for the caller's own memberships. */
  ServerFrame chats(ClientFrame.Chats frame, Caller caller) {
    List<Members.Membership> found = members.of(caller.userId(), frame.after(), frame.limit() + 1);
    List<ServerFrame.ChatSummary> listed = chats.summaries(Pages.first(found, frame.limit()));
    List<ServerFrame.ChatSummary> fitting =
        Pages.fitting(listed, part -> new ServerFrame.Chats(frame.requestId(), part, false));
    boolean hasMore = fitting.size() < listed.size() || found.size() > frame.limit();
    return new ServerFrame.Chats(frame.requestId(), fitting, hasMore);
  }

  private @Nullable ServerFrame ownersOnly(
      @Nullable String requestId, ChatId chatId, Caller caller) {
    Members.Membership own = members.of(chatId, caller.userId());
    if (own == null || !own.isActive()) {
      return Refusals.chatNotFound(requestId, chatId);
    }
    return own.role() == Role.OWNER ? null : Refusals.notOwner(requestId, chatId);
  }
}
