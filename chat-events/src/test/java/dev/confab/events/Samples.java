package dev.confab.events;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One value or more of every kind in the contract, by the name of the golden file that pins it. */
final class Samples {
  static final ChatId LOBBY = new ChatId("lobby");
  static final ChatId OTHER = new ChatId("Team_B-2");
  static final UserId ANA = new UserId("ana");
  static final UserId AUTH0 = new UserId("auth0|5f7c8ec7c33c6c004bbafe82");
  static final ClientMessageId C17 = new ClientMessageId("c-17");
  static final ConnectionId CONNECTION = new ConnectionId("L0SM9cOFvHcCIhw=");
  static final Position FIRST = position(40, 0);
  static final Position SECOND = position(42, 0);
  static final Position THIRD = position(42, 1);
  static final Instant TIME = Instant.parse("2026-11-24T02:04:05.123Z");
  static final Instant LATER = Instant.parse("2026-11-24T04:04:05Z");
  static final String TRACE = "1-67891233-abcdef012345678912345678";

  /** Quotes, a tab, a newline, letters of two, three and four bytes, and a line separator. */
  static final String ODD_TEXT = "say \"hi\" \\ tab\there\nüber 漢字 👋 \u2028 </script>";

  private Samples() {}

  /** A number as AWS gives them: 56 digits, the shard's creation time in the high ones. */
  static Position position(int last, long subSequenceNumber) {
    return Position.of(
        "495903382714902566085596925383615710959215759891365888" + last, subSequenceNumber);
  }

  static ChatEvent.MessageSent message() {
    return new ChatEvent.MessageSent(LOBBY, ANA, C17, "hello", false, TIME, TRACE);
  }

  static Map<String, ChatEvent> events() {
    Map<String, ChatEvent> events = new LinkedHashMap<>();
    events.put("message", message());
    events.put(
        "message-resend",
        new ChatEvent.MessageSent(OTHER, AUTH0, C17, ODD_TEXT, true, LATER, null));
    events.put(
        "subscribed",
        new ChatEvent.Subscribed(LOBBY, ANA, CONNECTION, 3, LATER, "r-1", TIME, TRACE));
    events.put(
        "subscribed-again",
        new ChatEvent.Subscribed(LOBBY, ANA, CONNECTION, 1, LATER, null, TIME, null));
    events.put("unsubscribed", new ChatEvent.Unsubscribed(LOBBY, ANA, CONNECTION, TIME, TRACE));
    events.put(
        "member-removed",
        new ChatEvent.MemberRemoved(LOBBY, ANA, 3, EndReason.REMOVED, TIME, TRACE));
    events.put(
        "member-left", new ChatEvent.MemberRemoved(LOBBY, ANA, 4, EndReason.LEFT, TIME, null));
    events.put("repaired", new ChatEvent.Repaired(LOBBY, SECOND));
    events.put("replay", new ChatEvent.Replay(LOBBY, SECOND, 2, bytes("{\"v\":1,broken")));
    events.put(
        "push-replay",
        new ChatEvent.PushReplay(
            LOBBY, List.of(FIRST, SECOND), List.of(CONNECTION, new ConnectionId("ab+/-_12")), 1));
    events.put("message-deleted", new ChatEvent.Reserved(LOBBY, "message-deleted"));
    events.put("typing", new ChatEvent.Reserved(LOBBY, "typing"));
    return events;
  }

