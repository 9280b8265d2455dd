package dev.confab.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * docs/protocol.yaml says what the codecs do: every frame, field, error and limit, and no other.
 */
class ProtocolTest {
  private static final JsonNode PROTOCOL = read();
  private static final JsonNode MESSAGES = PROTOCOL.at("/components/messages");

  private static JsonNode read() {
    try {
      return new YAMLMapper().readTree(Files.readString(Path.of("../docs/protocol.yaml")));
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  private static Set<String> messages(String side) {
    Set<String> names = new TreeSet<>();
    for (String key : (Iterable<String>) MESSAGES::fieldNames) {
      if (key.startsWith(side)) {
        names.add(key.substring(side.length()));
      }
    }
    return names;
  }

  private static List<String> golden(String folder) throws IOException {
    try (Stream<Path> files = Files.list(GoldenFilesTest.GOLDEN.resolve(folder))) {
      return files.sorted().map(file -> read(file)).toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  private static String field(String json, String name) {
    try {
      return Broken.JSON.readTree(json).path(name).asText();
    } catch (IOException notJson) {
      throw new AssertionError(notJson);
    }
  }

  @Test
  void everyFrame_standsInIt() throws IOException {
    assertThat(messages("client."))
        .containsExactlyInAnyOrderElementsOf(
            golden("client-frames").stream()
                .map(frame -> field(frame, "action"))
                .collect(Collectors.toSet()));
    assertThat(messages("server."))
        .containsExactlyInAnyOrderElementsOf(
            golden("server-frames").stream()
                .map(frame -> field(frame, "type"))
                .collect(Collectors.toSet()));
  }

  @Test
  void everyMessage_isNamedAsItsFrameIs_andGoesOverTheSocket() {
    for (Map.Entry<String, JsonNode> message : MESSAGES.properties()) {
      boolean isClients = message.getKey().startsWith("client.");
      String name = message.getKey().substring(message.getKey().indexOf('.') + 1);
      JsonNode properties = message.getValue().at("/payload/properties");

      assertThat(message.getValue().path("name").asText()).isEqualTo(name);
      assertThat(properties.path(isClients ? "action" : "type").path("const").asText())
          .isEqualTo(name);
      assertThat(
              PROTOCOL.at("/channels/socket/messages").path(message.getKey()).path("$ref").asText())
          .isEqualTo("#/components/messages/" + message.getKey());
    }
    assertThat(PROTOCOL.at("/channels/socket/messages")).hasSameSizeAs(MESSAGES);
  }

  @Test
  void everyAction_isAnOperation_thatSaysWhatAnswersIt() {
    Map<String, JsonNode> requests = new LinkedHashMap<>();
    Set<String> told = new TreeSet<>();
    for (Map.Entry<String, JsonNode> operation : PROTOCOL.path("operations").properties()) {
      boolean isRequest = operation.getValue().path("action").asText().equals("receive");
      if (isRequest) {
        requests.put(operation.getKey(), operation.getValue());
      }
      JsonNode messages =
          isRequest
              ? operation.getValue().at("/reply/messages")
              : operation.getValue().path("messages");
      messages.forEach(message -> told.add(nameOf(message)));
    }

    assertThat(requests.keySet()).containsExactlyInAnyOrderElementsOf(messages("client."));
    requests.forEach(
        (action, operation) -> {
          assertThat(nameOf(operation.at("/messages/0"))).isEqualTo("client." + action);
          assertThat(operation.at("/reply/messages"))
              .map(ProtocolTest::nameOf)
              .contains("server.error");
        });
    assertThat(told)
        .containsExactlyInAnyOrderElementsOf(
            messages("server.").stream().map(name -> "server." + name).toList());
  }

  private static String nameOf(JsonNode reference) {
    return reference.path("$ref").asText().replace("#/channels/socket/messages/", "");
  }

  @Test
  void everyErrorCode_standsInIt_withWhatToDoNext() {
    Map<String, Boolean> documented = new LinkedHashMap<>();
    for (JsonNode code : PROTOCOL.at("/components/schemas/errorCode/oneOf")) {
      assertThat(code.path("description").asText()).as(code.path("const").asText()).contains(". ");
      documented.put(code.path("const").asText(), code.path("x-retryable").asBoolean());
    }
    assertThat(documented)
        .isEqualTo(
            Arrays.stream(ErrorCode.values())
                .collect(Collectors.toMap(ErrorCode::name, ErrorCode::isRetryable)));
  }

  @Test
  void limits_areThoseOfTheCode() {
    JsonNode limits = PROTOCOL.at("/info/x-limits");
    Map<String, Integer> ours =
        Map.of(
            "maxFrameBytes", ClientFrame.MAX_FRAME_BYTES,
            "maxTextBytes", ChatEvent.MessageSent.MAX_TEXT_BYTES,
            "maxTitleBytes", ClientFrame.CreateChat.MAX_TITLE_BYTES,
            "maxRequestIdBytes", ClientFrame.MAX_REQUEST_ID_BYTES,
            "maxLimit", ClientFrame.MAX_LIMIT,
            "maxSubscribeChats", ClientFrame.Subscribe.MAX_CHATS,
            "maxSyncChats", ClientFrame.Sync.MAX_CHATS);

    assertThat(limits).hasSize(ours.size());
    ours.forEach((name, value) -> assertThat(limits.path(name).asInt()).as(name).isEqualTo(value));
  }

  @TestFactory
  Stream<DynamicTest> clientFrames_agreeWithTheCodec() throws IOException {
    return golden("client-frames").stream()
        .map(
            frame ->
                DynamicTest.dynamicTest(
                    field(frame, "action"),
                    () ->
                        agree(
                            frame,
                            "client." + field(frame, "action"),
                            json -> ClientFrames.parse(json) instanceof ClientFrames.Valid)));
  }

  @TestFactory
  Stream<DynamicTest> serverFrames_agreeWithTheCodec() throws IOException {
    return golden("server-frames").stream()
        .map(
            frame ->
                DynamicTest.dynamicTest(
                    field(frame, "type"),
                    () -> agree(frame, "server." + field(frame, "type"), ProtocolTest::isFrame)));
  }

  private static boolean isFrame(String json) {
    try {
      ServerFrames.parse(json);
      return true;
    } catch (InvalidJsonException refused) {
      return false;
    }
  }

  private interface Codec {
    boolean takes(String json);
  }

  private static void agree(String frame, String message, Codec codec) throws IOException {
    Schema schema = schema(message);
    ObjectNode good = (ObjectNode) Broken.JSON.readTree(frame);
    assertThat(schema.validate(good)).isEmpty();
    for (Broken broken : Broken.of(good, Set.of("retryable"))) { // says what the code says already
      boolean takes = codec.takes(Broken.JSON.writeValueAsString(broken.json()));
      assertThat(schema.validate(broken.json()).isEmpty())
          .as("%s: the codec %s it", broken.what(), takes ? "takes" : "refuses")
          .isEqualTo(takes);
    }
  }

  /** A message's payload, with the document around it that it refers to. */
  private static Schema schema(String message) {
    ObjectNode payload = ((ObjectNode) MESSAGES.path(message).path("payload")).deepCopy();
    payload.set("components", PROTOCOL.path("components"));
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(payload);
  }
}
