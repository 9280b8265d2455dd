package dev.confab.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2WebSocketEvent;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.nimbusds.jose.JWSAlgorithm;
import dev.confab.events.Access;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.ErrorCode;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.JsonObject;
import dev.confab.events.JsonText;
import dev.confab.events.Position;
import dev.confab.events.Role;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.table.Members;
import dev.confab.table.Messages;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever reaches the functions is answered in the terms of the protocol, and whatever an outsider
 * sends tells nothing of chats that are not theirs.
 */
class RoutesFuzzTest {
  private static final String EVE = "eve";
  private static final ChatId SECRET = new ChatId("secret");
  private static final ChatId FORMER = new ChatId("former");
  private static final String TEN_SECONDS = "+10 s";

  /** What we word ourselves. A value of the event would sooner or later bring in something else. */
  private static final Pattern OUR_WORDS = Pattern.compile("[A-Za-z0-9 ,.:;()_-]{1,200}");

  /** What API Gateway passes on to a client. */
  private static final int MAX_ANSWER_BYTES = 128 * 1024;

  static List<byte[]> events() {
    List<byte[]> seeds = new ArrayList<>();
    for (String type : List.of("CONNECT", "MESSAGE", "DISCONNECT")) {
      APIGatewayV2WebSocketEvent event = Backend.event(type, EVE);
      event.setBody("{\"action\":\"subscribe\",\"all\":true}");
      seeds.add(Backend.json(event));
      event.setBody("eyJhY3Rpb24iOiJjaGF0cyJ9");
      event.setIsBase64Encoded(true);
      seeds.add(Backend.json(event));
    }
    seeds.add(
        """
        {"methodArn":"arn","headers":{"Authorization":"Bearer a.b.c","Origin":"https://x"},
        "multiValueHeaders":{"authorization":["Bearer a.b.c"]},
        "queryStringParameters":{"token":"a.b.c"},"requestContext":{"connectionId":"c"}}
        """
            .getBytes(UTF_8));
    return seeds;
  }

  static List<byte[]> frames() {
    List<String> everyAction = new ArrayList<>();
    for (String chatId : List.of("secret", "former", "lobby", "nowhere")) {
      String chat = ",\"chatId\":\"" + chatId + "\"}";
      String after = ",\"after\":\"" + at(1).value() + "\"";
      everyAction.addAll(
          List.of(
              "{\"action\":\"history\"" + chat,
              "{\"action\":\"history\",\"after\":\"START\",\"limit\":1" + chat,
              "{\"action\":\"history\"" + after + chat,
              "{\"action\":\"members\",\"requestId\":\"r-1\"" + chat,
              "{\"action\":\"sync\",\"cursors\":{\"" + chatId + "\":\"START\"}}",
              "{\"action\":\"subscribe\",\"chatIds\":[\"" + chatId + "\",\"lobby\"]}",
              "{\"action\":\"join\"" + chat,
              "{\"action\":\"sendMessage\",\"clientMessageId\":\"c-1\",\"text\":\"hi\"" + chat,
              "{\"action\":\"createChat\",\"access\":\"open\",\"title\":\"mine\"" + chat,
              "{\"action\":\"addMember\",\"userId\":\"eve\"" + chat,
              "{\"action\":\"removeMember\",\"userId\":\"bob\"" + chat,
              "{\"action\":\"leave\"" + chat));
    }
    everyAction.add("{\"action\":\"chats\",\"limit\":1}");
    everyAction.add("{\"action\":\"chats\",\"after\":\"former\"}");
    everyAction.add("{\"action\":\"subscribe\",\"all\":true}");
    everyAction.add("{\"action\":\"myMessages\"}");
    everyAction.add("[]");
    everyAction.add(TEN_SECONDS);
    List<byte[]> seeds = new ArrayList<>();
    String send =
        "{\"action\":\"sendMessage\",\"clientMessageId\":\"c-2\",\"text\":\"hi\",\"chatId\":\"lobby\"}";
    String join = "{\"action\":\"join\",\"chatId\":\"lobby\"}";
    String leave = "{\"action\":\"leave\",\"chatId\":\"lobby\"}";
    seeds.add(
        String.join(
                "\n", join, send, leave, leave, send, TEN_SECONDS, TEN_SECONDS, TEN_SECONDS, send)
            .getBytes(UTF_8));
    seeds.add(String.join("\n", everyAction).getBytes(UTF_8));
    for (String one : everyAction) {
      seeds.add(one.getBytes(UTF_8));
    }
    return seeds;
  }