  static Map<String, ClientFrame> clientFrames() {
    Map<String, ClientFrame> frames = new LinkedHashMap<>();
    frames.put("createChat", new ClientFrame.CreateChat("r-1", LOBBY, "The lobby", Access.OPEN));
    frames.put(
        "createChat-untitled", new ClientFrame.CreateChat(null, LOBBY, null, Access.MEMBERS));
    frames.put("addMember", new ClientFrame.AddMember("r-2", LOBBY, AUTH0));
    frames.put("removeMember", new ClientFrame.RemoveMember("r-3", LOBBY, AUTH0));
    frames.put("members", new ClientFrame.Members("r-4", LOBBY, null, 50));
    frames.put("members-next", new ClientFrame.Members("r-4", LOBBY, ANA, 100));
    frames.put("chats", new ClientFrame.Chats("r-5", null, 50));
    frames.put("chats-next", new ClientFrame.Chats("r-5", LOBBY, 1));
    frames.put("join", new ClientFrame.Join("r-6", LOBBY));
    frames.put("leave", new ClientFrame.Leave("r-7", LOBBY));
    frames.put("subscribe", new ClientFrame.Subscribe("r-8", List.of(LOBBY, OTHER)));
    frames.put("subscribe-all", new ClientFrame.Subscribe("r-8", List.of()));
    frames.put("sendMessage", new ClientFrame.SendMessage("r-9", LOBBY, C17, "hello", false));
    frames.put("sendMessage-again", new ClientFrame.SendMessage("r-9", LOBBY, C17, ODD_TEXT, true));
    frames.put("history", new ClientFrame.History("r-10", LOBBY, null, null, 50));
    frames.put("history-start", new ClientFrame.History("r-10", LOBBY, Cursor.start(), null, 50));
    frames.put("history-after", new ClientFrame.History("r-10", LOBBY, SECOND, null, 100));
    frames.put("history-before", new ClientFrame.History(null, LOBBY, null, SECOND, 1));
    frames.put("myMessages", new ClientFrame.MyMessages("r-11", null, 50));
    frames.put(
        "myMessages-next", new ClientFrame.MyMessages("r-11", new SentCursor(TIME, SECOND), 50));
    Map<ChatId, Cursor> cursors = new LinkedHashMap<>();
    cursors.put(LOBBY, SECOND);
    cursors.put(OTHER, Cursor.start());
    frames.put("sync", new ClientFrame.Sync("r-12", cursors));
    return frames;
  }

  static Map<String, ServerFrame> serverFrames() {
    Map<String, ServerFrame> frames = new LinkedHashMap<>();
    answers(frames);
    pushes(frames);
    return frames;
  }

  private static void answers(Map<String, ServerFrame> frames) {
    frames.put("chatCreated", new ServerFrame.ChatCreated("r-1", LOBBY, "The lobby", Access.OPEN));
    frames.put(
        "chatCreated-untitled", new ServerFrame.ChatCreated(null, LOBBY, null, Access.MEMBERS));
    frames.put("memberAdded", new ServerFrame.MemberAdded("r-2", LOBBY, AUTH0));
    frames.put("memberRemoved", new ServerFrame.MemberRemoved("r-3", LOBBY, AUTH0));
    frames.put(
        "members",
        new ServerFrame.Members(
            "r-4",
            LOBBY,
            List.of(
                new ServerFrame.Member(ANA, Role.OWNER, "Ana"),
                new ServerFrame.Member(AUTH0, Role.MEMBER, null)),
            true));
    frames.put(
        "chats",
        new ServerFrame.Chats(
            "r-5",
            List.of(
                new ServerFrame.ChatSummary(LOBBY, "The lobby", Role.OWNER, SECOND),
                new ServerFrame.ChatSummary(OTHER, null, Role.MEMBER, Cursor.start())),
            false));
    frames.put("left", new ServerFrame.Left("r-7", LOBBY));
    frames.put(
        "subscribed",
        new ServerFrame.SubscribeAccepted(
            "r-8",
            List.of(LOBBY),
            List.of(new ServerFrame.SubscribeFailed(OTHER, ErrorCode.CHAT_NOT_FOUND))));
    frames.put("sent", new ServerFrame.Sent("r-9", LOBBY, C17, SECOND));
    frames.put(
        "history",
        new ServerFrame.History(
            "r-10",
            LOBBY,
            List.of(
                new Entry.Posted(FIRST, Cursor.start(), ANA, C17, ODD_TEXT, TIME, false),
                new Entry.Parked(SECOND, FIRST, AUTH0, new ClientMessageId("c-18")),
                new Entry.Parked(THIRD, SECOND, null, null)),
            THIRD,
            true));
    frames.put(
        "history-empty", new ServerFrame.History(null, LOBBY, List.of(), Cursor.start(), false));
    frames.put(
        "myMessages",
        new ServerFrame.MyMessages(
            "r-11",
            List.of(
                new ServerFrame.OwnMessage(
                    OTHER, new Entry.Posted(SECOND, FIRST, ANA, C17, "hello", TIME, true))),
            new SentCursor(TIME, SECOND)));
    frames.put("myMessages-last", new ServerFrame.MyMessages("r-11", List.of(), null));
    frames.put(
        "synced", new ServerFrame.Synced("r-12", List.of(new ServerFrame.More(LOBBY, SECOND))));
    frames.put(
        "error",
        new ServerFrame.Failed(
            "r-13", ErrorCode.CHAT_NOT_FOUND, "there is no such chat for you", LOBBY));
    frames.put(
        "error-bare",
        new ServerFrame.Failed(null, ErrorCode.UNAVAILABLE, "try again after a pause", null));
  }

