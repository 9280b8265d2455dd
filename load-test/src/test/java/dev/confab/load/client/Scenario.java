package dev.confab.load.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientFrames;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Entry;
import dev.confab.events.ServerFrames;
import dev.confab.events.UserId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A scenario on the Java client: what comes in, and what has to come out. {@code scenarios/run.mjs}
 * does the same to the page's client; {@code scenarios/README.md} has the format.
 */
final class Scenario {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final String SENT_AT = "2026-11-24T02:04:05.123Z";
  private static final Pattern ALIAS = Pattern.compile("@(\\d+)");

  /** {@code @2<@1 bob/b-2}, with {@code parked} or {@code resend} after it. */
  private static final Pattern ENTRY =
      Pattern.compile("(@\\d+)<(\\S+) (\\S+)/(\\S+)( parked| resend)?");

  private final Path file;
  private final ClientCore core;
  private long now;
  private int number;

  Scenario(Path file) throws IOException {
    this.file = file;
    this.core = core(read(file));
  }

  private static JsonNode read(Path file) throws IOException {
    return JSON.readTree(Files.readString(file));
  }

  private static ClientCore core(JsonNode scenario) {
    int[] count = {0};
    return new ClientCore(
        new UserId(scenario.path("me").asText("ana")),
        scenario.path("followsAllChats").asBoolean(),
        constant(scenario.path("random").asDouble(0.5)),
        () -> new ClientMessageId("c-" + ++count[0]));
  }

  private static RandomGenerator constant(double value) {
    return new RandomGenerator() {
      @Override
      public long nextLong() {
        throw new UnsupportedOperationException("the clients draw doubles only");
      }

      @Override
      public double nextDouble() {
        return value;
      }
    };
  }

  void play() throws Exception {
    play(read(file));
    assertThat(number).isPositive();
  }

  private void play(JsonNode scenario) throws Exception {
    if (scenario.has("given")) {
      play(read(file.resolveSibling(scenario.path("given").asText() + ".json")));
    }
    for (JsonNode step : scenario.path("steps")) {
      number++;
      now = step.path("at").asLong(now);
      String what = "step " + number + " (" + step.path("do").asText() + ")";
      List<Output> out = List.of();
      for (int i = 0; i < step.path("times").asInt(1); i++) {
        out = play(numbered(step, step.path("from").asInt() + i), Instant.ofEpochMilli(now));
      }
      if (!step.path("out").isMissingNode()) {
        assertThat(texts(out)).as(what).containsExactlyElementsOf(texts(step.path("out")));
      }
      if (step.has("next")) {
        Instant next = core.nextTick();
        assertThat(next == null ? null : next.toEpochMilli())
            .as(what)
            .isEqualTo(step.path("next").isNull() ? null : step.path("next").asLong());
      }
      if (step.has("view")) {
        see(step.path("view"), what);
      }
    }
  }

  private List<Output> play(JsonNode step, Instant now) throws Exception {
    String action = step.path("do").asText();
    return switch (action) {
      case "tick" -> core.tick(now);
      case "connected" -> core.connected(now);
      case "disconnected" -> core.disconnected(step.path("code").asInt(1006), now);
      case "open" -> core.open(chatId(step), now);
      case "join" -> core.join(chatId(step), now);
      case "older" -> core.older(chatId(step), now);
      case "send" -> core.send(chatId(step), step.path("text").asText("hello"), now);
      case "request" -> core.request(id -> request(step.path("frame"), id), now);
      case "stop" -> core.stop(now);
      case "received" ->
          core.received(ServerFrames.parse(expand(step.path("frame")).toString()), now);
      default -> throw new AssertionError("no such step: " + action);
    };
  }

  private static ChatId chatId(JsonNode step) {
    return new ChatId(step.path("chatId").asText("lobby"));
  }

  private static ClientFrame request(JsonNode frame, String requestId) {
    ObjectNode made = frame.deepCopy();
    made.put("requestId", requestId);
    if (ClientFrames.parse(expand(made).toString())
        instanceof ClientFrames.Valid(ClientFrame valid)) {
      return valid;
    }
    throw new AssertionError("not a frame: " + made);
  }

  /** A step that is done many times: {@code #n} counts, {@code #p} is the number before. */
  private static JsonNode numbered(JsonNode step, int n) throws IOException {
    String text = step.toString().replace("#n", Integer.toString(n));
    return JSON.readTree(text.replace("#p", Integer.toString(n - 1)));
  }

