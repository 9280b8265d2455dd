package dev.confab.load.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Both clients keep the rules: the same scenarios, on the Java core and on the page's. */
class ScenariosTest {
  private static final Path SCENARIOS = Path.of("src/test/resources/scenarios");

  @TempDir Path temporary;

  private static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(SCENARIOS)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }

  private static String nameOf(Path file) {
    return file.getFileName().toString().replace(".json", "");
  }

  @Test
  void thereAreScenarios() throws IOException {
    assertThat(files()).hasSizeGreaterThan(20);
  }

  @TestFactory
  Stream<DynamicTest> java() throws IOException {
    return files().stream()
        .map(file -> DynamicTest.dynamicTest(nameOf(file), () -> new Scenario(file).play()));
  }

  @TestFactory
  Stream<DynamicTest> page() throws Exception {
    assumeTrue(hasNode(), "node is not installed: the page's client is not tested");
    Map<String, String> results = onNode();
    return files().stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    nameOf(file), () -> assertThat(results.get(nameOf(file))).isEqualTo("passed")));
  }

  private static boolean hasNode() throws InterruptedException {
    try {
      return new ProcessBuilder("node", "--version").start().waitFor() == 0;
    } catch (IOException absent) {
      return false;
    }
  }

  /** What became of each scenario, by name. */
  private Map<String, String> onNode() throws Exception {
    Path client = temporary.resolve("confab.mjs"); // the name tells node that it is a module
    try (InputStream page = getClass().getResourceAsStream("/page/confab.js")) {
      Files.write(client, Objects.requireNonNull(page).readAllBytes());
    }
    List<String> command =
        new ArrayList<>(
            List.of("node", SCENARIOS.resolve("run.mjs").toString(), client.toString()));
    files().forEach(file -> command.add(file.toString()));
    Process node = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(node.waitFor()).as(output).isZero();
    Map<String, String> results = new HashMap<>();
    for (JsonNode result : Scenario.JSON.readTree(output)) {
      results.put(result.path("name").asText(), result.path("result").asText());
    }
    return results;
  }
}
