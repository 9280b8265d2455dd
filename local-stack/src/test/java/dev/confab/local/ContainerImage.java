package dev.confab.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * An image as jib wrote it to a tar, its layers laid over each other in a folder, and run as a
 * container runtime would: its own command with its own files and only the environment that it is
 * given. The root of the file system is the one difference: what the image has at {@code /app} lies
 * in the folder, and {@code java} is this JVM's.
 */
final class ContainerImage {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path root;
  private final JsonNode config;

  private ContainerImage(Path root, JsonNode config) {
    this.root = root;
    this.config = config;
  }

  static ContainerImage unpack(Path tar, Path folder) throws Exception {
    Path parts = Files.createDirectories(folder.resolve("parts"));
    Path root = Files.createDirectories(folder.resolve("root"));
    untar(tar, parts);
    JsonNode manifest = JSON.readTree(parts.resolve("manifest.json").toFile()).path(0);
    for (JsonNode layer : manifest.path("Layers")) {
      untar(parts.resolve(layer.asText()), root);
    }
    JsonNode config = JSON.readTree(parts.resolve(manifest.path("Config").asText()).toFile());
    return new ContainerImage(root, config.path("config"));
  }

  private static void untar(Path tar, Path folder) throws Exception {
    Process process =
        new ProcessBuilder("tar", "-xf", tar.toString(), "-C", folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  String user() {
    return config.path("User").asText();
  }

  List<String> files() throws IOException {
    try (var files = Files.walk(root)) {
      return files.filter(Files::isRegularFile).map(root::relativize).map(Path::toString).toList();
    }
  }

  /**
   * Runs the image's command.
   *
   * @param environment the container's; nothing of this process's is added
   * @param log takes what it writes
   */
  Process run(Map<String, String> environment, File log) throws IOException {
    List<String> command = new ArrayList<>();
    for (JsonNode word : config.path("Entrypoint")) {
      command.add(localized(word.asText()));
    }
    assertThat(command.getFirst()).isEqualTo("java");
    command.set(0, Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(root.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log);
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** The class path lies in a file, which names /app too. */
  private String localized(String word) throws IOException {
    if (!word.startsWith("@/app/")) {
      return word;
    }
    Path file = root.resolve(word.substring("@/".length()));
    Path local = file.resolveSibling(file.getFileName() + ".local");
    Files.writeString(local, Files.readString(file).replace("/app/", root + "/app/"));
    return "@" + local;
  }
}