  /** The input as an event of a route, of the authorizer, and as a frame. */
  @MethodSource("events")
  @FuzzTest
  void anyEvent(byte[] input) throws InvalidJsonException {
    Backend backend = new Backend();
    JsonObject response = JsonObject.parse(backend.answer(input));
    assertThat(response.integer("statusCode")).isIn(200L, 400L, 401L, 500L);
    ServerFrame answer = Backend.frameOf(backend.answer(input));
    if (answer instanceof ServerFrame.Failed failed && hasPrincipal(input)) {
      assertThat(failed.code()).isNotIn(ErrorCode.INTERNAL, ErrorCode.UNAVAILABLE);
    }
    assertThat(policy(input)).doesNotContain("\"Allow\"");
    assertThat(refusal(() -> WebSocketEvent.parse(input))).matches(OUR_WORDS);
    assertThat(refusal(() -> AuthorizerRequest.parse(input))).matches(OUR_WORDS);
  }

  private static boolean hasPrincipal(byte[] event) throws InvalidJsonException {
    return WebSocketEvent.parse(event).principal() != null;
  }

  private interface Reading {
    Object read() throws InvalidJsonException;
  }

  private static String refusal(Reading reading) {
    try {
      return reading.read() == null ? "nothing" : "none";
    } catch (InvalidJsonException refused) {
      return String.valueOf(refused.getMessage());
    }
  }

  /** The authorizer's answer; empty for 401. */
  private static String policy(byte[] event) {
    MutableClock clock = new MutableClock(Issuer.NOW);
    AuthorizeHandler handler =
        new AuthorizeHandler(
            Issuer.config(JWSAlgorithm.RS256, Set.of("https://chat.example.com")),
            new Issuer(),
            clock);
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try {
      handler.handleRequest(new ByteArrayInputStream(event), output, new FakeContext());
    } catch (UnauthorizedException no) {
      return "";
    } catch (IOException impossibleInMemory) {
      throw new AssertionError(impossibleInMemory);
    }
    String policy = output.toString(UTF_8);
    assertThatCode(() -> JsonObject.parse(policy)).doesNotThrowAnyException();
    return policy;
  }

  /**
   * A line is a frame of an outsider, or {@link #TEN_SECONDS} that pass. Two worlds differ in
   * nothing but what is said in chats that are not the outsider's, and who is in them: if any
   * answer differs, or anything on the stream, something leaked.
   */
  @MethodSource("frames")
  @FuzzTest
  void outsider(byte[] input) {
    Backend one = world("alpha", 3, "bob");
    Backend other = world("omega", 5, "carol", "dave");
    int before = one.stream.events.size();
    Map<ChatId, Instant> mayWriteUntil = new HashMap<>();
    String[] frames = new String(input, UTF_8).split("\n", 64);
    for (String frame : frames) {
      if (frame.equals(TEN_SECONDS)) {
        one.clock.advance(Duration.ofSeconds(10));
        other.clock.advance(Duration.ofSeconds(10));
        continue;
      }
      Set<ChatId> own = chatsOfEve(one);
      String answer = answer(one, frame);
      assertThat(answer(other, frame)).as(frame).isEqualTo(answer);
      assertProtocol(answer, one);
      own.addAll(chatsOfEve(one));
      Instant now = one.clock.instant();
      own.forEach(chatId -> mayWriteUntil.put(chatId, now.plus(SendMessage.MEMBERSHIP_FOR)));
      List<ChatEvent> put = one.stream.events.subList(before, one.stream.events.size());
      assertThat(put).allSatisfy(event -> assertIsEves(event, own, mayWriteUntil, now));
      before = one.stream.events.size();
    }
    assertThat(other.stream.events).isEqualTo(one.stream.events);
    assertThat(one.table.members().of(SECRET, new UserId(EVE))).isNull();
  }