  /** Writes out the short forms. */
  private static JsonNode expand(JsonNode frame) {
    if (frame instanceof ObjectNode object
        && object.path("messages") instanceof ArrayNode messages) {
      ArrayNode entries = JSON.createArrayNode();
      for (JsonNode message : messages) {
        entries.add(message.isTextual() ? entry(message.asText()) : message);
      }
      object = object.deepCopy();
      object.set("messages", entries);
      return aliases(object);
    }
    return aliases(frame);
  }

  private static ObjectNode entry(String shortForm) {
    Matcher parts = ENTRY.matcher(shortForm);
    assertThat(parts.matches()).as(shortForm).isTrue();
    ObjectNode entry = JSON.createObjectNode();
    entry.put("position", parts.group(1));
    entry.put("prev", parts.group(2).equals("?") ? null : parts.group(2));
    if (!parts.group(3).equals("?")) {
      entry.put("senderId", parts.group(3));
      entry.put("clientMessageId", parts.group(4));
    }
    if (" parked".equals(parts.group(5))) {
      return entry.put("parked", true);
    }
    entry.put("text", "text of " + parts.group(4)).put("sentAt", SENT_AT);
    return entry.put("resend", parts.group(5) != null);
  }

  private static JsonNode aliases(JsonNode node) {
    try {
      return JSON.readTree(
          ALIAS.matcher(node.toString()).replaceAll(alias -> position(alias.group(1))));
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** {@code @7} is the position whose sequence number is 100000007. */
  private static String position(String number) {
    return "0091%08d-00000000".formatted(Integer.valueOf(number));
  }

  private static String alias(String position) {
    return position.equals("START")
        ? position
        : "@" + Integer.valueOf(position.substring(4, position.indexOf('-')));
  }

  private void see(JsonNode expected, String what) {
    ChatView view = Objects.requireNonNull(core.view(chatId(expected)));
    if (expected.has("shown")) {
      assertThat(view.shown().stream().map(Scenario::text))
          .as(what)
          .containsExactlyElementsOf(texts(expected.path("shown")));
    }
    if (expected.has("pending")) {
      assertThat(view.pending().stream().map(one -> one.clientMessageId().value()))
          .as(what)
          .containsExactlyElementsOf(texts(expected.path("pending")));
    }
    check(expected.path("count"), view.shown().size(), what);
    check(expected.path("cursor"), alias(view.cursor().value()), what);
    check(expected.path("state"), view.state().name(), what);
    check(expected.path("hasOlder"), view.hasOlder(), what);
  }

  private static void check(JsonNode expected, Object actual, String what) {
    if (!expected.isMissingNode()) {
      assertThat(String.valueOf(actual)).as(what).isEqualTo(expected.asText());
    }
  }

  private static String text(Entry.Shown entry) {
    String parked = entry instanceof Entry.Parked ? " parked" : "";
    return alias(entry.position().value()) + parked;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    for (JsonNode one : array) {
      texts.add(one.isTextual() ? one.asText() : sorted(aliases(one)));
    }
    return texts;
  }

  private static List<String> texts(List<Output> outputs) throws IOException {
    List<String> texts = new ArrayList<>();
    for (Output output : outputs) {
      texts.add(text(output));
    }
    return texts;
  }

  private static String text(Output output) throws IOException {
    return switch (output) {
      case Output.Send(ClientFrame frame) -> sorted(JSON.readTree(ClientFrames.encode(frame)));
      case Output.Connect() -> "connect";
      case Output.Close() -> "close";
      case Output.Shown(ChatId chatId, Entry.Shown entry) -> "shown " + chatId + " " + text(entry);
      case Output.Hidden hidden ->
          "hidden " + hidden.chatId() + " " + alias(hidden.position().value());
      case Output.State state ->
          "state " + state.chatId() + " " + state.state() + because(state.why());
      case Output.Own own ->
          "own " + own.clientMessageId() + " " + own.state() + because(own.why());
      case Output.Answered answered ->
          "answered "
              + answered.requestId()
              + " "
              + JSON.readTree(ServerFrames.encode(answered.frame())).path("type").asText();
      case Output.Unanswered(String requestId) -> "unanswered " + requestId;
    };
  }

  private static String because(@Nullable String why) {
    return why == null ? "" : " " + why;
  }

  /** As text, whatever the order of the fields. */
  private static String sorted(JsonNode frame) {
    List<String> fields = new ArrayList<>();
    frame.properties().forEach(field -> fields.add(field.getKey() + "=" + field.getValue()));
    fields.sort(null);
    return fields.toString();
  }
}
