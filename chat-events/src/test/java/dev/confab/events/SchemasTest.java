package dev.confab.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The schemas in docs/ take what the codecs take and refuse what they refuse: every golden file,
 * and each of them with every field broken in turn.
 */
class SchemasTest {
  private static final Path DOCS = Path.of("../docs");
  private static final ObjectMapper JSON = Broken.JSON;

  /** In a letter for people; the codec reads both from the position. */
  private static final Set<String> NOT_READ = Set.of("sequenceNumber", "subSequenceNumber");

  @TestFactory
  Stream<DynamicTest> streamRecord_agreesWithTheCodec() throws IOException {
    Schema schema = schema("stream-record.schema.json");
    return golden("events")
        .map(file -> agree(file, schema, json -> isEvent(JSON.writeValueAsString(json))));
  }

  @TestFactory
  Stream<DynamicTest> deadLetter_agreesWithTheCodec() throws IOException {
    Schema schema = schema("dead-letter.schema.json");
    return golden("dead-letters")
        .map(file -> agree(file, schema, json -> isLetter(JSON.writeValueAsString(json))));
  }

  private interface Codec {
    boolean takes(JsonNode json) throws IOException;
  }

  private static DynamicTest agree(Path file, Schema schema, Codec codec) {
    return DynamicTest.dynamicTest(
        file.getFileName().toString(),
        () -> {
          ObjectNode golden = (ObjectNode) JSON.readTree(Files.readString(file));
          assertThat(schema.validate(golden)).isEmpty();
          int refused = 0;
          for (Broken broken : Broken.of(golden, NOT_READ)) {
            boolean takes = codec.takes(broken.json());
            assertThat(schema.validate(broken.json()).isEmpty())
                .as("%s: the codec %s it", broken.what(), takes ? "takes" : "refuses")
                .isEqualTo(takes);
            refused += takes ? 0 : 1;
          }
          assertThat(refused).isGreaterThanOrEqualTo(golden.size());
        });
  }

  private static boolean isEvent(String json) throws IOException {
    JsonNode chatId = JSON.readTree(json).path("chatId");
    return ChatEvents.decode(chatId.asText(), json.getBytes(StandardCharsets.UTF_8))
        instanceof Decoded.Event;
  }

  private static boolean isLetter(String json) {
    try {
      DeadLetterCodec.fromJson(json);
      return true;
    } catch (InvalidJsonException refused) {
      return false;
    }
  }

  private static Schema schema(String name) throws IOException {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(JSON.readTree(Files.readString(DOCS.resolve(name))));
  }

  private static Stream<Path> golden(String folder) throws IOException {
    try (Stream<Path> files = Files.list(GoldenFilesTest.GOLDEN.resolve(folder))) {
      return files.sorted().toList().stream();
    }
  }
}