  private static String answer(Backend backend, String frame) {
    String event =
        JsonText.object(
            json -> {
              json.writeObjectFieldStart("requestContext");
              json.writeStringField("eventType", "MESSAGE");
              json.writeStringField("routeKey", "$default");
              json.writeStringField("connectionId", Backend.CONNECTION.value());
              json.writeNumberField("connectedAt", Backend.CONNECTED_AT.toEpochMilli());
              json.writeStringField("requestId", "JKJaXmPLvHcESHA=");
              json.writeObjectFieldStart("authorizer");
              json.writeStringField("userId", EVE);
              json.writeStringField(
                  "exp", Long.toString(Backend.TOKEN_EXPIRES_AT.getEpochSecond()));
              json.writeEndObject();
              json.writeEndObject();
              json.writeStringField("body", frame);
            });
    return backend.answer(event.getBytes(UTF_8));
  }

  private static void assertProtocol(String answer, Backend backend) {
    ServerFrame frame = Backend.frameOf(answer);
    assertThat(answer.getBytes(UTF_8).length).isLessThan(MAX_ANSWER_BYTES);
    if (frame instanceof ServerFrame.Failed failed) {
      assertThat(failed.code())
          .as("%s %s", answer, backend.context.log)
          .isNotIn(ErrorCode.INTERNAL, ErrorCode.UNAVAILABLE);
    }
  }

  private static void assertIsEves(
      ChatEvent event, Set<ChatId> own, Map<ChatId, Instant> mayWriteUntil, Instant now) {
    switch (event) {
      case ChatEvent.MessageSent sent -> {
        assertThat(sent.senderId().value()).isEqualTo(EVE);
        assertThat(mayWriteUntil).containsKey(sent.chatId());
        assertThat(now).isBefore(mayWriteUntil.get(sent.chatId()));
      }
      case ChatEvent.Subscribed subscribed -> {
        assertThat(own).contains(event.chatId());
        assertThat(subscribed.userId().value()).isEqualTo(EVE);
        assertThat(subscribed.connectionId()).isEqualTo(Backend.CONNECTION);
      }
      case ChatEvent.MemberRemoved removed -> {
        if (!removed.userId().value().equals(EVE)) { // who leaves again is told so again
          assertThat(own).contains(event.chatId()); // by an owner, who is in the chat
        }
      }
      default -> throw new AssertionError("no route puts " + event);
    }
  }

  private static Set<ChatId> chatsOfEve(Backend backend) {
    Set<ChatId> own = new HashSet<>();
    for (Members.Membership membership : backend.table.members().of(new UserId(EVE), null, 1000)) {
      own.add(membership.chatId());
    }
    return own;
  }

  /**
   * A chat that eve was never in, one that she was removed from, and one that is open. Names are
   * the users' own, not a chat's: who adds somebody sees theirs.
   */
  private static Backend world(String secret, int messages, String... members) {
    Backend backend = new Backend();
    for (String user : List.of("ana", "bob", "carol", "dave")) {
      backend.table.users().put(new UserId(user), "Name of " + user);
    }
    backend.chat("lobby", "open", "ana");
    for (ChatId chatId : List.of(SECRET, FORMER)) {
      backend.ask(
          "ana", new ClientFrame.CreateChat(null, chatId, "about " + secret, Access.MEMBERS));
      for (String member : members) {
        backend.table.members().add(chatId, new UserId(member), Role.MEMBER);
      }
      post(backend, chatId, 1, chatId.equals(FORMER) ? EVE : "ana", "I was here");
      for (int i = 2; i <= messages; i++) {
        post(backend, chatId, i, "ana", secret + " " + i);
      }
    }
    backend.table.members().add(FORMER, new UserId(EVE), Role.MEMBER);
    backend.ask("ana", new ClientFrame.RemoveMember(null, FORMER, new UserId(EVE)));
    return backend;
  }

  private static Position at(int sequenceNumber) {
    return Position.of(Integer.toString(sequenceNumber), 0);
  }

  private static void post(Backend backend, ChatId chatId, int number, String user, String text) {
    var posted =
        new Entry.Posted(
            at(number),
            number == 1 ? Cursor.start() : at(number - 1),
            new UserId(user),
            new ClientMessageId("c-" + number),
            text,
            Backend.NOW.plusSeconds(number),
            false);
    backend.table.messages().writeBatch(List.of(new Messages.Stored(chatId, posted)));
  }
}
