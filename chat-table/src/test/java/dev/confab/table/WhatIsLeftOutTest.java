package dev.confab.table;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What no class here may call: it would be slow on a message's path, or in a cold start. */
class WhatIsLeftOutTest {
  private static final List<String> LEFT_OUT =
      List.of(
          "ScanRequest",
          "ScanIterable",
          "dynamodb/enhanced",
          "jackson/databind",
          "java/lang/reflect",
          "java/lang/Thread",
          "java/time/Clock");

  @Test
  void noClassNamesIt() throws IOException, URISyntaxException {
    Path classes =
        Path.of(TableClient.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    int looked = 0;
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
        String constants = Files.readString(file, ISO_8859_1);
        assertThat(LEFT_OUT).as("named by %s", file).noneMatch(constants::contains);
        looked++;
      }
    }
    assertThat(looked).isGreaterThan(20);
  }
}