  private static void pushes(Map<String, ServerFrame> frames) {
    frames.put("joined", new ServerFrame.Joined("r-6", LOBBY, SECOND, FIRST, LATER));
    frames.put("joined-first", new ServerFrame.Joined(null, LOBBY, FIRST, Cursor.start(), LATER));
    frames.put("joined-unknown", new ServerFrame.Joined(null, LOBBY, SECOND, null, LATER));
    frames.put("unsubscribed", new ServerFrame.Unsubscribed(LOBBY, EndReason.REMOVED));
    frames.put("unsubscribed-left", new ServerFrame.Unsubscribed(LOBBY, EndReason.LEFT));
    frames.put(
        "messages",
        new ServerFrame.Messages(
            LOBBY,
            List.of(
                new Entry.Posted(SECOND, FIRST, ANA, C17, "hello", TIME, false),
                new Entry.Posted(
                    THIRD, SECOND, AUTH0, new ClientMessageId("c-18"), ODD_TEXT, LATER, true)),
            false));
    frames.put(
        "messages-unknown",
        new ServerFrame.Messages(
            LOBBY,
            List.of(new Entry.Posted(SECOND, null, ANA, C17, "hello", TIME, false)),
            false,
            120));
    frames.put(
        "messages-replayed",
        new ServerFrame.Messages(
            LOBBY, List.of(new Entry.Posted(SECOND, FIRST, ANA, C17, "hello", TIME, false)), true));
    frames.put("repaired", new ServerFrame.Repaired(LOBBY, SECOND));
  }

  static Map<String, DeadLetter> deadLetters() {
    DeadLetter.Failure malformed =
        new DeadLetter.Failure("Malformed", "text must not be empty", 1, TIME, TIME);
    DeadLetter.Failure slow =
        new DeadLetter.Failure("Slow", "429 from @connections, \"try later\"", 7, TIME, LATER);
    Map<String, DeadLetter> letters = new LinkedHashMap<>();
    letters.put(
        "record",
        new DeadLetter.RecordLetter(
            malformed,
            "shardId-000000000000",
            SECOND,
            "lobby",
            LOBBY,
            TRACE,
            0,
            new DeadLetter.Inline(bytes("{\"v\":1,\"type\":\"message\",\"chatId\":\"lobby\"}"))));
    letters.put(
        "record-misrouted",
        new DeadLetter.RecordLetter(
            malformed,
            "shardId-000000000001",
            THIRD,
            "Schlüssel",
            null,
            null,
            2,
            new DeadLetter.Inline(Bytes.of(new byte[] {(byte) 0xff, 0, 1}))));
    letters.put(
        "record-pointer",
        new DeadLetter.RecordLetter(
            malformed,
            "shardId-000000000000",
            SECOND,
            "lobby",
            null,
            null,
            0,
            new DeadLetter.Pointer(
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 1_048_577)));
    letters.put(
        "push",
        new DeadLetter.PushLetter(
            slow, "shardId-000000000000", LOBBY, List.of(FIRST, SECOND), List.of(CONNECTION), 1));
    return letters;
  }

  static Bytes bytes(String text) {
    return Bytes.of(text.getBytes(StandardCharsets.UTF_8));
  }
}
